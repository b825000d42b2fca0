//! Detects duplicate fields in a text, which a JSON value can't show.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Whether any object of the value has a duplicate field.
pub(super) struct Repeats(pub(super) bool);

impl<'de> Deserialize<'de> for Repeats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;

        impl<'de> Visitor<'de> for Values {
            type Value = Repeats;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Repeats, A::Error> {
                let mut names = BTreeSet::new();
                let mut repeats = false;
                while let Some((name, Repeats(inner))) = map.next_entry::<String, Repeats>()? {
                    repeats |= inner || !names.insert(name);
                }
                Ok(Repeats(repeats))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Repeats, A::Error> {
                let mut repeats = false;
                while let Some(Repeats(inner)) = seq.next_element()? {
                    repeats |= inner;
                }
                Ok(Repeats(repeats))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Repeats, E> {
                Ok(Repeats(false))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Repeats, E> {
                Ok(Repeats(false))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Repeats, E> {
                Ok(Repeats(false))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Repeats, E> {
                Ok(Repeats(false))
            }

            fn visit_str<E>(self, _: &str) -> Result<Repeats, E> {
                Ok(Repeats(false))
            }

            fn visit_unit<E>(self) -> Result<Repeats, E> {
                Ok(Repeats(false))
            }
        }

        deserializer.deserialize_any(Values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_repeated_in_its_own_object_only() {
        let repeats = |json| serde_json::from_str::<Repeats>(json).expect("it is JSON").0;
        assert!(repeats(r#"[1,{"a":{"b":"x","b":null}}]"#));
        assert!(repeats(r#"{"a":-1,"\u0061":true}"#));
        assert!(!repeats(r#"[{"a":{"b":1.5}},{"a":[{"b":{}}]}]"#));
    }
}
