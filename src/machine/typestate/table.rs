//! The status types and the moves, from the rows of the tables.

use super::traits::{Expires, Follows, Move, Ongoing, Refusal, State, Terminal, Waiting, sealed};
use crate::spec::status::status_table;
use crate::spec::transition::transition_table;
use crate::spec::{Guard, Status, TerminationType};

macro_rules! define_states {
    ($(
        $(#[doc = $doc:literal])+
        $text:literal [$($alias:literal),*] $name:ident: $phase:ident $(, $column:ident $value:ident)*;
    )+) => {
        /// A type for each [`Status`](crate::Status), of the same name.
        pub mod status {
            $(
                #[doc = concat!("`", $text, "`:")]
                $(#[doc = $doc])+
                ///
                $(#[doc = describe!($column $value)])*
                ///
                #[doc = follow_up!($name $($column)*)]
                #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
                pub struct $name;
            )+
        }

        $(
            impl sealed::Sealed for status::$name {}

            impl State for status::$name {
                const STATUS: Status = Status::$name;
            }

            define_standing!($name $($column $value)*);
            $(define_column!($name $column $value);)*
        )+
    };
}

/// What the documentation of a status says about one of its columns.
macro_rules! describe {
    (ends $type:ident) => {
        concat!("- ends a job: [`", stringify!($type), "`](crate::TerminationType::", stringify!($type), ")")
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
    (shows $what:ident) => {
        concat!("- shows that the job has its initial ", stringify!($what))
    };
}

/// What the documentation of a status says about those that may follow it.
macro_rules! follow_up {
    ($name:ident ends) => {
        "No status follows it: the job has ended."
    };
    ($name:ident $($column:ident)*) => {
        concat!("A status `T` may follow if `impl Follows<", stringify!($name), "> for T` is listed below.")
    };
}

/// Whether a status ends its job, by whether its row has that column.
macro_rules! define_standing {
    ($name:ident ends $termination:ident) => {
        impl Terminal for status::$name {
            const TERMINATION_TYPE: TerminationType = TerminationType::$termination;
        }
    };
    ($name:ident $($columns:ident)*) => {
        impl Ongoing for status::$name {}
    };
}

/// What else the columns of a status mean for its type.
macro_rules! define_column {
    ($name:ident answered_by $answer:ident) => {
        impl Waiting for status::$name {
            type AnsweredBy = status::$answer;
        }
    };
    ($name:ident expires_as $expiry:ident) => {
        impl Expires for status::$name {
            type ExpiresAs = status::$expiry;
        }
    };
    ($name:ident $column:ident $value:ident) => {};
}

status_table!(define_states);

macro_rules! define_moves {
    (@ $basis:ident $from:ident => [$($to:ident),+]) => {$(
        #[doc = concat!(
            "[`", stringify!($to), "`](status::", stringify!($to), ") may follow ",
            "[`", stringify!($from), "`](status::", stringify!($from), "): ",
            "[", stringify!($basis), "](crate::Basis::", stringify!($basis), ")."
        )]
        impl Follows<status::$from> for status::$to {
            type Refusal = <Move<{
                Guard::of_transition(Status::$from, Status::$to).is_some()
            }> as Refusal<status::$from>>::Error;
        }
    )+};
    ($($basis:ident [$($from:ident),+] => $to:tt;)+) => {
        $($(define_moves!(@ $basis $from => $to);)+)+
    };
}

transition_table!(define_moves);
