//! A message as it may be shown: its type and its job; its status, termination type and numbers where it is one that
//! tells them. Anything else could be a secret.

use std::fmt::Write as _;

use cardsavr_protocol::wire::MessageKind;
use serde_json::{Map, Value};

use crate::text::Plain;

/// What a message shows of itself.
const OF_A_MESSAGE: [&str; 2] = ["type", "job_id"];

/// What a `job_status` shows of its `message`.
const OF_A_STATUS: [&str; 4] = ["status", "termination_type", "percent_complete", "job_timeout"];

/// What a job shows, and a job of a notification.
const OF_A_JOB: [&str; 7] =
    ["job_id", "id", "status", "job_status", "termination_type", "percent_complete", "job_timeout"];

/// The fields whose values may be strings.
const WORDS: [&str; 4] = ["type", "status", "job_status", "termination_type"];

/// A message as a terminal may have it.
#[derive(Default)]
pub struct Excerpt {
    pub text: String,
    /// Where in the text the value stands that was looked for, in characters: what is before it, and how long it is.
    pub mark: Option<(usize, usize)>,
}

impl Excerpt {
    /// The JSON value that a text begins with, as it may be shown; none where there is none. The first value of it that
    /// says `found` is marked.
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
        let tells_status = kind.as_str().is_some_and(|kind| kind.parse() == Ok(MessageKind::JobStatus));
        let mut number = self.show_fields(object, &OF_A_MESSAGE, found);
        if let Some(message) = object.get("message") {
            self.begin(number, "message");
            number += 1;
            match message {
                Value::Object(body) if tells_status => {
                    let number = self.show_fields(body, &OF_A_STATUS, found);
                    self.close(number, body);
                }
                _ => self.text.push('…'),
            }
        }
        self.close(number, object);
    }

    /// Shows those of some fields that an object has, and says how many these are.
    fn show_fields(&mut self, object: &Map<String, Value>, shown: &[&str], found: Option<&str>) -> usize {
        self.text.push('{');
        let mut number = 0;
        for &key in shown {
            if let Some(value) = object.get(key) {
                self.begin(number, key);
                number += 1;
                let text = Plain(&show_value(key, value)).to_string();
                let is_shown = text != "…";
                if self.mark.is_none() && is_shown && found.is_some_and(|found| says(value, found)) {
                    self.mark = Some((self.text.chars().count(), text.chars().count()));
                }
                self.text += &text;
            }
        }
        number
    }

    /// Begins the next of an object's fields.
    fn begin(&mut self, number: usize, key: &str) {
        if number > 0 {
            self.text.push(',');
        }
        // Writing to a string cannot fail.
        _ = write!(self.text, "\"{key}\":");
    }

    /// Ends an object of which so many fields are shown, and shows whether there is more.
    fn close(&mut self, number: usize, object: &Map<String, Value>) {
        if number < object.len() {
            self.text += if number > 0 { ",…" } else { "…" };
        }
        self.text.push('}');
    }
}

/// Whether a value is the word or the number that a finding speaks of.
fn says(value: &Value, found: &str) -> bool {
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
    fn the_value_that_a_finding_speaks_of_is_marked() {
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
        // What is before it was shortened and escaped.
        let text = r#"{"secret":"…","type":"ä\u0007","status":"x"}"#;
        assert_eq!(marked(text, "ä\u{7}").as_deref(), Some("\"ä\\u0007\""));
        assert_eq!(marked(text, "x"), None);
    }
}
