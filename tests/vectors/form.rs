//! The format of the vectors' files, as values and as text with one step per line, so that a difference is one line.

#![allow(clippy::option_option, reason = "`null` is compared, an absent field is not")]

use std::fmt::Write;

use cardsavr_protocol::Limits;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// The version of the format.
pub(crate) const VERSION: u32 = 1;

/// A file of vectors.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) version: u32,
    pub(crate) level: Level,
    pub(crate) about: String,
    /// The documented limits, if the vectors need all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limits: Option<Limits>,
    pub(crate) vectors: Vec<Vector>,
}

/// The component that an implementation needs to run the vectors of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Machine,
    Guards,
    Timers,
    Client,
    Conformance,
}

/// One case: the inputs and the expected results.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) shows: String,
    /// The limits that differ from the documented ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limits: Option<Box<RawValue>>,
    /// A log as text, instead of steps, if the bytes matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Vec<FoundInLog>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<Step>,
    /// The findings at the end of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at_end: Option<Vec<FoundAtEnd>>,
}

impl Vector {
    pub(crate) fn limits(&self) -> Limits {
        self.limits.as_ref().map(|limits| serde_json::from_str(limits.get()).unwrap()).unwrap_or_default()
    }
}

/// An input at a time or, without an input, only the time.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<Box<RawValue>>,
    pub(crate) expect: Expect,
}

/// The expectation after a step. An absent field is not compared; `null` is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Expect {
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) status: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) legal: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) guard: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) may_become: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) missing: Option<Option<Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) time_left: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) expires_as: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) warns_at: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) expires_at: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effects: Option<Vec<Done>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) next_deadline: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<Vec<Found>>,
}

/// Distinguishes `null`, which is compared, from an absent field.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// An effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Done {
    #[serde(rename = "do")]
    pub(crate) what: String,
    pub(crate) job_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) envelope_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_left: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) termination_type: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

/// A finding on the message of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Found {
    pub(crate) rule: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) expected: Vec<String>,
}

/// A finding at the end of the log about an earlier step, counted from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FoundAtEnd {
    pub(crate) rule: String,
    pub(crate) step: usize,
}

/// A finding in a log as text, with its line, counted from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FoundInLog {
    pub(crate) rule: String,
    pub(crate) line: u64,
}

impl File {
    /// The text of the file: JSON with one step per line.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "{{\n  \"version\": {},\n  \"level\": {},\n  \"about\": {},\n",
            self.version,
            json(&self.level),
            json(&self.about),
        );
        if let Some(limits) = &self.limits {
            _ = writeln!(text, "  \"limits\": {},", json(limits));
        }
        text += "  \"vectors\": [\n";
        let vectors: Vec<String> = self.vectors.iter().map(Vector::text).collect();
        text + &vectors.join(",\n") + "\n  ]\n}\n"
    }
}

impl Vector {
    fn text(&self) -> String {
        let mut fields = vec![("name", json(&self.name)), ("shows", json(&self.shows))];
        fields.extend(self.limits.as_ref().map(|limits| ("limits", limits.get().to_owned())));
        fields.extend(self.log.as_ref().map(|log| ("log", json(log))));
        fields.extend(self.findings.as_ref().map(|findings| ("findings", json(findings))));
        if !self.steps.is_empty() {
            let steps: Vec<_> = self.steps.iter().map(|step| format!("      {}", json(step))).collect();
            fields.push(("steps", format!("[\n{}\n    ]", steps.join(",\n"))));
        }
        fields.extend(self.at_end.as_ref().map(|findings| ("at_end", json(findings))));
        let fields: Vec<_> = fields.iter().map(|(name, json)| format!("\"{name}\": {json}")).collect();
        format!("    {{{}}}", fields.join(", "))
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("it has string keys only")
}
