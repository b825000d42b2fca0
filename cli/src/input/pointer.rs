//! JSON Pointers (RFC 6901) into the text of a record.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

/// The error of parsing a text that is no JSON Pointer.
#[derive(Debug, thiserror::Error)]
#[error("a JSON Pointer is empty or begins with `/`, such as /payload/message; `~` is written ~0 and `/` ~1")]
pub struct PointerError;

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        let mut tokens = text.split('/');
        // Checked before unescaping, which could form new escapes.
        let is_escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if tokens.next() != Some("") || !is_escaped {
            return Err(PointerError);
        }
        Ok(Self(tokens.map(|token| token.replace("~1", "/").replace("~0", "~")).collect()))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|token| write!(f, "/{}", token.replace('~', "~0").replace('/', "~1")))
    }
}

impl Pointer {
    /// The unescaped reference tokens: field names and array indices.
    pub fn tokens(&self) -> &[String] {
        &self.0
    }

    /// The tokens as texts.
    pub fn keys(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    /// The text of the value that the pointer refers to; `None` if there is none. `json` must be valid JSON.
    pub fn find<'a>(&self, json: &'a str) -> Option<&'a str> {
        self.0.iter().try_fold(json, |json, token| {
            let mut reader = serde_json::Deserializer::from_str(json);
            reader.deserialize_any(Token(token)).ok().flatten()
        })
    }
}

/// Finds the value of one reference token. Of fields with the same name, the last counts.
struct Token<'s>(&'s str);

/// A reference token as an array index, which has no leading zeros.
pub fn index(token: &str) -> Option<usize> {
    token.parse().ok().filter(|index: &usize| index.to_string() == token)
}

impl<'de> Visitor<'de> for Token<'_> {
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
    fn pointers_follow_rfc_6901() {
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
