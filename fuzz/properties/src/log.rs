//! Logs of any bytes, through the complete check.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use cardsavr_cli::commands::redact::{Pseudonyms, Redactor};
use cardsavr_cli::input::pieces::{self, Source};
use cardsavr_cli::input::records::Records;
use cardsavr_cli::pipeline::entries::Reading;
use cardsavr_cli::pipeline::judge::Judge;
use cardsavr_cli::pipeline::log;
use cardsavr_cli::pipeline::output::Output;
use cardsavr_cli::report::{Human, Json, JsonLines, Shown};
use cardsavr_protocol::conformance::{Checker, Finding, Position, ReportInput, Rule, Summary, Totals};
use cardsavr_protocol::wire::{EventRef, JobId};
use serde_json::Value;

/// The name of the log in the reports.
const FILE: &str = "fuzzed.log";

/// The pointers to the messages and the times of records.
const POINTERS: [Option<&str>; 4] = [None, Some(""), Some("/payload"), Some("/0/message")];

/// The numbers of threads.
const THREADS: [usize; 4] = [1, 2, 3, 7];

/// Three bytes that select how to read (see `how_to_read`), then the log. The findings are ordered by position, the counts
/// agree with them, each format of the report is valid, the buffered part of the log is bounded, and the result doesn't
/// depend on the pieces of the log and the number of threads. The redacted copy has the same findings.
pub fn log(bytes: &[u8]) {
    let Some((&[cap, piece, pointers], bytes)) = bytes.split_first_chunk() else { return };
    let (reading, piece) = how_to_read(cap, piece, pointers);
    let max_record_bytes = reading.max_record_bytes;

    let whole = checked(&reading, bytes);
    assert_copied(&reading, &whole, bytes);
    assert_eq!(checked(&reading, Pieces { bytes, size: piece }), whole, "in reads of {piece}");
    let threads = THREADS.get(usize::from(pointers >> 4 & 3)).copied().unwrap_or(1);
    let sources: [Box<dyn Source>; 2] = [
        Box::new(pieces::Pieces::new(bytes, piece)),
        Box::new(pieces::FilePieces::new(io::Cursor::new(bytes.to_owned()), piece)),
    ];
    for source in sources {
        let pieces = checked_in_pieces(&reading, source, threads);
        assert_eq!(pieces, whole, "in pieces of {piece} on {threads} threads");
    }

    let is_too_deep = |finding: &Finding| finding.message().contains("nested too deeply");
    let is_plain = reading.message.is_none() && reading.time.is_none();
    if is_plain && !whole.findings.iter().any(is_too_deep) {
        // A pointer to the complete record only disables the fast path, and changes where in an array the pointer of an
        // error begins and from where the depth of a message is counted.
        let message = Some("".parse().expect("it is one"));
        let long = checked(&Reading { message, ..reading }, bytes);
        assert_eq!((&long.totals, &long.input, &long.at_end), (&whole.totals, &whole.input, &whole.at_end));
        let told = |checked: &Checked| {
            let findings = checked.findings.iter().cloned();
            findings.map(|finding| (finding.rule, finding.position, finding.job_id)).collect::<Vec<_>>()
        };
        assert_eq!(told(&long), told(&whole), "the general decoder");
    }

    assert_in_order(&whole, bytes);
    assert_counts(&whole);
    assert_reports(&whole);
    assert_memory(bytes, piece, max_record_bytes);
}

/// The maximum size of a record, from zero to a kilobyte or the default; the size of the pieces of the log; and the
/// pointers.
fn how_to_read(cap: u8, piece: u8, pointers: u8) -> (Reading, usize) {
    let pointer = |which: u8| {
        let text = POINTERS.get(usize::from(which)).copied().flatten();
        text.map(|text| text.parse().expect("it is one"))
    };
    let max_record_bytes = if cap == u8::MAX { 16 << 20 } else { usize::from(cap) * 4 };
    let reading = Reading {
        message: pointer(pointers & 3),
        time: pointer(pointers >> 2 & 3),
        max_record_bytes,
        ..Reading::default()
    };
    (reading, usize::from(piece) + 1)
}

