//! The types that the programs share: messages, and the published life cycle.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A record of any kind; absent fields are `None`.
#[derive(Deserialize)]
pub struct Record<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub job_id: Option<Id<'a>>,
    #[serde(borrow, default, deserialize_with = "Body::or_text")]
    pub message: Body<'a>,
}

/// A `job_status`, for a log that has nothing else.
#[derive(Deserialize)]
pub struct JobStatus<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub job_id: Id<'a>,
    #[serde(borrow)]
    pub message: Body<'a>,
}

/// The `message` of a `job_status`.
#[derive(Default, Deserialize)]
pub struct Body<'a> {
    #[serde(borrow)]
    pub status: Option<Text<'a>>,
    #[serde(borrow)]
    pub termination_type: Option<Text<'a>>,
    pub percent_complete: Option<f64>,
    pub job_timeout: Option<i64>,
}

impl<'a> Body<'a> {
    /// Reads the object, or a response's text, for which all fields are empty.
    fn or_text<'de: 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BodyVisitor;

        impl<'de> Visitor<'de> for BodyVisitor {
            type Value = Body<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or a text")
            }

            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Body::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Body::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_any(BodyVisitor)
    }
}

/// A text that is borrowed if it has no escapes; serde would allocate for an `Option<Cow>`.
#[derive(Default, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// An id is a number or a text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Id<'a> {
    Number(u64),
    Text(Cow<'a, str>),
}

impl Id<'_> {
    /// The id as an owned value.
    #[must_use]
    pub fn into_owned(self) -> Id<'static> {
        match self {
            Self::Number(number) => Id::Number(number),
            Self::Text(text) => Id::Text(text.into_owned().into()),
        }
    }
}

impl fmt::Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl<'de> Visitor<'de> for IdVisitor {
            type Value = Id<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Id::Number(number))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Id::Text(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Id::Text(text.to_owned().into()))
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}

/// `schemas/lifecycle.json`.
#[derive(Deserialize)]
pub struct Lifecycle {
    pub statuses: Vec<StatusRow>,
    pub transitions: Vec<Pair>,
}

#[derive(Deserialize)]
pub struct StatusRow {
    pub status: String,
    pub phase: String,
}

#[derive(Deserialize, Serialize, PartialEq, Eq, Hash)]
pub struct Pair {
    pub from: String,
    pub to: String,
}

impl Lifecycle {
    /// Reads the file.
    ///
    /// # Panics
    ///
    /// If the file can't be read or is not the life cycle.
    #[must_use]
    pub fn read(path: &str) -> Self {
        let json = std::fs::read_to_string(path).expect("the life cycle can be read");
        serde_json::from_str(&json).expect("it is the life cycle")
    }

    /// The legal pairs.
    #[must_use]
    pub fn pairs(&self) -> HashSet<(&str, &str)> {
        self.transitions.iter().map(|pair| (pair.from.as_str(), pair.to.as_str())).collect()
    }
}
