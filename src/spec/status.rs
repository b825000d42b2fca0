//! The status table: one row a status. All that the crate knows of a single status derives from its row; `row.rs` has the rows
//! as values.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::Phase;

/// Passes the rows of the status table to the macro `$define`, in the order of the specifications: description, wire text,
/// other spellings seen on the wire, name, the editions that have it if not all do, phase, and those of these columns that
/// are not empty, in this order:
///
/// - `ends`: the termination types that the service sends with a terminal status, the usual one first, or `any`;
/// - `awaits`: what the job waits for;
/// - `answered_by`: the status that a waiting job takes when it gets what it awaits;
/// - `expires_as`: the status that the job takes when its time runs out;
/// - `brings credentials`: a job that takes the status has got its initial credentials.
///
/// - `former`, `current`: the other spellings that are reported and those that are equally right, where not all are former.
///
/// `since` and `before` mark rows and columns of some editions only: see [`in_edition`](super::in_edition).
macro_rules! status_table {
    ($define:ident $($argument:tt)*) => {
        $define! {
            $($argument)*
            /// The card was placed; the job completed.
            "SUCCESSFUL" [] Successful: Terminated, ends [Billable];
            /// The card could not be placed, most often because the next element of the site was not found.
            "UNSUCCESSFUL" [] Unsuccessful: Terminated, ends [SiteInteractionFailure];
            /// A captcha was not solved in time.
            "TIMEOUT_CAPTCHA" [] TimeoutCaptcha: Terminated, ends [SiteInteractionFailure];
            /// The merchant's site could not be reached: with a termination type after the third failure, which ends the job; without one, a report of a failure after which the task tries again.
            "NETWORK_ISSUE" [] NetworkIssue before V2026: Terminated, ends [SiteInteractionFailure];
            /// The account is prepaid, and prepaid accounts keep no card on file.
            "PREPAID_ACCOUNT" [] PrepaidAccount: Terminated, ends [UserDataFailure];
            /// The account is inactive: a bill was not paid, or the account was closed.
            "INACTIVE_ACCOUNT" [] InactiveAccount: Terminated, ends [UserDataFailure];
            /// The merchant considers the card invalid.
            "INVALID_CARD" [] InvalidCard: Terminated, ends [UserDataFailure];
            /// The site wants an accurate address, and the one given is not.
            "INVALID_ADDRESS" [] InvalidAddress: Terminated, ends [UserDataFailure];
            /// The user must reset the account's password before anything else can happen.
            "PASSWORD_RESET_REQUIRED" [] PasswordResetRequired: Terminated, ends [UserDataFailure];
            /// The account is billed through another subscription and has no card on file.
            "BUNDLED_SUBSCRIPTION" [] BundledSubscription: Terminated, ends [UserDataFailure];
            /// The account is free: no card on file and no paid subscription.
            "FREE_ACCOUNT" [] FreeAccount: Terminated, ends [UserDataFailure];
            /// Earlier failed logins have locked the account.
            "ACCOUNT_LOCKED" [] AccountLocked: Terminated, ends [UserDataFailure];
            /// The site does not take the same card twice.
            "DUPLICATE_CARD" [] DuplicateCard: Terminated,
                ends [UserDataFailure] before V2026, ends [UserDataFailure, Billable] since V2026;
            /// The card has expired.
            "EXPIRED_CARD" [] ExpiredCard: Terminated, ends [UserDataFailure];
            /// The card's verification value is wrong.
            "INVALID_CVV" [] InvalidCvv: Terminated, ends [UserDataFailure];
            /// The site does not take cards of this brand.
            "INVALID_NETWORK" [] InvalidNetwork: Terminated, ends [UserDataFailure];
            /// The site stores only so many cards, and the account has that many.
            "MAX_LIMIT_OF_STORED_CARDS" [] MaxLimitOfStoredCards: Terminated, ends [UserDataFailure];
            /// The user gave no new credentials within the answer window.
            "TIMEOUT_CREDENTIALS" [] TimeoutCredentials: Terminated, ends [UserDataFailure];
            /// The user gave no TFA code within the answer window.
            "TIMEOUT_TFA" [] TimeoutTfa: Terminated, ends [UserDataFailure];
            /// The login failed more often than is allowed.
            "TOO_MANY_LOGIN_FAILURES" [] TooManyLoginFailures: Terminated, ends [UserDataFailure];
            /// More TFA codes failed than are allowed.
            "TOO_MANY_TFA_FAILURES" [] TooManyTfaFailures: Terminated, ends [UserDataFailure];
            /// The job exists: the initial status, and the default.
            "REQUESTED" [] Requested: Creation;
            /// The job waits for a task to run it, as every job does at once after it was requested.
            "QUEUED" [] Queued: Creation;
            /// A task has started.
            "IN_PROGRESS" ["IN-PROGRESS"] InProgress: Authentication, expires_as VbsTimeout;
            /// The task is attempting to authenticate with the merchant.
            "AUTH" [] Auth: Authentication, expires_as VbsTimeout;
            /// The initial credentials have not come yet: the job was started early, to save time.
            "PENDING_CREDS" [] PendingCreds before V2026: Authentication,
                awaits InitialCredentials, answered_by CredsReceived, expires_as AbandonedQuickstart;
            /// The initial credentials have come.
            "CREDS_RECEIVED" ["CREDS_RECEVIED"] CredsReceived: Authentication, expires_as VbsTimeout,
                brings credentials, former [] since V2026;
            /// The login form was submitted.
            "LOGIN_SUBMITTED" [] LoginSubmitted: Authentication, expires_as VbsTimeout, brings credentials;
            /// The merchant refused the credentials, and the task awaits new ones.
            "PENDING_NEWCREDS" [] PendingNewCreds: Authentication,
                awaits NewCredentials, answered_by NewCredsReceived before V2026, answered_by CredsReceived since V2026,
                expires_as TimeoutCredentials;
            /// New credentials have come in place of those that were refused.
            "NEWCREDS_RECEIVED" [] NewCredsReceived before V2026: Authentication, expires_as VbsTimeout;
            /// The login form was submitted again, with the new credentials.
            "LOGIN_RESUBMITTED" [] LoginResubmitted before V2026: Authentication, expires_as VbsTimeout;
            /// The merchant asks for a TFA code, and the task awaits it.
            "PENDING_TFA" [] PendingTfa: Authentication,
                awaits TfaCode, answered_by TfaReceived, expires_as TimeoutTfa;
            /// A TFA code has come.
            "TFA_RECEIVED" ["TFA_CODE_RECEIVED"] TfaReceived: Authentication, expires_as VbsTimeout,
                former [] since V2026, current ["TFA_CODE_RECEIVED"] since V2026;
            /// The TFA code was submitted to the merchant.
            "TFA_SUBMITTED" [] TfaSubmitted: Authentication, expires_as VbsTimeout;
            /// The task is authenticated and is placing the card; nothing more is asked of the user.
            "UPDATING" [] Updating: Placement, expires_as VbsTimeout;
            /// The task awaits a card: the job and its account were created before the card was added (uncommon).
            "PENDING_CARD" [] PendingCard before V2026: Placement,
                awaits Card, answered_by Updating, expires_as VbsTimeout;
            /// The client has cancelled the job, and the task has not acknowledged it yet.
            "CANCEL_REQUESTED" [] CancelRequested: Cancellation, expires_as VbsTimeout;
            /// The job is to be created, but not queued yet (uncommon).
            "INITIATED" [] Initiated: Creation;
            /// The client cancelled the job before its initial credentials came.
            "CANCELLED_QUICKSTART" [] CancelledQuickstart before V2026: Terminated, ends [NeverStarted];
            /// The initial credentials never came, and the job was abandoned.
            "ABANDONED_QUICKSTART" [] AbandonedQuickstart: Terminated, ends [NeverStarted];
            /// The job was stuck, and a remote process stopped it (uncommon).
            "KILLED" [] Killed: Terminated,
                ends [NeverStarted] before V2026, ends [NeverStarted, ProcessFailure] since V2026;
            /// The client cancelled the job.
            "CANCELLED" ["CANCELED"] Cancelled: Terminated, ends [NeverStarted],
                former [] since V2026, current ["CANCELED"] since V2026;
            /// The job was initiated and then abandoned: credentials were never provided (uncommon).
            "ABANDONED" [] Abandoned: Terminated, ends [NeverStarted];
            /// Neither the primary proxy nor the backup could connect.
            "PROXY_PROBE_FAILED" [] ProxyProbeFailed: Terminated, ends [ProcessFailure];
            /// The task ran longer than it may (uncommon).
            "VBS_TIMEOUT" [] VbsTimeout: Terminated, ends [ProcessFailure];
            /// The task failed in a way that it did not handle (uncommon).
            "VBS_ERROR" [] VbsError: Terminated, ends [ProcessFailure];
            /// The credentials were submitted to the merchant.
            "SUBMITTED" [] Submitted since V2026: Authentication, expires_as VbsTimeout, brings credentials;
            /// The merchant has sent the user a push notification or a link: the user must act on it, not enter a code.
            "PENDING_TFA_MESSAGE" [] PendingTfaMessage since V2026: Authentication,
                awaits ActOutside, answered_by TfaReceived, expires_as TimeoutTfa;
            /// The task awaits what the request that comes with the status names; if that is for TFA, the wait expires as `TIMEOUT_TFA`.
            "PENDING" [] Pending since V2026: Authentication,
                awaits Named, answered_by CredsReceived, expires_as TimeoutCredentials;
            /// The merchant's site could not be reached or blocks the task.
            "SITE_BLOCKED" [] SiteBlocked since V2026: Terminated, ends [SiteInteractionFailure];
            /// The record of the job was deleted.
            "JOB_RECORD_DELETED" [] JobRecordDeleted since V2026: Terminated, ends any;
            /// The user has not completed the setup of the account.
            "ACCOUNT_SETUP_INCOMPLETE" [] AccountSetupIncomplete since V2026: Terminated, ends [UserDataFailure];
            /// The service cannot place a card on an account of this kind.
            "ACCOUNT_NOT_SUPPORTED" [] AccountNotSupported since V2026: Terminated, ends [UserDataFailure];
            /// The service does not support the TFA method of the account.
            "TFA_NOT_SUPPORTED" [] TfaNotSupported since V2026: Terminated, ends any;
            /// The site wants data of the card that the job lacks.
            "MISSING_CARD_DATA" [] MissingCardData since V2026: Terminated, ends any;
            /// The form for the card could not be filled in or submitted.
            "CARD_FORM_FAILED" ["card_form_failed"] CardFormFailed since V2026: Terminated, ends [SiteInteractionFailure];
            /// The site showed an error that the task does not know.
            "UNEXPECTED_ERROR" [] UnexpectedError since V2026: Terminated, ends [SiteInteractionFailure];
            /// The merchant considers some of the card's details invalid.
            "INVALID_CARD_DETAILS" [] InvalidCardDetails since V2026: Terminated, ends [UserDataFailure];
            /// The site does not take cards of this type.
            "INVALID_CARD_TYPE" [] InvalidCardType since V2026: Terminated, ends [UserDataFailure];
            /// The site does not take a card that another account has.
            "MULTI_ACCOUNT_CARD_NOT_ALLOWED" [] MultiAccountCardNotAllowed since V2026: Terminated, ends any;
            /// The card's expiration date is wrong.
            "INVALID_EXPIRATION_DATE" [] InvalidExpirationDate since V2026: Terminated, ends [UserDataFailure];
            /// The merchant's payment processor does not work.
            "PAYMENT_PROCESSOR_DOWN" [] PaymentProcessorDown since V2026: Terminated, ends [UserDataFailure];
            /// A test job completed.
            "TEST_COMPLETE_SUCCESS" [] TestCompleteSuccess since V2026: Terminated, ends any;
            /// The site shows a captcha that the task cannot solve.
            "UNSUPPORTED_CAPTCHA" [] UnsupportedCaptcha since V2026: Terminated, ends [SiteInteractionFailure];
            /// The job has no credentials to log in with.
            "MISSING_CREDENTIALS" [] MissingCredentials since V2026: Terminated, ends any;
            /// More one-time passwords failed than are allowed.
            "TOO_MANY_OTP_FAILURES" [] TooManyOtpFailures since V2026: Terminated, ends [UserDataFailure];
            /// The answers to the merchant's security questions are wrong.
            "INVALID_SECURITY_ANSWERS" [] InvalidSecurityAnswers since V2026: Terminated, ends [UserDataFailure];
            /// The task asked for credentials of a kind that the service does not know.
            "INVALID_CREDENTIAL_REQUEST_TYPE" [] InvalidCredentialRequestType since V2026: Terminated, ends [SiteInteractionFailure];
            /// The service does not know the interface of the merchant's site.
            "UNKNOWN_INTERFACE_TYPE" [] UnknownInterfaceType since V2026: Terminated, ends any;
            /// The service does not implement jobs of this type.
            "UNIMPLEMENTED_JOB_TYPE" [] UnimplementedJobType since V2026: Terminated, ends any;
            /// The service does not know the type of the job.
            "UNKNOWN_JOB_TYPE" [] UnknownJobType since V2026: Terminated, ends any;
            /// The service itself failed.
            "INTERNAL_ERROR" [] InternalError since V2026: Terminated, ends any;
            /// The job's account does not exist.
            "ACCOUNT_NOT_FOUND" [] AccountNotFound since V2026: Terminated, ends any;
            /// The service does not implement the security of the merchant's site.
            "MERCHANT_SECURITY_NOT_IMPLEMENTED" [] MerchantSecurityNotImplemented since V2026: Terminated, ends any;
            /// The service has no processor for the merchant's site.
            "MERCHANT_PROCESSOR_NOT_IMPLEMENTED" [] MerchantProcessorNotImplemented since V2026: Terminated, ends any;
            /// The service has no processor for the wallet.
            "WALLET_PROCESSOR_NOT_IMPLEMENTED" [] WalletProcessorNotImplemented since V2026: Terminated, ends any;
            /// The credentials were submitted to the merchant: another name of `SUBMITTED`.
            "CREDS_SUBMITTED" [] CredsSubmitted since V2026: Authentication, expires_as VbsTimeout, brings credentials;
        }
    };
}
pub(crate) use status_table;

