//! The status table: one row a status. Whatever else the crate knows of a single status derives from it.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use crate::TerminationType;
use crate::wire::Open;

/// Hands the rows of the status table to the macro `$define`, in the specification's order:
/// what the status means, its wire text, other spellings seen on the wire, its name here, its phase, and the
/// termination type it ends a job with or the input it awaits.
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
            "IN_PROGRESS" ["IN-PROGRESS"] InProgress: Authentication;
            /// The task is attempting to authenticate with the merchant.
            "AUTH" [] Auth: Authentication;
            /// The initial credentials have not come yet: the job was started early, to save time.
            "PENDING_CREDS" [] PendingCreds: Authentication, awaits InitialCredentials;
            /// The initial credentials have come.
            "CREDS_RECEIVED" ["CREDS_RECEVIED"] CredsReceived: Authentication;
            /// The login form was submitted.
            "LOGIN_SUBMITTED" [] LoginSubmitted: Authentication;
            /// The merchant refused the credentials, and the task awaits new ones.
            "PENDING_NEWCREDS" [] PendingNewCreds: Authentication, awaits NewCredentials;
            /// New credentials have come in place of those that were refused.
            "NEWCREDS_RECEIVED" [] NewCredsReceived: Authentication;
            /// The login form was submitted again, with the new credentials.
            "LOGIN_RESUBMITTED" [] LoginResubmitted: Authentication;
            /// The merchant asks for a TFA code, and the task awaits it.
            "PENDING_TFA" [] PendingTfa: Authentication, awaits TfaCode;
            /// A TFA code has come.
            "TFA_RECEIVED" ["TFA_CODE_RECEIVED"] TfaReceived: Authentication;
            /// The TFA code was submitted to the merchant.
            "TFA_SUBMITTED" [] TfaSubmitted: Authentication;
            /// The task is authenticated and is placing the card; nothing more is asked of the user.
            "UPDATING" [] Updating: Placement;
            /// The task awaits a card: the job and its account were created before the card was added (uncommon).
            "PENDING_CARD" [] PendingCard: Placement, awaits Card;
            /// The client has cancelled the job, and the task has not acknowledged it yet.
            "CANCEL_REQUESTED" [] CancelRequested: Cancellation;
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
        $(, ends $termination:ident)? $(, awaits $input:ident)?;
    )+) => {
        /// Where a job stands: one of the statuses that the specification lists.
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
        /// A status never goes back to an earlier [`Phase`], and a terminal one is left by nothing. The list is
        /// open: messages carry an [`Open<Status>`](crate::wire::Open), in which a status newer than this
        /// version survives.
        ///
        /// Specification: "Termination types", second table.
        ///
        /// ```
        /// use cardsavr_protocol::{Status, TerminationType};
        ///
        /// let status: Status = "TIMEOUT_TFA".parse()?;
        /// assert_eq!(status.termination_type(), Some(TerminationType::UserDataFailure));
        /// assert!(Status::PendingTfa.can_become(status));
        /// // The specification's own slip in one name is understood, and put right on the way out.
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

            /// The text that stands for the status on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The status as an open one, without making it anew each time.
            pub(crate) const fn as_open(self) -> &'static Open<Self> {
                match self { $(Self::$name => const { &Open::constant(Self::$name, $text) },)+ }
            }

            /// Other spellings of the status that were seen on the wire; they parse, and are never written.
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($alias),*],)+ }
            }

            /// The part of a job's life that the status belongs to.
            pub const fn phase(self) -> Phase {
                match self { $(Self::$name => Phase::$phase,)+ }
            }

            /// The termination type that a terminal status ends its job with; none for a status in progress.
            pub const fn termination_type(self) -> Option<TerminationType> {
                match self {
                    $($(Self::$name => Some(TerminationType::$termination),)?)+
                    _ => None,
                }
            }

            /// What a waiting status awaits of the client; none for the others.
            pub const fn awaits(self) -> Option<Input> {
                match self {
                    $($(Self::$name => Some(Input::$input),)?)+
                    _ => None,
                }
            }
        }
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

    /// What the status means, in a sentence or two.
    pub fn description(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }

    /// Whether a job in this status has ended.
    pub const fn is_terminal(self) -> bool {
        self.termination_type().is_some()
    }

    /// Whether a task works on a job in this status, so that the job's time budget runs.
    pub const fn is_running(self) -> bool {
        matches!(self.phase(), Phase::Authentication | Phase::Placement)
    }

    /// Whether the job stands still until its client has given what it [awaits](Self::awaits).
    pub const fn is_waiting(self) -> bool {
        self.awaits().is_some()
    }

    /// The row of the status in the table, counted from zero.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

