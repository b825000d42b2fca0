//! The status types and the moves, from the rows of the tables.

use super::traits::{EndsAs, Expires, Follows, Move, Ongoing, Refusal, State, Terminal, Waiting, sealed};
use crate::spec::status::status_table;
use crate::spec::transition::transition_table;
use crate::spec::{Edition, Status, TerminationType, in_edition};

macro_rules! define_states {
    ($edition:ident $module:ident $about:literal: $(
        $(#[doc = $doc:literal])+
        $text:literal [$($alias:literal),*] $name:ident $(since $since:ident)? $(before $before:ident)?: $phase:ident
        $(, $column:ident $value:tt $(since $from:ident)? $(before $end:ident)?)*;
    )+) => {
        #[doc = $about]
        pub mod $module {
            use super::in_edition;

            $(in_edition! { $edition [$(since $since)? $(before $before)?] {
                #[doc = concat!("`", $text, "`:")]
                $(#[doc = $doc])+
                ///
                $(#[doc = in_edition! {
                    $edition [$(since $from)? $(before $end)?] { describe!($column $value) } else { "" }
                }])*
                ///
                #[doc = follow_up!($phase $name)]
                #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
                pub struct $name;
            } })+
        }

        $(in_edition! { $edition [$(since $since)? $(before $before)?] {
            impl sealed::Sealed for $module::$name {}

            impl State for $module::$name {
                const EDITION: Edition = Edition::$edition;
                const STATUS: Status = Status::$name;
            }

            define_phase!($module $phase $name);
            $(in_edition! { $edition [$(since $from)? $(before $end)?] {
                define_column!($module $name $column $value);
            } })*
        } })+
    };
}

/// What the documentation of a status says about one of its columns.
macro_rules! describe {
    (ends any) => {
        "- ends a job, with any termination type"
    };
    (ends [$($type:ident),+]) => {
        concat!("- ends a job:" $(, " [`", stringify!($type), "`](crate::TerminationType::", stringify!($type), ")")+)
    };
    (awaits $input:ident) => {
        concat!(
            "- awaits of the client: [`",
            stringify!($input),
            "`](crate::Input::",
            stringify!($input),
            ")"
        )
    };
    (answered_by $name:ident) => {
        concat!("- answered by: [`", stringify!($name), "`]")
    };
    (expires_as $name:ident) => {
        concat!("- expires as: [`", stringify!($name), "`]")
    };
    (brings $what:ident) => {
        concat!("- shows that the job has its initial ", stringify!($what))
    };
    ($spellings:ident $value:tt) => {
        ""
    };
}

/// What the documentation of a status has about those that may follow it.
macro_rules! follow_up {
    (Terminated $name:ident) => {
        "No status follows it: the job has ended."
    };
    ($phase:ident $name:ident) => {
        concat!("A status `T` may follow if `impl Follows<", stringify!($name), "> for T` is listed below.")
    };
}

/// Whether a status ends its job.
macro_rules! define_phase {
    ($module:ident Terminated $name:ident) => {
        impl Terminal for $module::$name {}
    };
    ($module:ident $phase:ident $name:ident) => {
        impl Ongoing for $module::$name {
            type CancelRequested = $module::CancelRequested;
        }
    };
}

/// What the columns of a status mean for its type.
macro_rules! define_column {
    ($module:ident $name:ident ends [$usual:ident $(, $other:ident)*]) => {
        impl EndsAs for $module::$name {
            const TERMINATION_TYPE: TerminationType = TerminationType::$usual;
        }
    };
    ($module:ident $name:ident answered_by $answer:ident) => {
        impl Waiting for $module::$name {
            type AnsweredBy = $module::$answer;
        }
    };
    ($module:ident $name:ident expires_as $expiry:ident) => {
        impl Expires for $module::$name {
            type ExpiresAs = $module::$expiry;
        }
    };
    ($module:ident $name:ident $column:ident $value:tt) => {};
}

/// Defines `if_has!`, which expands to the braces' content if an edition has a status: a rule for each row.
macro_rules! define_if_has {
    ($dollar:tt: $(
        $(#[doc = $doc:literal])+
        $text:literal $aliases:tt $name:ident $(since $since:ident)? $(before $before:ident)?: $phase:ident
        $(, $column:ident $value:tt $(since $from:ident)? $(before $end:ident)?)*;
    )+) => {
        macro_rules! if_has {$(
            ($dollar edition:ident $name $dollar body:tt) => {
                in_edition! { $dollar edition [$(since $since)? $(before $before)?] $dollar body }
            };
        )+}
    };
}

status_table!(define_if_has $:);
#[cfg(test)]
pub(super) use if_has;

macro_rules! define_moves {
    (@ $edition:ident $module:ident $basis:ident $from:ident => [$($to:ident),+]) => {
        if_has! { $edition $from {$(
            if_has! { $edition $to {
                #[doc = concat!(
                    "[`", stringify!($to), "`](", stringify!($module), "::", stringify!($to), ") may follow ",
                    "[`", stringify!($from), "`](", stringify!($module), "::", stringify!($from), "): ",
                    "[", stringify!($basis), "](crate::Basis::", stringify!($basis), ")."
                )]
                impl Follows<$module::$from> for $module::$to {
                    type Refusal = <Move<{
                        Edition::$edition.is_guarded(Status::$from, Status::$to)
                    }> as Refusal<$module::$from>>::Error;
                }
            } }
        )+} }
    };
    ($edition:ident $module:ident: $(
        $basis:ident $(since $since:ident)? $(before $before:ident)? [$($from:ident),+] => $to:tt;
    )+) => {
        $(in_edition! { $edition [$(since $since)? $(before $before)?] {
            $(define_moves!(@ $edition $module $basis $from => $to);)+
        } })+
    };
}

status_table!(define_states V2021 status "A type for each [`Status`](crate::Status) of the first edition, of the same name.":);
transition_table!(define_moves V2021 status:);

status_table!(define_states V2026 v2026 "A type for each [`Status`](crate::Status) of the edition 2026, of the same name.":);
transition_table!(define_moves V2026 v2026:);
