//! The rows of the status table in each edition.

use alloc::borrow::Cow;
use core::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumMessage, VariantArray};

use super::status::status_table;
use super::{Edition, Input, Phase, Status, StatusSet, TerminationType, each_edition, optional};

macro_rules! define_rows {
    ($(
        $(#[doc = $doc:literal])+
        $text:literal [$($alias:literal),*] $name:ident $(since $since:ident)? $(before $before:ident)?: $phase:ident
        $(, $column:ident $value:tt $(since $from:ident)? $(before $end:ident)?)*;
    )+) => {
        /// The statuses of an edition.
        const fn statuses(edition: Edition) -> StatusSet {
            let set = StatusSet::EMPTY;
            $(
                let is_in = edition
                    .is_marked(optional!($(Edition::$since)?), optional!($(Edition::$before)?));
                let set = if is_in { set.with(Status::$name) } else { set };
            )+
            set
        }

        /// The columns of an edition, by [`Status::index`].
        const fn columns(edition: Edition) -> [Columns; Status::COUNT] {
            [$({
                #[allow(unused_mut, reason = "few statuses have no column")]
                let mut columns = Columns { former: spellings!($($alias),*), ..Columns::EMPTY };
                $(if edition.is_marked(optional!($(Edition::$from)?), optional!($(Edition::$end)?)) {
                    set_column!(columns $column $value);
                })*
                columns
            }),+]
        }

        /// The rows of an edition, by [`Status::index`].
        const fn rows(edition: Edition) -> [Option<StatusRow>; Status::COUNT] {
            [$(StatusRow::new(edition, Status::$name, concat!($($doc),+).trim_ascii())),+]
        }
    };
}

macro_rules! spellings {
    ($($spelling:literal),*) => {
        Spellings { texts: &[$($spelling),*], column: &[$(Cow::Borrowed($spelling)),*] }
    };
}

macro_rules! set_column {
    ($columns:ident ends any) => {
        $columns.ends_any = true;
    };
    ($columns:ident ends [$($type:ident),+]) => {
        $columns.ends = &[$(TerminationType::$type),+];
    };
    ($columns:ident awaits $input:ident) => {
        $columns.awaits = Some(Input::$input);
    };
    ($columns:ident brings credentials) => {
        $columns.brings_credentials = true;
    };
    ($columns:ident $spellings:ident [$($spelling:literal),*]) => {
        $columns.$spellings = spellings!($($spelling),*);
    };
    ($columns:ident $column:ident $status:ident) => {
        $columns.$column = Some(Status::$status);
    };
}

/// The columns that an edition can change.
#[derive(Clone, Copy)]
struct Columns {
    ends: &'static [TerminationType],
    ends_any: bool,
    awaits: Option<Input>,
    answered_by: Option<Status>,
    expires_as: Option<Status>,
    brings_credentials: bool,
    former: Spellings,
    current: Spellings,
}

/// Spellings as they are in a row, and as texts.
#[derive(Clone, Copy)]
struct Spellings {
    texts: &'static [&'static str],
    column: &'static [Cow<'static, str>],
}

impl Columns {
    const EMPTY: Self = Self {
        ends: &[],
        ends_any: false,
        awaits: None,
        answered_by: None,
        expires_as: None,
        brings_credentials: false,
        former: spellings!(),
        current: spellings!(),
    };
}

status_table!(define_rows);

/// The statuses of each edition.
const STATUSES: [StatusSet; Edition::COUNT] = each_edition!(statuses);

const COLUMNS: [[Columns; Status::COUNT]; Edition::COUNT] = each_edition!(columns);

/// The rows of each edition, by [`Status::index`].
static ROWS: [[Option<StatusRow>; Status::COUNT]; Edition::COUNT] = each_edition!(rows);

/// The row of each status in the first edition that has it.
static FIRST_ROWS: [&StatusRow; Status::COUNT] = {
    let (mut rows, mut row) = ([first_row(0); Status::COUNT], 1);
    while row < Status::COUNT {
        rows[row] = first_row(row);
        row += 1;
    }
    rows
};

const fn first_row(row: usize) -> &'static StatusRow {
    let mut edition = 0;
    loop {
        match &ROWS[edition][row] {
            Some(first) => return first,
            None => edition += 1,
        }
    }
}

impl Edition {
    /// The statuses of the edition, in the order of its specification.
    pub const fn statuses(self) -> StatusSet {
        STATUSES[self.index()]
    }

    /// Whether the edition has a status.
    pub const fn has(self, status: Status) -> bool {
        self.statuses().contains(status)
    }

