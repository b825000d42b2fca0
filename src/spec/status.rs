//! The status table: one row a status. All that the crate knows of a single status derives from its row.

use alloc::borrow::Cow;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::{Input, Phase, TerminationType};

/// Passes the rows of the status table to the macro `$define`, in the specification's order: description, wire text,
/// other spellings seen on the wire, name, phase, and those of these columns that are not empty, in this order:
///
/// - `ends`: the termination type of a terminal status;
/// - `awaits`: what the job waits for;
/// - `answered_by`: the status that a waiting job takes when it gets what it awaits;
/// - `expires_as`: the status that the job takes when its time runs out;
/// - `shows credentials`: the job has got its initial credentials.
///
/// A macro that needs the columns only by name takes them as `$(, $column:ident $value:ident)*`.
macro_rules! status_table {
    ($define:ident) => {
        $define! {
            /// The card was placed; the job completed.
            "SUCCESSFUL" [] Successful: Terminated, ends Billable;
            /// The card could not be placed, most often because the next element of the site was not found.
            "UNSUCCESSFUL" [] Unsuccessful: Terminated, ends SiteInteractionFailure;
            /// A captcha was not solved in time.
            "TIMEOUT_CAPTCHA" [] TimeoutCaptcha: Terminated, ends SiteInteractionFailure;
            /// The merchant's site could not be reached: with a termination type after the third failure, which ends the job; without one, a report of a failure after which the task tries again.
            "NETWORK_ISSUE" [] NetworkIssue: Terminated, ends SiteInteractionFailure;
            /// The account is prepaid, and prepaid accounts keep no card on file.
            "PREPAID_ACCOUNT" [] PrepaidAccount: Terminated, ends UserDataFailure;
            /// The account is inactive: a bill was not paid, or the account was closed.
            "INACTIVE_ACCOUNT" [] InactiveAccount: Terminated, ends UserDataFailure;
            /// The merchant considers the card invalid.
            "INVALID_CARD" [] InvalidCard: Terminated, ends UserDataFailure;
            /// The site wants an accurate address, and the one given is not.
            "INVALID_ADDRESS" [] InvalidAddress: Terminated, ends UserDataFailure;
            /// The user must reset the account's password before anything else can happen.
            "PASSWORD_RESET_REQUIRED" [] PasswordResetRequired: Terminated, ends UserDataFailure;
            /// The account is billed through another subscription and has no card on file.
            "BUNDLED_SUBSCRIPTION" [] BundledSubscription: Terminated, ends UserDataFailure;
            /// The account is free: no card on file and no paid subscription.
            "FREE_ACCOUNT" [] FreeAccount: Terminated, ends UserDataFailure;
            /// Earlier failed logins have locked the account.
            "ACCOUNT_LOCKED" [] AccountLocked: Terminated, ends UserDataFailure;
            /// The site does not take the same card twice.
            "DUPLICATE_CARD" [] DuplicateCard: Terminated, ends UserDataFailure;
            /// The card has expired.
            "EXPIRED_CARD" [] ExpiredCard: Terminated, ends UserDataFailure;
            /// The card's verification value is wrong.
            "INVALID_CVV" [] InvalidCvv: Terminated, ends UserDataFailure;
            /// The site does not take cards of this brand.
            "INVALID_NETWORK" [] InvalidNetwork: Terminated, ends UserDataFailure;
            /// The site stores only so many cards, and the account has that many.
            "MAX_LIMIT_OF_STORED_CARDS" [] MaxLimitOfStoredCards: Terminated, ends UserDataFailure;
            /// The user gave no new credentials within the answer window.
            "TIMEOUT_CREDENTIALS" [] TimeoutCredentials: Terminated, ends UserDataFailure;
            /// The user gave no TFA code within the answer window.
            "TIMEOUT_TFA" [] TimeoutTfa: Terminated, ends UserDataFailure;
            /// The login failed more often than is allowed.
            "TOO_MANY_LOGIN_FAILURES" [] TooManyLoginFailures: Terminated, ends UserDataFailure;
            /// More TFA codes failed than are allowed.
            "TOO_MANY_TFA_FAILURES" [] TooManyTfaFailures: Terminated, ends UserDataFailure;
            /// The job exists: the initial status, and the default.
            "REQUESTED" [] Requested: Creation;
            /// The job waits for a task to run it, as every job does at once after it was requested.
            "QUEUED" [] Queued: Creation;
            /// A task has started.
            "IN_PROGRESS" ["IN-PROGRESS"] InProgress: Authentication, expires_as VbsTimeout;
            /// The task is attempting to authenticate with the merchant.
            "AUTH" [] Auth: Authentication, expires_as VbsTimeout;
            /// The initial credentials have not come yet: the job was started early, to save time.
            "PENDING_CREDS" [] PendingCreds: Authentication,
                awaits InitialCredentials, answered_by CredsReceived, expires_as AbandonedQuickstart;
            /// The initial credentials have come.
            "CREDS_RECEIVED" ["CREDS_RECEVIED"] CredsReceived: Authentication, expires_as VbsTimeout, shows credentials;
            /// The login form was submitted.
            "LOGIN_SUBMITTED" [] LoginSubmitted: Authentication, expires_as VbsTimeout, shows credentials;
            /// The merchant refused the credentials, and the task awaits new ones.
            "PENDING_NEWCREDS" [] PendingNewCreds: Authentication,
                awaits NewCredentials, answered_by NewCredsReceived, expires_as TimeoutCredentials, shows credentials;
            /// New credentials have come in place of those that were refused.
            "NEWCREDS_RECEIVED" [] NewCredsReceived: Authentication, expires_as VbsTimeout, shows credentials;
            /// The login form was submitted again, with the new credentials.
            "LOGIN_RESUBMITTED" [] LoginResubmitted: Authentication, expires_as VbsTimeout, shows credentials;
            /// The merchant asks for a TFA code, and the task awaits it.
            "PENDING_TFA" [] PendingTfa: Authentication,
                awaits TfaCode, answered_by TfaReceived, expires_as TimeoutTfa, shows credentials;
            /// A TFA code has come.
            "TFA_RECEIVED" ["TFA_CODE_RECEIVED"] TfaReceived: Authentication, expires_as VbsTimeout, shows credentials;
            /// The TFA code was submitted to the merchant.
            "TFA_SUBMITTED" [] TfaSubmitted: Authentication, expires_as VbsTimeout, shows credentials;
            /// The task is authenticated and is placing the card; nothing more is asked of the user.
            "UPDATING" [] Updating: Placement, expires_as VbsTimeout, shows credentials;
            /// The task awaits a card: the job and its account were created before the card was added (uncommon).
            "PENDING_CARD" [] PendingCard: Placement,
                awaits Card, answered_by Updating, expires_as VbsTimeout, shows credentials;
            /// The client has cancelled the job, and the task has not acknowledged it yet.
            "CANCEL_REQUESTED" [] CancelRequested: Cancellation, expires_as VbsTimeout;
            /// The job is to be created, but not queued yet (uncommon).
            "INITIATED" [] Initiated: Creation;
            /// The client cancelled the job before its initial credentials came.
            "CANCELLED_QUICKSTART" [] CancelledQuickstart: Terminated, ends NeverStarted;
            /// The initial credentials never came, and the job was abandoned.
            "ABANDONED_QUICKSTART" [] AbandonedQuickstart: Terminated, ends NeverStarted;
            /// The job was stuck, and a remote process stopped it (uncommon).
            "KILLED" [] Killed: Terminated, ends NeverStarted;
            /// The client cancelled the job.
            "CANCELLED" ["CANCELED"] Cancelled: Terminated, ends NeverStarted;
            /// The job was initiated and then abandoned: credentials were never provided (uncommon).
            "ABANDONED" [] Abandoned: Terminated, ends NeverStarted;
            /// Neither the primary proxy nor the backup could connect.
            "PROXY_PROBE_FAILED" [] ProxyProbeFailed: Terminated, ends ProcessFailure;
            /// The task ran longer than it may (uncommon).
            "VBS_TIMEOUT" [] VbsTimeout: Terminated, ends ProcessFailure;
            /// The task failed in a way that it did not handle (uncommon).
            "VBS_ERROR" [] VbsError: Terminated, ends ProcessFailure;
        }
    };
}
pub(crate) use status_table;

