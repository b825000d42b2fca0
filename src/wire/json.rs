//! JSON of any form, and how values of other formats become JSON.

use alloc::string::{String, ToString};
use core::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::value::RawValue;

use super::FieldType;
use super::decode::{FromJson, Misfit, Value};

/// A JSON value that this version has no type for. `Debug` doesn't show it: it may hold anything.
///
/// White space is not kept, nor are escapes that need not be; all else is.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(String);

impl Json {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn value(&self) -> Value<'_> {
        Value { text: &self.0, offset: 0 }
    }

    /// The value as a type that fits it; `None` if it doesn't fit.
    pub(super) fn read<T: FromJson>(&self) -> Option<T> {
        T::from_value(self.value()).ok()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes)", self.0.len())
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        Self(value.to_string())
    }
}

impl FromJson for Json {
    const TYPE: FieldType = FieldType::Any;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        // A text that can't be reserialized, such as an unpaired surrogate, is kept unchanged.
        Ok(Self(serde_json::to_string(&Nested { value, depth: 0 }).unwrap_or_else(|_| value.text.into())))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Nested { value: self.value(), depth: 0 }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::new();
        Writer(&mut text).deserialize(deserializer)?;
        Ok(Self(text))
    }
}

/// Reads a type from a value of any format that describes itself.
pub(super) fn read<'de, D: Deserializer<'de>, T: FromJson>(deserializer: D) -> Result<T, D::Error> {
    let json = Json::deserialize(deserializer)?;
    T::from_value(json.value()).map_err(de::Error::custom)
}

/// A value to serialize, in so many others.
struct Nested<'a> {
    value: Value<'a>,
    depth: usize,
}

/// The maximum nesting depth of values: each level takes some of the stack. `serde_json` has the same limit.
const DEEPEST: usize = 128;

impl Nested<'_> {
    /// The number, if a number of Rust has the same value.
    fn number(&self) -> Option<serde_json::Number> {
        let text = self.value.text;
        let number: serde_json::Number = serde_json::from_str(text).ok()?;
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let is_short = digits <= 15 && number.as_f64().is_some_and(f64::is_normal);
        (is_short || number.to_string() == text).then_some(number)
    }

    /// Writes the text of a value that Rust has none for: formats other than JSON can't have such a value.
    fn raw<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.value.text).map_err(ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = |value| Nested { value, depth: self.depth + 1 };
        match self.value.text.as_bytes() {
            b"null" => serializer.serialize_unit(),
            b"true" => serializer.serialize_bool(true),
            b"false" => serializer.serialize_bool(false),
            [b'"', ..] => match self.value.string("a string") {
                Ok(text) => serializer.serialize_str(&text),
                Err(_) => self.raw(serializer),
            },
            [b'[' | b'{', ..] if self.depth == 0 && depth(self.value.text) > DEEPEST => self.raw(serializer),
            [b'[', ..] => {
                let elements = self.value.elements().map_err(|_| ser::Error::custom("no array"))?;
                let mut seq = serializer.serialize_seq(None)?;
                for element in elements {
                    seq.serialize_element(&inner(element))?;
                }
                seq.end()
            }
            [b'{', ..] => match self.value.fields("an object") {
                Ok(fields) => {
                    let mut map = serializer.serialize_map(None)?;
                    for (name, value) in fields.entries() {
                        map.serialize_entry(name, &inner(value))?;
                    }
                    map.end()
                }
                Err(_) => self.raw(serializer),
            },
            _ => match self.number() {
                Some(number) => number.serialize(serializer),
                None => self.raw(serializer),
            },
        }
    }
}

/// How deep the arrays and objects of a JSON text are nested.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut is_string, mut is_escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_string = !is_string,
            b'[' | b'{' if !is_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Writes a value of any format as JSON.
struct Writer<'w>(&'w mut String);

impl Writer<'_> {
    fn write<E: de::Error>(self, value: &impl Serialize) -> Result<(), E> {
        *self.0 +=
            &serde_json::to_string(value).map_err(|_| E::custom("a value that JSON has no form for"))?;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has a form for")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        if value.is_finite() { self.write(&value) } else { Err(E::custom("a number without a value")) }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.write(&())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.write(&())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.push('[');
        let mut end = self.0.len();
        while seq.next_element_seed(Writer(self.0))?.is_some() {
            end = self.0.len();
            self.0.push(',');
        }
        self.0.truncate(end);
        self.0.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.push('{');
        let mut end = self.0.len();
        while let Some(name) = map.next_key::<Name>()? {
            // Where any crate turns on `arbitrary_precision`, `serde_json` gives a number as such an object.
            if name.0 == "$serde_json::private::Number" {
                self.0.truncate(end.saturating_sub(1));
                *self.0 += &map.next_value::<String>()?;
                return Ok(());
            }
            Writer(self.0).write(&name.0)?;
            self.0.push(':');
            map.next_value_seed(Writer(self.0))?;
            end = self.0.len();
            self.0.push(',');
        }
        self.0.truncate(end);
        self.0.push('}');
        Ok(())
    }
}

/// The name of a field. Some formats have numbers for names.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(name.into()))
            }

            fn visit_i64<E>(self, name: i64) -> Result<Name, E> {
                Ok(Name(name.to_string()))
            }

            fn visit_u64<E>(self, name: u64) -> Result<Name, E> {
                Ok(Name(name.to_string()))
            }
        }

        deserializer.deserialize_any(NameVisitor)
    }
}