// A status ends its job if, and only if, its row names the termination type.
const _: () = {
    let mut row = 0;
    while row < Status::COUNT {
        let status = Status::ALL[row];
        assert!(status.is_terminal() == matches!(status.phase(), Phase::Terminated));
        row += 1;
    }
};

/// The parts of a job's life, in order: a transition never goes to an earlier one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumMessage,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(transform = crate::export::schema::shape::closed))]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// No task runs yet.
    Creation,
    /// A task is getting into the account: credentials and TFA codes are asked for here, and only here.
    Authentication,
    /// The card is being placed; a client may let its user leave.
    Placement,
    /// The client has cancelled, and the end has not been seen yet.
    Cancellation,
    /// The job has ended.
    Terminated,
}

/// What a waiting job needs from its client.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumMessage,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(transform = crate::export::schema::shape::closed))]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Input {
    /// The first credentials of a job that was started without any.
    #[strum(to_string = "initial credentials")]
    #[serde(rename = "initial credentials")]
    InitialCredentials,
    /// Credentials in place of those that the merchant refused.
    #[strum(to_string = "new credentials")]
    #[serde(rename = "new credentials")]
    NewCredentials,
    /// The code that the merchant sent to the cardholder.
    #[strum(to_string = "tfa code")]
    #[serde(rename = "tfa code")]
    TfaCode,
    /// The card to place.
    Card,
}

/// A set of statuses: one bit each, so that membership is one bit test.
///
/// ```
/// use cardsavr_protocol::Status;
///
/// let next = Status::Initiated.successors();
/// assert!(next.contains(Status::Requested));
/// assert_eq!(next.to_string(), "REQUESTED, CANCEL_REQUESTED, KILLED, CANCELLED or ABANDONED");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct StatusSet(u128);

const _: () = assert!(Status::COUNT <= u128::BITS as usize, "a StatusSet has a bit for every status");

impl StatusSet {
    /// The set without a member.
    pub const EMPTY: Self = Self(0);

    /// Whether the status is in the set.
    pub const fn contains(self, status: Status) -> bool {
        self.0 & (1 << status.index()) != 0
    }

    /// The set and one status more.
    #[must_use]
    pub const fn with(self, status: Status) -> Self {
        Self(self.0 | 1 << status.index())
    }

    /// The set without a status.
    #[must_use]
    pub const fn without(self, status: Status) -> Self {
        Self(self.0 & !(1 << status.index()))
    }

    /// The statuses that either set has.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The statuses that both sets have.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the set has no member.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many members the set has.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The first member in table order.
    pub const fn first(self) -> Option<Status> {
        if self.is_empty() { None } else { Some(Status::ALL[self.0.trailing_zeros() as usize]) }
    }

    /// The members in table order.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        let mut left = self;
        core::iter::from_fn(move || {
            let first = left.first()?;
            left = left.without(first);
            Some(first)
        })
    }
}

impl FromIterator<Status> for StatusSet {
    fn from_iter<I: IntoIterator<Item = Status>>(statuses: I) -> Self {
        statuses.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl core::fmt::Debug for StatusSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The members as a person lists them: `A, B or C`; `nothing` for the empty set.
impl core::fmt::Display for StatusSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        for (i, status) in self.iter().enumerate() {
            let separator = match i {
                0 => "",
                _ if i + 1 == self.len() => " or ",
                _ => ", ",
            };
            write!(f, "{separator}{status}")?;
        }
        Ok(())
    }
}