    /// The editions that have a status, the first one first.
    pub fn knowing(status: Status) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |edition| edition.has(status))
    }

    /// The row of a status; `None` if the edition lacks it.
    pub const fn row(self, status: Status) -> Option<&'static StatusRow> {
        ROWS[self.index()][status.index()].as_ref()
    }

    /// The termination type that a terminal status usually ends its job with; `None` for a status in progress, and for one
    /// that may end with any.
    pub const fn termination_type(self, status: Status) -> Option<TerminationType> {
        match self.row(status) {
            Some(row) => row.termination_type,
            None => None,
        }
    }

    /// Whether the service may send this termination type with a status.
    pub fn ends(self, status: Status, termination_type: TerminationType) -> bool {
        self.row(status).is_some_and(|row| row.termination_types().any(|ends| ends == termination_type))
    }

    /// The status that a waiting job takes when it gets what it [awaits](Status::awaits); `None` for the other statuses.
    pub const fn answered_by(self, status: Status) -> Option<Status> {
        match self.row(status) {
            Some(row) => row.answered_by,
            None => None,
        }
    }

    /// The status that a job takes when its time runs out in a status; `None` where no time runs.
    pub const fn expires_as(self, status: Status) -> Option<Status> {
        match self.row(status) {
            Some(row) => row.expires_as,
            None => None,
        }
    }

    /// Whether a status shows that the job has got its initial credentials: one that brings them, or a running status that
    /// only follows those.
    pub const fn shows_credentials(self, status: Status) -> bool {
        self.showing_credentials().contains(status)
    }

    /// The statuses that bring the initial credentials.
    pub(super) const fn bringing_credentials(self) -> StatusSet {
        let (mut set, mut row) = (StatusSet::EMPTY, 0);
        while row < Status::COUNT {
            if COLUMNS[self.index()][row].brings_credentials && self.has(Status::VOCABULARY[row]) {
                set = set.with(Status::VOCABULARY[row]);
            }
            row += 1;
        }
        set
    }

    /// Whether a status says that the user has answered: whether one that opens a window is [answered
    /// by](Self::answered_by) it.
    pub fn is_answer(self, status: Status) -> bool {
        self.statuses().iter().any(|asking| asking.opens_window() && self.answered_by(asking) == Some(status))
    }

    /// Whether a status says that the user has not answered in time: whether one that opens a window [expires
    /// as](Self::expires_as) it.
    pub fn is_timeout(self, status: Status) -> bool {
        self.statuses().iter().any(|asking| asking.opens_window() && self.expires_as(asking) == Some(status))
    }

    /// The first waiting status that [awaits](Status::awaits) this.
    pub fn awaiting(self, input: Input) -> Option<Status> {
        self.statuses().iter().find(|status| status.awaits() == Some(input))
    }

    /// Other spellings of a status that are read, and reported.
    pub const fn former_spellings(self, status: Status) -> &'static [&'static str] {
        if self.has(status) { COLUMNS[self.index()][status.index()].former.texts } else { &[] }
    }

    /// Other spellings of a status that are equally right.
    pub const fn current_spellings(self, status: Status) -> &'static [&'static str] {
        if self.has(status) { COLUMNS[self.index()][status.index()].current.texts } else { &[] }
    }
}

impl Status {
    /// The statuses of the first edition, in the order of the specification.
    pub const ALL: &'static [Self] = Self::VARIANTS.split_at(STATUSES[0].len()).0;

    /// The row of the status in the first edition that has it.
    pub const fn row(self) -> &'static StatusRow {
        FIRST_ROWS[self.index()]
    }

    /// Other spellings of the status seen on the wire: read, never written.
    pub const fn aliases(self) -> &'static [&'static str] {
        Edition::V2021.former_spellings(self)
    }

    /// What the status means, in a sentence or two.
    pub fn description(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }

    /// The termination type that a terminal status ends its job with; `None` for a status in progress.
    pub const fn termination_type(self) -> Option<TerminationType> {
        Edition::V2021.termination_type(self)
    }

    /// What a waiting status awaits of the client; `None` for the others.
    pub const fn awaits(self) -> Option<Input> {
        COLUMNS[Edition::COUNT - 1][self.index()].awaits
    }

    /// The status that a waiting job takes when it gets what it [awaits](Self::awaits); `None` for the other statuses.
    pub const fn answered_by(self) -> Option<Self> {
        Edition::V2021.answered_by(self)
    }

    /// The status that a job takes when its time runs out in this one; `None` where no time runs.
    pub const fn expires_as(self) -> Option<Self> {
        Edition::V2021.expires_as(self)
    }

    /// Whether the status shows that the job has got its initial credentials: `CREDS_RECEIVED`, `LOGIN_SUBMITTED` and
    /// the running statuses that only follow them.
    pub const fn shows_credentials(self) -> bool {
        Edition::V2021.shows_credentials(self)
    }

    /// Whether the job waits until its client has given what it [awaits](Self::awaits).
    pub const fn is_waiting(self) -> bool {
        self.awaits().is_some()
    }

    /// Whether entering the status opens an answer window: whether it awaits what [the user](Input::is_from_user) gives.
    pub const fn opens_window(self) -> bool {
        matches!(self.awaits(), Some(input) if input.is_from_user())
    }

    /// Whether the status says that the user has answered: whether one that opens a window is [answered
    /// by](Self::answered_by) it.
    pub fn is_answer(self) -> bool {
        Edition::V2021.is_answer(self)
    }

    /// Whether the status says that the user has not answered in time: whether one that opens a window [expires
    /// as](Self::expires_as) it.
    pub fn is_timeout(self) -> bool {
        Edition::V2021.is_timeout(self)
    }

    /// The first waiting status that [awaits](Self::awaits) this.
    pub fn awaiting(input: Input) -> Option<Self> {
        Edition::V2021.awaiting(input)
    }
}