/// A log in small pieces.
struct Pieces<'b> {
    bytes: &'b [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.bytes.by_ref().take(size as u64).read(buffer)
    }
}

/// The results of a check.
#[derive(Debug, PartialEq)]
struct Checked {
    /// The findings on the records, then those at the end of the log.
    findings: Vec<Finding>,
    at_end: Vec<Finding>,
    input: ReportInput,
    totals: Totals,
    human: String,
    json: String,
    jsonl: String,
}

/// An output that keeps the findings, and prints them in each format.
struct Kept<'t> {
    findings: Vec<Finding>,
    human: Human<&'t mut Vec<u8>>,
    json: Json<&'t mut Vec<u8>>,
    jsonl: JsonLines<&'t mut Vec<u8>>,
}

impl Output for Kept<'_> {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        self.human.observe(event);
    }

    fn finding(&mut self, finding: &Finding, file: &str, text: Option<&str>) -> io::Result<()> {
        self.findings.push(finding.clone());
        self.human.finding(finding, file, text)?;
        self.json.finding(finding, file, text)?;
        self.jsonl.finding(finding, file, text)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.human.finish(summary)?;
        self.json.finish(summary)?;
        self.jsonl.finish(summary)
    }
}

fn checked(reading: &Reading, input: impl Read) -> Checked {
    checked_in_pieces(reading, pieces::Pieces::of_file(input, pieces::SIZE), 1)
}

fn checked_in_pieces(reading: &Reading, source: impl Source, threads: usize) -> Checked {
    let (mut human, mut json, mut jsonl) = (Vec::new(), Vec::new(), Vec::new());
    let mut output = Kept {
        findings: Vec::new(),
        human: Human::new(&mut human, Shown::All),
        json: Json::new(&mut json),
        jsonl: JsonLines::new(&mut jsonl),
    };
    let mut checker = Checker::default();
    let mut judge = Judge::new(&mut checker, &mut output).on_threads(threads);
    let Ok(input) = log::check_pieces(reading, source, FILE, 0, &mut judge) else {
        panic!("neither the input nor the output fails")
    };
    drop(judge);
    let mut at_end = Vec::new();
    let totals = checker.finish(&mut at_end);
    for finding in &at_end {
        output.finding(finding, FILE, None).expect("a vector takes anything");
    }
    let summary = Summary::new(vec![input.clone()], totals.clone());
    output.finish(&summary).expect("a vector takes anything");

    let mut findings = std::mem::take(&mut output.findings);
    drop(output);
    findings.truncate(findings.len() - at_end.len());
    let text = |bytes| String::from_utf8(bytes).expect("a report is text");
    Checked { findings, at_end, input, totals, human: text(human), json: text(json), jsonl: text(jsonl) }
}

