//! `account_link`: the values that a request asks for, and those that answer it.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::decode::{FromJson, Misfit, Value, deserialize};
use super::object::object;
use super::{Fault, FieldType, Json, Secret, Text};

object! {
    /// One value that a request asks for.
    ///
    /// Specification 2026: "Messages", `account_link`.
    LinkField, "an object: a value to ask for", in LinkFields {
        required {
            /// The key under which the answer has the value.
            key_name: String,
        }
        optional {
            /// What to show to the user beside the input.
            label, with_label: Text,
            /// Whether to hide what the user types.
            secret, with_secret: bool,
            /// The type of the value, such as `text`.
            value_type as "type", with_value_type: String,
        }
        rest {
            /// The fields that this version doesn't know.
            others
        }
    }
}

impl LinkField {
    /// The label, or the key if there is none.
    pub fn label(&self) -> &str {
        self.label.as_ref().map(Text::as_str).filter(|label| !label.is_empty()).unwrap_or(&self.key_name)
    }

    /// Whether to hide what the user types: unless the service says that the value is no secret.
    pub fn is_secret(&self) -> bool {
        self.secret != Some(false)
    }
}

/// The fields of an object that this version doesn't know. `Debug` shows their names alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherFields(pub(super) Vec<(String, Json)>);

impl OtherFields {
    /// Each field's name and value, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

impl Serialize for OtherFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The values that answer a request, by key: all of them are secrets, which neither `Debug` nor an error shows.
///
/// ```
/// use cardsavr_protocol::wire::{LinkField, LinkValues, Secret};
///
/// let fields = [LinkField::new("username"), LinkField::new("password")];
/// let values = [("username", Secret::new("jo")), ("password", Secret::new("pa55"))];
/// let values = LinkValues::answering(&fields, values)?;
/// assert_eq!(values.get("password").map(Secret::reveal), Some("pa55"));
/// assert!(!format!("{values:?}").contains("pa55"));
///
/// let error = LinkValues::answering(&fields, [("username", Secret::new("jo")), ("pin", Secret::new("1234"))]).unwrap_err();
/// assert_eq!(error.to_string(), "the answer lacks `password`; the request doesn't name `pin`");
/// # Ok::<(), cardsavr_protocol::wire::AnswerKeys>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LinkValues(Vec<(String, Secret)>);

impl LinkValues {
    /// The values that answer a request for these fields: exactly one for each key, in the order of the request.
    ///
    /// # Errors
    ///
    /// [`AnswerKeys`] if a key is missing, not named by the request or there twice.
    pub fn answering<K: AsRef<str>>(
        fields: &[LinkField],
        values: impl IntoIterator<Item = (K, Secret)>,
    ) -> Result<Self, AnswerKeys> {
        let mut given: Vec<Option<Secret>> = fields.iter().map(|_| None).collect();
        let mut wrong = AnswerKeys::default();
        for (key, value) in values {
            let key = key.as_ref();
            let place = fields.iter().zip(&mut given).find(|(field, _)| field.key_name == key);
            match place {
                None => wrong.unknown.push(key.to_owned()),
                Some((_, Some(_))) => wrong.repeated.push(key.to_owned()),
                Some((_, place)) => *place = Some(value),
            }
        }
        let mut answer = Self::default();
        for (field, value) in fields.iter().zip(given) {
            match value {
                Some(value) => answer.0.push((field.key_name.clone(), value)),
                // A key that the request names twice has one value.
                None if answer.get(&field.key_name).is_some() => {}
                None => wrong.missing.push(field.key_name.clone()),
            }
        }
        if wrong == AnswerKeys::default() { Ok(answer) } else { Err(wrong) }
    }

    /// Each key and its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Secret> {
        self.iter().find_map(|(known, value)| (known == key).then_some(value))
    }
}

impl fmt::Debug for LinkValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for LinkValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl FromJson for LinkValues {
    const TYPE: FieldType = FieldType::LinkValues;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        let fields = value.fields("an object: the values of an answer")?;
        let mut values = Self::default();
        for (key, value) in fields.entries() {
            if values.get(key).is_some() {
                return Err(value.misfit(Fault::Repeated));
            }
            // A key is no secret, but a pointer has only the names of known fields.
            values.0.push((key.to_string(), Secret::from_value(value)?));
        }
        Ok(values)
    }
}

/// Why values don't answer a request: their keys are not those that the request names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerKeys {
    /// The keys that the request names and the answer lacks.
    pub missing: Vec<String>,
    /// The keys that the request doesn't name.
    pub unknown: Vec<String>,
    /// The keys that the answer has more than once.
    pub repeated: Vec<String>,
}

impl fmt::Display for AnswerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            ("the answer lacks", &self.missing),
            ("the request doesn't name", &self.unknown),
            ("the answer repeats", &self.repeated),
        ];
        let mut separator = "";
        for (what, keys) in lists.into_iter().filter(|(_, keys)| !keys.is_empty()) {
            write!(f, "{separator}{what} ")?;
            separator = "";
            for key in keys {
                write!(f, "{separator}`{key}`")?;
                separator = ", ";
            }
            separator = "; ";
        }
        Ok(())
    }
}

impl core::error::Error for AnswerKeys {}

/// The body of an answer that is put to the job or to its account: the values, which are secrets.
///
/// Specification 2026: "Messages", "answer, recommended" and "answer, older".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountAnswer {
    /// The values.
    pub values: LinkValues,
    /// Whether they are in the `account_link` of the `account`, as documented; recordings also have them in the `account`
    /// itself.
    pub is_linked: bool,
}

impl AccountAnswer {
    /// The answer with these values in the documented form.
    pub const fn new(values: LinkValues) -> Self {
        Self { values, is_linked: true }
    }
}

impl Serialize for AccountAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Account<'a>(&'a AccountAnswer);

        impl Serialize for Account<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if !self.0.is_linked {
                    return self.0.values.serialize(serializer);
                }
                let mut account = serializer.serialize_map(Some(1))?;
                account.serialize_entry("account_link", &self.0.values)?;
                account.end()
            }
        }

        let mut body = serializer.serialize_map(Some(1))?;
        body.serialize_entry("account", &Account(self))?;
        body.end()
    }
}

impl FromJson for AccountAnswer {
    const TYPE: FieldType = FieldType::LinkValues;

    fn from_value(value: Value<'_>) -> Result<Self, Misfit> {
        use super::decode::Step::Key;

        let mut fields = value.fields("an object: an answer")?;
        let Some(account) = fields.get("account") else {
            return fields.read(|fields| {
                fields.required::<LinkValues>("account");
                None
            });
        };
        let read = || -> Result<Self, Misfit> {
            let mut inner = account.fields("an object: an account")?;
            match inner.get("account_link") {
                Some(link) => {
                    let values =
                        LinkValues::from_value(link).map_err(|misfit| misfit.inside(Key("account_link")))?;
                    Ok(Self::new(values))
                }
                None => Ok(Self { values: LinkValues::from_value(account)?, is_linked: false }),
            }
        };
        read().map_err(|misfit| misfit.inside(Key("account")))
    }
}

deserialize!(LinkValues, AccountAnswer);