macro_rules! define_status {
    ($(
        $(#[doc = $doc:literal])+
        $text:literal [$($alias:literal),*] $name:ident: $phase:ident
        $(, ends $termination:ident)? $(, awaits $input:ident)? $(, answered_by $answer:ident)?
        $(, expires_as $expiry:ident)? $(, shows $shown:ident)?;
    )+) => {
        /// The status of a job: one of those that the specification lists.
        ///
        /// ```text
        ///   creation            authentication                                          placement
        ///
        ///  [INITIATED]   ┌─> PENDING_CREDS ──> CREDS_RECEIVED ─┐
        ///       │        │          ┌──────────────────────────┤
        ///       v        │          v                          v
        ///   REQUESTED    ├───────> AUTH ─────────────> LOGIN_SUBMITTED ──────────┬────> UPDATING <──> PENDING_CARD
        ///       │        │          │                          │                 │          │
        ///       v        │          │   PENDING_NEWCREDS <─────┤                 │          v
        ///    QUEUED ──> IN_PROGRESS │           v              │                 │   SUCCESSFUL (BILLABLE) and
        ///                           │   NEWCREDS_RECEIVED      │                 │   every other way to end
        ///                           │           v              │                 │
        ///                           │   LOGIN_RESUBMITTED ─────┤                 │
        ///                           │                          v                 │
        ///                           └──────────────────> PENDING_TFA <─┐         │
        ///                                                      v       │ failed  │
        ///                                                TFA_RECEIVED  │ code    │
        ///                                                      v       │         │
        ///                                                TFA_SUBMITTED ┴─────────┘
        ///
        ///  from each of these: CANCEL_REQUESTED, and the ends that fit the phase (see `successors`)
        /// ```
        ///
        /// A status never goes back to an earlier [`Phase`], and no status follows a terminal one. The list is
        /// open: messages carry an [`Open<Status>`](crate::Open), which preserves a status newer than this
        /// version.
        ///
        /// Specification: "Termination types", second table.
        ///
        /// ```
        /// use cardsavr_protocol::{Status, TerminationType};
        ///
        /// let status: Status = "TIMEOUT_TFA".parse()?;
        /// assert_eq!(status.termination_type(), Some(TerminationType::UserDataFailure));
        /// assert!(Status::PendingTfa.can_become(status));
        /// // The specification misspells one name: it is read, and written in the table's spelling.
        /// assert_eq!("CREDS_RECEVIED".parse::<Status>()?.to_string(), "CREDS_RECEIVED");
        /// # Ok::<(), cardsavr_protocol::UnknownName>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray, Serialize, Deserialize)]
        #[strum(parse_err_ty = crate::UnknownName, parse_err_fn = crate::UnknownName::status)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Status {
            $(
                $(#[doc = $doc])+
                #[strum(to_string = $text $(, serialize = $alias)*)]
                #[serde(rename = $text $(, alias = $alias)*)]
                $name,
            )+
        }

        impl Status {
            /// All statuses, in the order of the table.
            pub const ALL: &'static [Self] = Self::VARIANTS;

            /// The text of the status on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Other spellings of the status seen on the wire: read, never written.
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($alias),*],)+ }
            }
        }

        /// The rows, by [`Status::index`].
        static ROWS: [StatusRow; Status::COUNT] = [$(StatusRow {
            status: Status::$name,
            phase: Phase::$phase,
            termination_type: optional!($(TerminationType::$termination)?),
            awaits: optional!($(Input::$input)?),
            answered_by: optional!($(Status::$answer)?),
            expires_as: optional!($(Status::$expiry)?),
            shows_credentials: <[&str]>::len(&[$(stringify!($shown))?]) > 0,
            aliases: Cow::Borrowed(&[$(Cow::Borrowed($alias)),*]),
            description: Cow::Borrowed(concat!($($doc),+).trim_ascii()),
        }),+];
    };
}

