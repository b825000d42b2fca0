//! The definition of an object: its struct, its rows, how it is made and how it is read.

/// Defines a struct that is read from a JSON object and written as one. Each field stands once, with its documentation:
/// the struct, [`Field`](super::Field) rows, constructor, setters, decoder and schema all follow from it.
macro_rules! object {
    (
        $(#[$meta:meta])*
        $name:ident, $expected:literal $(, type $kind:ident)? $(, in $many:ident)? {
            required { $($(#[doc = $r_about:literal])+ $required:ident $(as $r_name:literal)?: $r_type:ty,)* }
            optional { $(
                $(#[doc = $o_about:literal])+ $optional:ident $(as $o_name:literal)?, $with:ident: $o_type:ty,
            )* }
            $(list { $(#[doc = $l_about:literal])+ $list:ident, $with_list:ident: $l_type:ty as $l_schema:literal, })?
            $(rest { $(#[doc = $x_about:literal])+ $rest:ident })?
        }
    ) => {
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        $(#[$meta])*
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $r_about])+ $(#[serde(rename = $r_name)])? pub $required: $r_type,)*
            $(
                $(#[doc = $o_about])+
                #[serde(skip_serializing_if = "Option::is_none" $(, rename = $o_name)?)]
                pub $optional: Option<$o_type>,
            )*
            $(
                $(#[doc = $l_about])+
                #[serde(skip_serializing_if = "Vec::is_empty")]
                #[cfg_attr(feature = "schemars", schemars(with = $l_schema))]
                pub $list: alloc::vec::Vec<$l_type>,
            )?
            $(
                $(#[doc = $x_about])+
                #[serde(flatten)]
                #[cfg_attr(feature = "schemars", schemars(skip))]
                pub $rest: $crate::wire::OtherFields,
            )?
        }

        impl $name {
            /// The fields of the object in JSON.
            pub const FIELDS: &'static [$crate::wire::Field] = &[
                $($crate::wire::Field {
                    name: $crate::wire::object::name!($kind "type"),
                    about: "The kind of message.",
                    is_required: true,
                    field_type: $crate::wire::FieldType::Word,
                },)?
                $($crate::wire::Field {
                    name: $crate::wire::object::name!($required $($r_name)?),
                    about: concat!($($r_about, "\n"),+),
                    is_required: true,
                    field_type: <$r_type as $crate::wire::decode::FromJson>::TYPE,
                },)*
                $($crate::wire::Field {
                    name: $crate::wire::object::name!($optional $($o_name)?),
                    about: concat!($($o_about, "\n"),+),
                    is_required: false,
                    field_type: <$o_type as $crate::wire::decode::FromJson>::TYPE,
                },)*
                $($crate::wire::Field {
                    name: stringify!($list),
                    about: concat!($($l_about, "\n"),+),
                    is_required: false,
                    field_type: <alloc::vec::Vec<$l_type> as $crate::wire::decode::FromJson>::TYPE,
                },)?
            ];

            /// One with the required fields and nothing else.
            pub fn new($($required: impl Into<$r_type>),*) -> Self {
                Self {
                    $($required: $required.into(),)*
                    $($optional: None,)*
                    $($list: alloc::vec::Vec::<$l_type>::new(),)?
                    $($rest: $crate::wire::OtherFields::default(),)?
                }
            }

            $(
                #[doc = concat!("The same with `", stringify!($optional), "`.")]
                #[must_use]
                pub fn $with(self, $optional: impl Into<$o_type>) -> Self {
                    Self { $optional: Some($optional.into()), ..self }
                }
            )*

            $(
                #[doc = concat!("The same with `", stringify!($list), "`.")]
                #[must_use]
                pub fn $with_list(self, $list: alloc::vec::Vec<$l_type>) -> Self {
                    Self { $list, ..self }
                }
            )?
        }

        impl $crate::wire::decode::Object for $name {
            const EXPECTED: &'static str = $expected;
            $(const LIST: $crate::wire::FieldType = $crate::wire::FieldType::$many;)?

            fn from_fields(fields: &mut $crate::wire::decode::Fields<'_>) -> Option<Self> {
                $(fields.expect_kind($crate::wire::MessageKind::$kind);)?
                // All fields are read before any is unwrapped: the first fault of the text is the one to report.
                $(let $required = fields.required($crate::wire::object::name!($required $($r_name)?));)*
                $(let $optional = fields.optional($crate::wire::object::name!($optional $($o_name)?));)*
                $(let $list = fields.optional(stringify!($list)).unwrap_or_default();)?
                $(let $rest = fields.others(Self::FIELDS);)?
                Some(Self { $($required: $required?,)* $($optional,)* $($list,)? $($rest,)? })
            }
        }

        $crate::wire::decode::deserialize!($name);
    };
}
pub(super) use object;

/// The name of a field in JSON.
macro_rules! name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}
pub(super) use name;
