//! The excerpt of a message in a report: its type, job, status, termination type and numbers. Other values may be secrets and
//! are left out.

use std::fmt::Write as _;

use cardsavr_protocol::wire::MessageKind;
use serde_json::{Map, Value};

use crate::text::Plain;

/// The fields shown of a message.
const OF_A_MESSAGE: [&str; 2] = ["type", "job_id"];

/// The fields shown of the `message` of a `job_status`.
const OF_A_STATUS: [&str; 4] = ["status", "termination_type", "percent_complete", "job_timeout"];

/// The fields shown of a job, and of a job in a notification.
const OF_A_JOB: [&str; 7] =
    ["job_id", "id", "status", "job_status", "termination_type", "percent_complete", "job_timeout"];

/// The fields whose strings are shown; of the others, only numbers are.
const WORDS: [&str; 4] = ["type", "status", "job_status", "termination_type"];

/// A message without its secrets, escaped for a terminal.
#[derive(Default)]
pub struct Excerpt {
    pub text: String,
    /// The start and length of the marked value in the text, in characters.
    pub mark: Option<(usize, usize)>,
}

impl Excerpt {
    /// The excerpt of the JSON value that a text begins with; `None` if it begins with none. The first value equal to `found` is
    /// marked.
    pub fn new(text: &str, found: Option<&str>) -> Option<Self> {
        let value: Value = serde_json::Deserializer::from_str(text).into_iter().next()?.ok()?;
        let mut excerpt = Self::default();
        match value.as_object() {
            Some(object) => excerpt.show(object, found),
            None => excerpt.text.push('…'),
        }
        Some(excerpt)
    }

    fn show(&mut self, object: &Map<String, Value>, found: Option<&str>) {
        let Some(kind) = object.get("type") else {
            let number = self.show_fields(object, &OF_A_JOB, found);
            return self.close(number, object);
        };
        let is_status = kind.as_str().is_some_and(|kind| kind.parse() == Ok(MessageKind::JobStatus));
        let mut number = self.show_fields(object, &OF_A_MESSAGE, found);
        if let Some(message) = object.get("message") {
            self.begin(number, "message");
            number += 1;
            match message {
                Value::Object(body) if is_status => {
                    let number = self.show_fields(body, &OF_A_STATUS, found);
                    self.close(number, body);
                }
                _ => self.text.push('…'),
            }
        }
        self.close(number, object);
    }

    /// Shows the given fields, as far as the object has them; returns their number.
    fn show_fields(&mut self, object: &Map<String, Value>, shown: &[&str], found: Option<&str>) -> usize {
        self.text.push('{');
        let mut number = 0;
        for &key in shown {
            if let Some(value) = object.get(key) {
                self.begin(number, key);
                number += 1;
                let text = Plain(&show_value(key, value)).to_string();
                let is_shown = text != "…";
                if self.mark.is_none() && is_shown && found.is_some_and(|found| equals(value, found)) {
                    self.mark = Some((self.text.chars().count(), text.chars().count()));
                }
                self.text += &text;
            }
        }
        number
    }

    /// Begins a field, with `number` fields before it.
    fn begin(&mut self, number: usize, key: &str) {
        if number > 0 {
            self.text.push(',');
        }
        _ = write!(self.text, "\"{key}\":");
    }

    /// Ends an object of which `number` fields are shown, with an ellipsis if it has more.
    fn close(&mut self, number: usize, object: &Map<String, Value>) {
        if number < object.len() {
            self.text += if number > 0 { ",…" } else { "…" };
        }
        self.text.push('}');
    }
}

/// Whether a value is the found word or number.
fn equals(value: &Value, found: &str) -> bool {
    match value {
        Value::String(text) => text == found,
        Value::Number(number) => number.to_string() == found || number.as_f64() == found.parse().ok(),
        _ => false,
    }
}

fn show_value(key: &str, value: &Value) -> String {
    match value {
        Value::String(_) if WORDS.contains(&key) => value.to_string(),
        Value::Number(_) if !WORDS.contains(&key) => value.to_string(),
        Value::Null => "null".into(),
        _ => "…".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_found_value_is_marked() {
        let marked = |text: &str, found| {
            let Excerpt { text, mark } = Excerpt::new(text, Some(found)).expect("it is JSON");
            let (before, length) = mark?;
            Some(text.chars().skip(before).take(length).collect::<String>())
        };
        let text = r#"{"job_id":"AUTH","type":"job_status","x":"AUTH","message":{"percent_complete":101.0,"status":"AUTH"}}"#;
        assert_eq!(marked(text, "AUTH").as_deref(), Some("\"AUTH\""));
        assert_eq!(marked(text, "101").as_deref(), Some("101.0"));
        assert_eq!(marked(text, "job_status").as_deref(), Some("\"job_status\""));
        assert_eq!(marked(text, "x"), None);
        // The text before the mark is shortened and escaped.
        let text = r#"{"secret":"…","type":"ä\u0007","status":"x"}"#;
        assert_eq!(marked(text, "ä\u{7}").as_deref(), Some("\"ä\\u0007\""));
        assert_eq!(marked(text, "x"), None);
    }
}