macro_rules! define_status {
    ($(
        $(#[doc = $doc:literal])+
        $text:literal [$($alias:literal),*] $name:ident $(since $since:ident)? $(before $before:ident)?: $phase:ident
        $(, $column:ident $value:tt $(since $from:ident)? $(before $end:ident)?)*;
    )+) => {
        /// The status of a job: one of those that the specification lists, or that another [`Edition`](crate::Edition) does.
        ///
        /// The methods are those of the first edition; what differs in other editions is a method of [`Edition`](crate::Edition) too. Phase,
        /// input and description are the same in all editions.
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
            /// The text of the status on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The phase that the status belongs to.
            pub const fn phase(self) -> Phase {
                match self { $(Self::$name => Phase::$phase,)+ }
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
    /// The statuses of all editions. Those of the first edition are first.
    pub const VOCABULARY: &'static [Self] = Self::VARIANTS;

    /// The statuses that a job begins in, the default one first.
    pub const STARTS: [Self; 2] = [Self::Requested, Self::Initiated];

    /// Whether a job in this status has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self.phase(), Phase::Terminated)
    }

    /// Whether a task works on a job in this status, so that the job's time budget runs.
    pub const fn is_running(self) -> bool {
        matches!(self.phase(), Phase::Authentication | Phase::Placement)
    }

    /// The row of the status in the table, counted from zero.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}
