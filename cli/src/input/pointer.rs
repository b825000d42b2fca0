//! JSON Pointers (RFC 6901) into the text of a record.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON Pointer: the way to a value in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

/// A text that is no JSON Pointer.
#[derive(Debug, thiserror::Error)]
#[error("a JSON Pointer is empty or begins with `/`, such as /payload/message; `~` is written ~0 and `/` ~1")]
pub struct NoPointer;

impl FromStr for Pointer {
    type Err = NoPointer;

    fn from_str(text: &str) -> Result<Self, NoPointer> {
        let mut steps = text.split('/');
        // Each by what follows it: to take the escapes out first would make new ones of what is left.
        let is_escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if steps.next() != Some("") || !is_escaped {
            return Err(NoPointer);
        }
        Ok(Self(steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect()))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "/{}", step.replace('~', "~0").replace('/', "~1")))
    }
}

impl Pointer {
    /// The names and indices on the way.
    pub fn steps(&self) -> &[String] {
        &self.0
    }

    /// The text of the value that the pointer leads to; none if there is none. `json` must be sound.
    pub fn find<'a>(&self, json: &'a str) -> Option<&'a str> {
        self.0.iter().try_fold(json, |json, step| {
            let mut reader = serde_json::Deserializer::from_str(json);
            reader.deserialize_any(Step(step)).ok().flatten()
        })
    }
}

/// One step of a pointer, from a value to one that it holds. Of several fields of a name the last counts.
struct Step<'s>(&'s str);

/// A step as an index of an array: RFC 6901 knows no leading zeros.
pub fn index(step: &str) -> Option<usize> {
    step.parse().ok().filter(|index: &usize| index.to_string() == step)
}

impl<'de> Visitor<'de> for Step<'_> {
    type Value = Option<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == self.0 {
                found = Some(map.next_value::<&RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let wanted = self::index(self.0);
        let mut found = None;
        let mut index = 0;
        while let Some(element) = seq.next_element::<&RawValue>()? {
            if wanted == Some(index) {
                found = Some(element.get());
            }
            index += 1;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_rfc_6901_says() {
        let json = r#"{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8,"d":{"d":{"x":[{"y":7}]}}}"#;
        let cases = [
            ("", Some(json)),
            ("/foo", Some(r#"["bar","baz"]"#)),
            ("/foo/0", Some("\"bar\"")),
            ("/foo/00", None),
            ("/foo/2", None),
            ("/foo/-", None),
            ("/", Some("0")),
            ("/a~1b", Some("1")),
            ("/m~0n", Some("8")),
            ("/d/d/x/0/y", Some("7")),
            ("/d/e", None),
            ("/a~1b/c", None),
        ];
        for (pointer, expected) in cases {
            let read: Pointer = pointer.parse().expect(pointer);
            assert_eq!(read.find(json), expected, "{pointer}");
            assert_eq!(read.to_string(), pointer);
        }
        for wrong in ["foo", "~", "/~", "/~2", "/~~0", "/~~01", "#/foo"] {
            assert!(wrong.parse::<Pointer>().is_err(), "{wrong}");
        }
    }
}
