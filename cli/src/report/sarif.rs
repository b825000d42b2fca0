//! The report as SARIF 2.1.0, for code hosts and viewers. Results are streamed, so that memory does not grow with the report;
//! what is known only at the end follows them.

use std::io::{self, BufWriter, Write};

use cardsavr_protocol::conformance::{Finding, KnownFinding, Rule, Severity, Summary};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::pipeline::output::Output;
use crate::text::write_json;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The characters percent-encoded in the path of a URI.
const IN_A_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One document with one run.
pub struct Sarif<W: Write> {
    to: BufWriter<W>,
    has_results: bool,
    has_baseline: bool,
    exit_status: u8,
}

impl<W: Write> Sarif<W> {
    pub fn new(to: W) -> Self {
        Self { to: BufWriter::new(to), has_results: false, has_baseline: false, exit_status: 0 }
    }

    /// Writes what precedes a result: the head of the document, or a comma.
    fn begin_result(&mut self) -> io::Result<()> {
        if self.has_results {
            return self.to.write_all(b",\n");
        }
        self.has_results = true;
        self.begin()
    }

    fn begin(&mut self) -> io::Result<()> {
        write!(self.to, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":")?;
        write_json(&mut self.to, &tool())?;
        self.to.write_all(b",\"results\":[\n")
    }
}

impl<W: Write> Output for Sarif<W> {
    fn compares(&mut self) {
        self.has_baseline = true;
    }

    fn exits_with(&mut self, status: u8) {
        self.exit_status = status;
    }

    fn finding(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        let state = self.has_baseline.then_some("new");
        self.begin_result()?;
        write_json(&mut self.to, &result(finding, file, state))
    }

    fn known(&mut self, finding: &Finding, file: &str, _: Option<&str>) -> io::Result<()> {
        self.begin_result()?;
        write_json(&mut self.to, &result(finding, file, Some("unchanged")))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for gone in summary.baseline.iter().flat_map(|baseline| &baseline.gone) {
            self.begin_result()?;
            write_json(&mut self.to, &absent(gone))?;
        }
        if !self.has_results {
            self.begin()?;
        }
        let artifacts: Vec<_> =
            summary.inputs.iter().map(|input| json!({"location": {"uri": uri(&input.file)}})).collect();
        self.to.write_all(b"\n],\"artifacts\":")?;
        write_json(&mut self.to, &artifacts)?;
        self.to.write_all(b",\"invocations\":")?;
        // Exit statuses 0 and 1 are those of complete runs.
        let succeeded = self.exit_status <= 1;
        write_json(&mut self.to, &json!([{"executionSuccessful": succeeded, "exitCode": self.exit_status}]))?;
        self.to.write_all(b",\"properties\":")?;
        write_json(&mut self.to, &json!({"summary": summary}))?;
        self.to.write_all(b"}]}\n")?;
        self.to.flush()
    }
}

/// The tool: this command and its rules.
fn tool() -> Value {
    let rules: Vec<_> = Rule::ALL
        .iter()
        .map(|rule| {
            json!({
                "id": rule.name(),
                "shortDescription": {"text": rule.description()},
                "fullDescription": {"text": rule.why()},
                "help": {"text": format!("{}\nSee `cardsavr explain {rule}`.", rule.help())},
                "defaultConfiguration": {"level": level(rule.severity())},
            })
        })
        .collect();
    json!({"driver": {"name": "cardsavr", "version": env!("CARGO_PKG_VERSION"), "rules": rules}})
}

fn result(finding: &Finding, file: &str, baseline_state: Option<&str>) -> Value {
    let Finding { rule, severity, position, job_id, .. } = finding;
    let expected = finding.expected();
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(file), "index": position.input},
            "region": {"startLine": position.line, "startColumn": position.column},
        }
    });
    let mut properties = json!({});
    if let Some(job_id) = job_id {
        let name = format!("job {job_id}");
        location["logicalLocations"] = json!([{"name": name, "kind": "object"}]);
    }
    if let Some(found) = finding.found() {
        properties["found"] = json!(found);
    }
    if !expected.is_empty() {
        properties["expected"] = json!(expected);
    }
    let mut result = json!({
        "ruleId": rule.name(),
        "ruleIndex": index(*rule),
        "level": level(*severity),
        "message": {"text": finding.message()},
        "locations": [location],
        "partialFingerprints": {"jobAndFingerprint/v1": fingerprint(finding)},
        "properties": properties,
    });
    if let Some(state) = baseline_state {
        result["baselineState"] = json!(state);
    }
    result
}

/// Findings of a baseline that are no longer found.
fn absent(gone: &KnownFinding) -> Value {
    json!({
        "ruleId": gone.rule.name(),
        "ruleIndex": index(gone.rule),
        "level": level(gone.rule.severity()),
        "message": {"text": gone.cause()},
        "baselineState": "absent",
        "occurrenceCount": gone.count,
    })
}

fn index(rule: Rule) -> Option<usize> {
    Rule::ALL.iter().position(|other| *other == rule)
}

/// Identifies a finding across runs, whatever its line.
fn fingerprint(finding: &Finding) -> String {
    let job = finding.job_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let key = format!("{job}\n{}", finding.fingerprint());
    let hash = Sha256::digest(key);
    let first: [u8; 16] = hash.first_chunk().copied().unwrap_or_default();
    format!("{:032x}", u128::from_be_bytes(first))
}

fn level(severity: Severity) -> &'static str {
    severity.into()
}

/// A path as a URI: a relative reference, or a `file` URI if it is absolute.
fn uri(file: &str) -> String {
    let path = if cfg!(windows) { file.replace('\\', "/") } else { file.to_owned() };
    let scheme = match path.as_bytes() {
        [b'/', ..] => "file://",
        [drive, b':', b'/', ..] if cfg!(windows) && drive.is_ascii_alphabetic() => "file:///",
        _ => "",
    };
    format!("{scheme}{}", utf8_percent_encode(&path, IN_A_PATH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        for (path, expected) in [
            ("a.jsonl", "a.jsonl"),
            ("logs/a b#c.jsonl", "logs/a%20b%23c.jsonl"),
            ("a:b", "a%3Ab"),
            ("/tmp/ä", "file:///tmp/%C3%A4"),
            ("-", "-"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