/// A column that may be empty.
macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

status_table!(define_status);

/// A job begins as `REQUESTED`.
impl Default for Status {
    fn default() -> Self {
        Self::Requested
    }
}

impl Status {
    /// The statuses that a job begins in, the default one first.
    pub const STARTS: [Self; 2] = [Self::Requested, Self::Initiated];

    /// The row of the status.
    pub const fn row(self) -> &'static StatusRow {
        &ROWS[self.index()]
    }

    /// What the status means, in a sentence or two.
    pub fn description(self) -> &'static str {
        &self.row().description
    }

    /// The phase that the status belongs to.
    pub const fn phase(self) -> Phase {
        self.row().phase
    }

    /// The termination type that a terminal status ends its job with; `None` for a status in progress.
    pub const fn termination_type(self) -> Option<TerminationType> {
        self.row().termination_type
    }

    /// What a waiting status awaits of the client; `None` for the others.
    pub const fn awaits(self) -> Option<Input> {
        self.row().awaits
    }

    /// The status that a waiting job takes when it gets what it [awaits](Self::awaits); `None` for the other statuses.
    pub const fn answered_by(self) -> Option<Self> {
        self.row().answered_by
    }

    /// The status that a job takes when its time runs out in this one; `None` where no time runs.
    pub const fn expires_as(self) -> Option<Self> {
        self.row().expires_as
    }

    /// Whether the status shows that the job has got its initial credentials: `CREDS_RECEIVED`, `LOGIN_SUBMITTED` and
    /// the running statuses that only follow them.
    pub const fn shows_credentials(self) -> bool {
        self.row().shows_credentials
    }

    /// Whether a job in this status has ended.
    pub const fn is_terminal(self) -> bool {
        self.termination_type().is_some()
    }

    /// Whether a task works on a job in this status, so that the job's time budget runs.
    pub const fn is_running(self) -> bool {
        matches!(self.phase(), Phase::Authentication | Phase::Placement)
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
        Self::ALL.iter().any(|asking| asking.opens_window() && asking.answered_by() == Some(self))
    }

    /// Whether the status says that the user has not answered in time: whether one that opens a window [expires
    /// as](Self::expires_as) it.
    pub fn is_timeout(self) -> bool {
        Self::ALL.iter().any(|asking| asking.opens_window() && asking.expires_as() == Some(self))
    }

    /// The first waiting status that [awaits](Self::awaits) this.
    pub fn awaiting(input: Input) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.awaits() == Some(input))
    }

    /// The row of the status in the table, counted from zero.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

// What the columns must have in common; `path.rs` checks them against the transitions.
const _: () = {
    let mut row = 0;
    while row < Status::COUNT {
        let status = Status::ALL[row];
        assert!(ROWS[row].status.index() == row, "the rows are in the order of the enum");
        assert!(
            status.is_terminal() == matches!(status.phase(), Phase::Terminated),
            "the statuses with a termination type are those of the last phase"
        );
        assert!(status.is_waiting() == status.answered_by().is_some(), "what is awaited can come");
        assert!(
            status.expires_as().is_some()
                == (status.is_running() || matches!(status.phase(), Phase::Cancellation)),
            "time runs out where a budget runs"
        );
        row += 1;
    }
};

/// A row of the status table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatusRow {
    /// The status.
    pub status: Status,
    /// The phase that it belongs to.
    pub phase: Phase,
    /// How it ends its job; null for a status in progress.
    pub termination_type: Option<TerminationType>,
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
    /// What it means.
    pub description: Cow<'static, str>,
}