// What the columns must have in common; `path.rs` checks them against the transitions.
const _: () = {
    let (mut edition, mut row) = (0, 0);
    while edition < Edition::COUNT {
        let (status, columns) = (Status::VOCABULARY[row], COLUMNS[edition][row]);
        assert!(
            edition > 0 || STATUSES[0].contains(status) == (row < Status::ALL.len()),
            "the statuses of the first edition are first"
        );
        if STATUSES[edition].contains(status) {
            let has_ends = columns.ends_any || !columns.ends.is_empty();
            assert!(
                status.is_terminal() == has_ends,
                "the statuses with termination types are those of the last phase"
            );
            assert!(status.is_waiting() == columns.answered_by.is_some(), "what is awaited can come");
            assert!(
                columns.expires_as.is_some()
                    == (status.is_running() || matches!(status.phase(), Phase::Cancellation)),
                "time runs out where a budget runs"
            );
        }
        row += 1;
        if row == Status::COUNT {
            (edition, row) = (edition + 1, 0);
        }
    }
};

/// A row of the status table, in one edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatusRow {
    /// The status.
    pub status: Status,
    /// The phase that it belongs to.
    pub phase: Phase,
    /// How it ends its job, or usually does; null for a status in progress, and for one that may end with any.
    pub termination_type: Option<TerminationType>,
    /// Other termination types that the service may send with it. Absent if there are none.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub other_termination_types: Cow<'static, [TerminationType]>,
    /// What it awaits of the client; null for a status that awaits nothing.
    pub awaits: Option<Input>,
    /// The status that a waiting job takes when it gets what it awaits; null for a status that awaits nothing.
    pub answered_by: Option<Status>,
    /// The status that the job takes when its time runs out; null where no time runs.
    pub expires_as: Option<Status>,
    /// Whether it shows that the job has got its initial credentials.
    pub shows_credentials: bool,
    /// Other spellings seen on the wire.
    pub aliases: Cow<'static, [Cow<'static, str>]>,
    /// Other spellings that are equally right. Absent if there are none.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub current_spellings: Cow<'static, [Cow<'static, str>]>,
    /// The edition that introduced it. Absent if it is the first one.
    #[serde(default, skip_serializing_if = "Edition::is_first")]
    pub since: Edition,
    /// What it means.
    pub description: Cow<'static, str>,
}

#[expect(clippy::ptr_arg, reason = "serde hands a reference to the field over")]
fn is_empty<T: Clone>(list: &Cow<'static, [T]>) -> bool {
    list.is_empty()
}

impl StatusRow {
    const fn new(edition: Edition, status: Status, description: &'static str) -> Option<Self> {
        if !edition.has(status) {
            return None;
        }
        let columns = COLUMNS[edition.index()][status.index()];
        let (usual, others) = match columns.ends {
            [usual, others @ ..] => (Some(*usual), others),
            [] if columns.ends_any => (None, TerminationType::ALL),
            [] => (None, columns.ends),
        };
        let mut since = 0;
        while !Edition::ALL[since].has(status) {
            since += 1;
        }
        Some(Self {
            status,
            phase: status.phase(),
            termination_type: usual,
            other_termination_types: Cow::Borrowed(others),
            awaits: columns.awaits,
            answered_by: columns.answered_by,
            expires_as: columns.expires_as,
            shows_credentials: edition.shows_credentials(status),
            aliases: Cow::Borrowed(columns.former.column),
            current_spellings: Cow::Borrowed(columns.current.column),
            since: Edition::ALL[since],
            description: Cow::Borrowed(description),
        })
    }

    /// The termination types that the service may send with the status, the usual one first.
    pub fn termination_types(&self) -> impl Iterator<Item = TerminationType> {
        self.termination_type.into_iter().chain(self.other_termination_types.iter().copied())
    }
}

/// That an edition lacks a status, and which ones have it.
pub(crate) struct Elsewhere(pub(crate) Edition, pub(crate) Status);

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(edition, status) = self;
        write!(f, "the edition {edition} has no such status")?;
        Edition::knowing(*status).try_for_each(|knowing| write!(f, ", {knowing} has"))
    }
}