/// A check has the same findings in the redacted copy, on the same lines, of the same jobs. A job whose id is a text has
/// a pseudonym of its own.
fn assert_copied(reading: &Reading, whole: &Checked, bytes: &[u8]) {
    if reading.max_record_bytes == 0 {
        // With a maximum of 0 no record is decoded, so a log that ends inside an array is not malformed.
        return;
    }
    let pseudonyms = Pseudonyms::new(b"key");
    let mut copy = Vec::new();
    let copied = Redactor::new(reading, &pseudonyms).copy(bytes, &mut copy);
    assert!(copied.is_ok(), "neither the log nor its copy fails");
    let shown = || String::from_utf8_lossy(&copy);
    let copied = checked(reading, &*copy);

    let told = |checked: &Checked| {
        let findings = checked.findings.iter().chain(&checked.at_end);
        let told = findings.map(|finding| {
            let number = finding.job_id.as_ref().and_then(JobId::number);
            (finding.rule, finding.position.line, finding.job_id.is_some(), number)
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(&copied), told(whole), "{}", shown());
    let jobs = |checked: &Checked| {
        let findings = checked.findings.iter().chain(&checked.at_end);
        let mut first_seen = BTreeMap::new();
        let mut order = Vec::new();
        for job in findings.filter_map(|finding| finding.job_id.clone()) {
            let next = first_seen.len();
            order.push(*first_seen.entry(job).or_insert(next));
        }
        order
    };
    assert_eq!(jobs(&copied), jobs(whole), "{}", shown());
    assert_eq!((copied.totals.jobs, copied.totals.messages), (whole.totals.jobs, whole.totals.messages));
    assert_eq!(copied.totals.terminations, whole.totals.terminations);
}

/// The findings on records are ordered by position, and each position is in the log.
fn assert_in_order(checked: &Checked, bytes: &[u8]) {
    let positions: Vec<Position> = checked.findings.iter().map(|finding| finding.position).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    for finding in checked.findings.iter().chain(&checked.at_end) {
        let Position { input, line, column } = finding.position;
        let line = usize::try_from(line - 1).ok().and_then(|line| lines.get(line));
        // If a log ends in the middle of a record, the position is one byte after the last.
        let is_inside = line.is_some_and(|line| (1..=line.len() as u64 + 1).contains(&column));
        assert!(input == 0 && is_inside, "{finding:?}");
    }
}

fn assert_counts(checked: &Checked) {
    let Checked { findings, at_end, input, totals, .. } = checked;
    let all = || findings.iter().chain(at_end);
    assert_eq!(totals.rules, count(all().map(|finding| finding.rule)));
    let severities = totals.severities.clone().into_iter().filter(|(_, findings)| *findings > 0).collect();
    assert_eq!(count(all().map(|finding| finding.severity)), severities);

    assert!(at_end.iter().all(|finding| finding.rule == Rule::UnterminatedJob), "{at_end:?}");
    let unterminated: BTreeSet<_> = at_end.iter().map(|finding| finding.job_id.as_ref()).collect();
    assert_eq!(unterminated.len() as u64, totals.unterminated, "each job once");
    let ended: u64 = totals.terminations.values().sum();
    // A job can also end with an unknown termination type.
    assert!(ended + totals.unterminated <= totals.jobs, "{totals:?}");
    assert!(totals.jobs <= totals.messages, "{totals:?}");
    let unknown = &totals.unknown;
    for words in [&unknown.statuses, &unknown.termination_types, &unknown.message_types] {
        assert!(words.values().sum::<u64>() <= totals.messages, "{totals:?}");
    }
    // Each record has a message or a finding, except empty arrays and similar ones.
    assert!(totals.messages == 0 || input.records > 0, "{totals:?}");
}

fn count<T: Ord>(things: impl Iterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    things.for_each(|thing| *counts.entry(thing).or_default() += 1);
    counts
}

/// The documents are valid JSON and equivalent; the human-readable text has no control characters except for colours.
fn assert_reports(checked: &Checked) {
    let count = checked.findings.len() + checked.at_end.len();
    let mut lines: Vec<Value> = checked
        .jsonl
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let summary = lines.pop().expect("it is the last line");
    assert_eq!(lines.len(), count);
    let mut document: Value = serde_json::from_str(&checked.json).expect("it is one document");
    let findings = document.as_object_mut().and_then(|document| document.remove("findings"));
    assert_eq!(findings, Some(Value::Array(lines)));
    assert_eq!(document, summary);

    let mut human = checked.human.chars();
    while let Some(char) = human.next() {
        match char {
            '\u{1b}' => {
                let sequence: String = human.by_ref().take_while(|char| *char != 'm').collect();
                let is_style = |char: char| char.is_ascii_digit() || char == ';';
                assert!(
                    sequence.strip_prefix('[').is_some_and(|style| style.chars().all(is_style)),
                    "{sequence:?}"
                );
            }
            '\n' => {}
            char => assert!(!char.is_control() && !('\u{202a}'..='\u{202e}').contains(&char), "{char:?}"),
        }
    }
}

/// The buffered part of the log is at most one record at its cap and one read, plus room for a vector to grow.
fn assert_memory(bytes: &[u8], piece: usize, cap: usize) {
    const MARK: usize = "\u{feff}".len();
    let mut records = Records::new(Pieces { bytes, size: piece }, cap);
    while records.next_record().expect("it can be read").is_some() {}
    assert_eq!(records.bytes(), bytes.len() as u64);
    let most = 2 * (cap.max(MARK) + piece).max(8);
    assert!(records.kept() <= most, "{} of {most} bytes were kept", records.kept());
}
