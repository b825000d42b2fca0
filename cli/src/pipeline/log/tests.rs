//! Any bytes at all, through the whole check.

use cardsavr_protocol::conformance::{Checker, Finding, Position, Rule, Severity, Summary, Totals};
use cardsavr_protocol::wire::{EventRef, JobId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::*;
use crate::input::pieces::{FilePieces, SharedSource};
use crate::input::pointer::Pointer;
use crate::pipeline::merge::{self, Order};
use crate::pipeline::output::Output;

/// An output that keeps what it is given, once it has been printed in each form.
#[derive(Default)]
struct Kept {
    findings: Vec<Finding>,
    excerpts: Vec<String>,
    /// The positions of the events, and of the findings after them.
    order: Vec<(Position, Option<Rule>)>,
}

impl Output for Kept {
    fn observes(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &EventRef<'_>) {
        self.order.push((event.position, None));
    }

    fn finding(&mut self, finding: &Finding, _: &str, text: Option<&str>) -> io::Result<()> {
        self.order.push((finding.position, Some(finding.rule)));
        self.excerpts.extend(text.map(str::to_owned));
        self.findings.push(finding.clone());
        Ok(())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

fn checked(reading: &Reading, bytes: &[u8]) -> (Kept, ReportInput, Vec<Finding>, Totals) {
    checked_in_pieces(reading, Pieces::of_file(bytes, SIZE), 1, &[])
}

fn checked_in_pieces(
    reading: &Reading,
    source: impl Source,
    threads: usize,
    jobs: &[JobId],
) -> (Kept, ReportInput, Vec<Finding>, Totals) {
    let mut checker = Checker::default();
    let mut kept = Kept::default();
    let mut judge = Judge::new(&mut checker, &mut kept).only(jobs).on_threads(threads);
    let Ok(input) = check_pieces(reading, source, "log", 0, &mut judge) else {
        panic!("neither the input nor the output fails")
    };
    drop(judge);
    let mut at_end = Vec::new();
    let totals = checker.finish(&mut at_end);
    (kept, input, at_end, totals)
}

/// The same log as the only one of a merge.
fn merged(reading: &Reading, bytes: &[u8], threads: usize) -> (Kept, ReportInput, Totals) {
    let (mut checker, mut kept) = (Checker::default(), Kept::default());
    let order = Order { by_time: true, reorder: None, dedupe: true };
    let inputs: Vec<(String, Box<dyn Read>)> =
        vec![("log".into(), Box::new(io::Cursor::new(bytes.to_owned())))];
    let mut judge = Judge::new(&mut checker, &mut kept).on_threads(threads);
    let merged = merge::check(reading, inputs, &order, &mut judge);
    drop(judge);
    let mut merged = merged.expect("the output does not fail");
    assert!(merged.errors.is_empty() && merged.duplicates == 0);
    (kept, merged.inputs.remove(0), checker.finish(&mut Vec::new()))
}

/// Bytes that are likely to be records, or nearly.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        br#"{"type":"job_status","job_id":1,"message":{"status":"AUTH"}}"#,
        b"\n{\"type\":\"job_status\",\"job_id\":1,\"message\":{\"status\":\"AUTH\"}}\n",
        br#"{"type":"job_status","job_id":"1","message":{"status":"UPDATING","percent_complete":1.5}}"#,
        br#"{"type":"job_status","job_id":1,"message":{"status":"CANCELLED","termination_type":"#,
        br#"{"type":"tfa_request","job_id":1,"envelope_id":"e"}"#,
        br#"{"type":"tfa_response","envelope_id":"e","message":"123456"}"#,
        br#"{"type":"later","#,
        br#"{"at":"2021-09-28T00:00:00Z","message":"#,
        br#"{"at":-9e99,"message":["#,
        br#"{"id":2,"status":"PENDING_TFA","credential_requests":["#,
        br#"{"jobs":[{"job_id":3,"job_status":"SUCCESSFUL"},"#,
        br#""payload":"#,
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\\",
        b"\n",
        b"\r\n",
        b"\n{",
        b"\n[",
        b"\n{\n  ",
        b" ",
        b"1",
        b"-",
        b"1e999",
        b"null",
        b"\"\\ud800\"",
        b"\0",
        b"\xff",
        "\u{feff}".as_bytes(),
        "\u{1b}[0m\u{202e}".as_bytes(),
    ];
    prop_oneof![vec(select(words), 0..30).prop_map(|words| words.concat()), vec(any::<u8>(), 0..200)]
}

fn pointer() -> impl Strategy<Value = Option<Pointer>> {
    select(vec![None, Some(""), Some("/payload"), Some("/message"), Some("/0"), Some("/message/0/status")])
        .prop_map(|pointer| pointer.map(|pointer| pointer.parse().expect("it is one")))
}

/// A source that any thread can read, and that panics after some pieces.
struct Panics(usize);

impl Source for Panics {
    fn next(&mut self, _: Vec<u8>, _: bool) -> io::Result<Option<Piece>> {
        assert!(self.0 > 0, "as the test wants it");
        self.0 -= 1;
        let buffer =
            b"{\"type\":\"job_status\",\"job_id\":1,\"message\":{\"status\":\"AUTH\"}}\n".repeat(100);
        let end = buffer.len();
        Ok(Some(Piece { buffer, end, is_last: false, is_before_record: true }.padded()))
    }

    fn shared(&mut self) -> Option<SharedSource> {
        Some(Box::new(Self(self.0)))
    }
}

/// Whichever thread panics, the check ends by that panic.
#[test]
fn a_panic_of_a_thread_ends_the_check() {
    for (threads, pieces) in [(1, 0), (1, 3), (2, 0), (2, 1), (2, 2), (2, 40), (3, 100), (7, 5), (7, 500)] {
        let check = || checked_in_pieces(&Reading::default(), Panics(pieces), threads, &[]);
        assert!(std::panic::catch_unwind(check).is_err(), "{pieces} pieces on {threads} threads");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged_in_order(
        bytes in log(),
        message in pointer(),
        time in pointer(),
        max_record_bytes in prop_oneof![Just(16 << 20), 0..200_usize],
    ) {
        let (kept, input, at_end, totals) = checked(&Reading { message, time, max_record_bytes, ..Reading::default() }, &bytes);
        prop_assert_eq!(input.bytes, bytes.len() as u64);

        let positions: Vec<_> = kept.findings.iter().map(|finding| finding.position).collect();
        prop_assert!(positions.is_sorted(), "{positions:?}");
        let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
        for Position { input, line, column } in kept.findings.iter().chain(&at_end).map(|finding| finding.position) {
            prop_assert!(input == 0 && (1..=lines).contains(&line) && column > 0, "{line}:{column}");
        }

        let counted: u64 = totals.rules.values().sum();
        prop_assert_eq!(counted, (kept.findings.len() + at_end.len()) as u64);
        let errors = |findings: &[Finding]| findings.iter().filter(|f| f.severity == Severity::Error).count() as u64;
        prop_assert_eq!(totals.of(Severity::Error), errors(&kept.findings) + errors(&at_end));

        // What is said of a finding is JSON in JSON, and its excerpt begins with the message.
        for finding in &kept.findings {
            let json = serde_json::to_string(&finding.in_file("log")).expect("it can be printed");
            prop_assert!(serde_json::from_str::<Value>(&json).is_ok_and(|json| json["file"] == "log"));
        }
        for excerpt in kept.excerpts {
            let first = serde_json::Deserializer::from_str(&excerpt).into_iter::<Value>().next();
            prop_assert!(first.is_some_and(|first| first.is_ok_and(|first| first.is_object())));
        }
    }

    #[test]
    fn a_merge_of_one_log_is_the_log(
        bytes in log(),
        message in pointer(),
        time in pointer(),
        max_record_bytes in prop_oneof![Just(16 << 20), 0..200_usize],
        threads in select(vec![1_usize, 2, 7]),
    ) {
        let reading = Reading { message, time, max_record_bytes, ..Reading::default() };
        let (plain, input, _, totals) = checked(&reading, &bytes);
        let (kept, merged_input, merged_totals) = merged(&reading, &bytes, threads);
        prop_assert_eq!(kept.findings, plain.findings);
        prop_assert_eq!((merged_input, merged_totals), (input, totals));
        for (own, whole) in kept.excerpts.iter().zip(&plain.excerpts) {
            prop_assert!(!own.is_empty() && whole.starts_with(own.as_str()), "{own} {whole}");
        }
        prop_assert_eq!(kept.excerpts.len(), plain.excerpts.len());
    }

    /// The report is the same on any number of threads, in pieces of any size, filled or as reads give them.
    #[test]
    fn any_pieces_and_threads_give_the_same(
        bytes in log(),
        message in pointer(),
        time in pointer(),
        max_record_bytes in prop_oneof![Just(16 << 20), 0..200_usize],
        size in 1..300_usize,
        threads in select(vec![1_usize, 2, 3, 7, 64]),
        form in 0..3,
        jobs in select(vec![vec![], vec![JobId::Number(1)]]),
    ) {
        let reading = Reading { message, time, max_record_bytes, ..Reading::default() };
        let whole = Pieces::of_file(&*bytes, SIZE);
        let (plain, input, at_end, totals) = checked_in_pieces(&reading, whole, 1, &jobs);
        let source: Box<dyn Source> = match form {
            0 => Box::new(Pieces::of_file(&*bytes, size)),
            1 => Box::new(Pieces::new(&*bytes, size)),
            _ => Box::new(FilePieces::new(io::Cursor::new(bytes.clone()), size)),
        };
        let (kept, own_input, own_at_end, own_totals) = checked_in_pieces(&reading, source, threads, &jobs);
        prop_assert_eq!((kept.findings, kept.order), (plain.findings, plain.order));
        let values = |excerpts: &[String]| -> Vec<Option<Value>> {
            let first = |text: &String| serde_json::Deserializer::from_str(text).into_iter().next()?.ok();
            excerpts.iter().map(first).collect()
        };
        prop_assert_eq!(values(&kept.excerpts), values(&plain.excerpts));
        prop_assert_eq!((own_input, own_at_end, own_totals), (input, at_end, totals));
    }

    /// Records that stand after something broken, on lines of their own, are read whatever that was.
    #[test]
    fn no_noise_hides_the_records_after_it(noise in log()) {
        let end = r#"{"type":"job_status","job_id":77,"message":{"status":"CANCELLED","termination_type":"USER_DATA_FAILURE"}}"#;
        let reading = Reading { max_record_bytes: 1 << 20, ..Reading::default() };
        // Three times, since what comes before may take two of them for its own: `{"at":1,"message":` goes on with one,
        // and what is complete with it is sound.
        let log = [&noise[..], b"\n", end.as_bytes(), b"\n", end.as_bytes(), b"\n", end.as_bytes(), b"\n"].concat();
        let (_, _, _, totals) = checked(&reading, &log);
        let ended: u64 = totals.terminations.values().sum();
        prop_assert!(ended > 0, "{}", String::from_utf8_lossy(&log));
    }
}
