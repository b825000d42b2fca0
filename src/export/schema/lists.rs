//! Open lists: a choice of the known values with their meanings, and any other text. Code generated from a closed list fails
//! on the first new value. The known values are also available as constants in separate files.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use strum::{EnumMessage, VariantArray};

use crate::conformance::Rule;
use crate::spec::schema;
use crate::wire::{MessageKind, Open};
use crate::{Status, TerminationType};

/// A list that new versions of the service or of this crate may extend.
pub(super) trait OpenList: Copy + EnumMessage + VariantArray + Into<&'static str> {
    /// The name of its definition; that of its closed companion has `Known` before it.
    const NAME: &'static str;
    /// The description of a value.
    const ABOUT: &'static str;
    /// How to handle a value that is not in the list.
    const NEWER: &'static str;

    /// The values that are listed.
    const LISTED: &'static [Self] = Self::VARIANTS;

    /// Alternative spellings, which are accepted and never emitted.
    fn aliases(self) -> &'static [&'static str] {
        &[]
    }
}

impl OpenList for Status {
    const NAME: &'static str = "Status";
    const ABOUT: &'static str = "Where a job stands. The list is open: it is updated often.";
    const NEWER: &'static str =
        "A status that is newer than these schemas: show the message that came with it.";
    const LISTED: &'static [Self] = Self::ALL;

    fn aliases(self) -> &'static [&'static str] {
        Self::aliases(self)
    }
}

impl OpenList for TerminationType {
    const NAME: &'static str = "TerminationType";
    const ABOUT: &'static str = "How a job ended, in broad terms. The list is open.";
    const NEWER: &'static str = "A termination type that is newer than these schemas: the job has ended.";
}

impl OpenList for MessageKind {
    const NAME: &'static str = "MessageKind";
    const ABOUT: &'static str = "The kind of a message. The list is open.";
    const NEWER: &'static str = "A kind of message that is newer than these schemas: pass the message over.";
}

impl OpenList for Rule {
    const NAME: &'static str = "Rule";
    const ABOUT: &'static str =
        "A rule that a log of messages keeps or breaks. Names are stable; new ones are added.";
    const NEWER: &'static str = "A rule that is newer than these schemas.";
}

/// The values of a list with their meanings.
fn values<T: OpenList>() -> impl Iterator<Item = (&'static str, &'static str)> {
    T::LISTED.iter().map(|&value| (value.into(), value.get_documentation().unwrap_or_default()))
}

/// The list as a definition: a choice of its values, and after them any text that is not among them.
fn open<T: OpenList>(generator: &SchemaGenerator) -> Schema {
    let mut choices: Vec<Value> =
        values::<T>().map(|(value, about)| json!({ "const": value, "description": about })).collect();
    let mut known: Vec<&str> = values::<T>().map(|(value, _)| value).collect();
    for &value in T::LISTED {
        let name: &str = value.into();
        // Output never contains such a spelling, not even as an unknown value.
        known.extend(value.aliases());
        if generator.contract().is_deserialize() {
            choices.extend(value.aliases().iter().map(|alias| {
                json!({ "const": alias, "description": format!("Another spelling of {name}, seen on the wire.") })
            }));
        }
    }
    choices.push(json!({ "description": T::NEWER, "type": "string", "not": { "enum": known } }));
    json_schema!({ "description": T::ABOUT, "oneOf": choices })
}

impl<T: OpenList> JsonSchema for Open<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn schema_id() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        open::<T>(generator)
    }
}

// A document written by this version has a known value where a reader must accept a newer one.
macro_rules! as_open_list {
    ($($list:ty),+) => {$(
        impl JsonSchema for $list {
            fn schema_name() -> Cow<'static, str> {
                Open::<$list>::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                Open::<$list>::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                Open::<$list>::json_schema(generator)
            }
        }
    )+};
}

as_open_list!(Status, TerminationType, MessageKind, Rule);

/// The values of an open list that this version knows, as a list of their own. No message uses it.
pub(super) struct Known<T>(PhantomData<T>);

impl<T: OpenList> JsonSchema for Known<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Known{}", T::NAME).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = values::<T>().map(|(value, _)| value).collect();
        json_schema!({
            "description": schema::list("The values that this version of the schemas knows.", values::<T>()),
            "type": "string",
            "enum": names,
        })
    }
}

impl<T: OpenList> Known<T> {
    /// The first value of the list, as an example.
    pub(super) fn examples() -> Vec<Value> {
        values::<T>().take(1).map(|(value, _)| Value::from(String::from(value))).collect()
    }
}
