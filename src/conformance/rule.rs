//! The catalogue of rules: one row per rule. Reports, explanations and settings derive from it.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::Severity;
use crate::Guard;

/// Passes the rows of the catalogue to the macro `$define`: the description, the name, the variant, the default severity,
/// the reason for the rule, and the help for its findings.
macro_rules! catalogue {
    ($define:ident) => {
        $define! {
            /// A record is not JSON, or not UTF-8.
            "malformed-json" MalformedJson: Error,
                why "A record that can't be parsed can't be checked, and its messages are missing from the history of the job. Reading continues at the next line that begins with `{` or `[`.",
                help "Inspect the record for truncation, concurrent writers or other output in the log. Write each message with a JSON library, one per line.";
            /// A record is larger or nested deeper than the cap.
            "record-too-large" RecordTooLarge: Error,
                why "Messages are small. A record beyond the cap is most likely not a message, and reading it would cost memory; it is skipped.",
                help "Find the source of the record. If the record is correct, raise the cap with `--max-record-bytes` or `--max-depth`.";
            /// A record is JSON, but a required field is absent or has the wrong type.
            "malformed-message" MalformedMessage: Error,
                why "Clients rely on the required fields: `type`, `job_id` and `message.status` of a job_status, `envelope_id` of a request, and so on. A message without them can't be processed.",
                help "Add the field in the finding, or correct its value. If the messages are nested in the log's own records, set their location with `--message-pointer`.";
            /// The `type` of a message is not one of the five known kinds.
            "unknown-message-type" UnknownMessageType: Warning,
                why "The service adds message kinds over time, and clients must ignore unknown ones. It may also be a misspelling.",
                help "Check the spelling of `type`. If the kind is newer than this version of cardsavr, update cardsavr or allow the rule.";
            /// The status is not in the table.
            "unknown-status" UnknownStatus: Warning,
                why "The list of statuses changes often; clients must accept unknown statuses and show their status message. For the next known status only reachability is checked.",
                help "Check the spelling of `status`. If the status is newer than this version of cardsavr, update cardsavr or allow the rule.";
            /// The termination type is not one of the five known types.
            "unknown-termination-type" UnknownTerminationType: Warning,
                why "The five termination types are meant to cover every end. Another one is either new or a misspelling.",
                help "Check the spelling of `termination_type`.";
            /// A known status has a spelling that differs from the table's.
            "status-spelling" StatusSpelling: Note,
                why "The service itself has sent such spellings. Clients that compare the text exactly don't recognize them.",
                help "Send the spelling in the table; accept both.";
            /// The status is not reachable from the previous one.
            "illegal-transition" IllegalTransition: Error,
                why "No sequence of legal transitions leads from one status to the other, even if statuses are missing from the log: a phase goes backwards, an end is not reachable, or a cancel was never requested.",
                help "Check whether two jobs share an id or the log is out of order. If the client sets the status, check the transition against the lifecycle first.";
            /// The step is not legal, but the status is reachable: statuses between the two are missing.
            "skipped-status" SkippedStatus: Warning,
                why "Either the log is incomplete, or the status was set without the required statuses before it. The finding has the shortest legal sequence.",
                help "Poll often enough (every 3 to 5 seconds) and record every message, including those that your client ignores.";
            /// A job sends a status after its end, and it is not the same end again.
            "message-after-termination" MessageAfterTermination: Error,
                why "No transition leaves a terminal status: an ended job can't resume.",
                help "Check whether a new job reuses an old id, or messages were recorded out of order.";
            /// A job sends the same end again.
            "repeated-termination" RepeatedTermination: Note,
                why "The status of the job is unchanged, but a client must not notify its user twice.",
                help "Stop polling a job after its termination type arrives.";
            /// A job's messages and its snapshots end in different statuses.
            "conflicting-termination" ConflictingTermination: Error,
                why "A job ends once. Its messages, the job itself and the notification must have the same end.",
                help "Find out which of the two is wrong; the job's endpoint is authoritative.";
            /// `PENDING_NEWCREDS` more often than the limit of failed logins allows.
            "too-many-failed-logins" TooManyFailedLogins: Error,
                why "Each entry into PENDING_NEWCREDS is a failed login, and only two are allowed: the next one ends the job in TOO_MANY_LOGIN_FAILURES.",
                help "End the job in TOO_MANY_LOGIN_FAILURES instead of asking for credentials a third time.";
            /// `PENDING_TFA` from `TFA_SUBMITTED` more often than the limit of failed TFA codes allows.
            "too-many-failed-tfa-codes" TooManyFailedTfaCodes: Error,
                why "PENDING_TFA straight after TFA_SUBMITTED means that the code failed, and only one failure is allowed: the next one ends the job in TOO_MANY_TFA_FAILURES.",
                help "End the job in TOO_MANY_TFA_FAILURES instead of asking for a code a third time.";
            /// A status for a job without initial credentials, after the job has received them.
            "credentials-already-received" CredentialsAlreadyReceived: Error,
                why "PENDING_CREDS, CANCELLED_QUICKSTART and ABANDONED_QUICKSTART are for jobs that have not received their initial credentials; an earlier status implies that this job has.",
                help "Ask for other credentials with PENDING_NEWCREDS; end a cancelled job in CANCELLED.";
            /// A failure to connect beyond the limit that doesn't end the job.
            "too-many-network-failures" TooManyNetworkFailures: Error,
                why "NETWORK_ISSUE without a termination type reports a failure after which the task retries. The third failure ends the job.",
                help "Send the third NETWORK_ISSUE with SITE_INTERACTION_FAILURE.";
            /// A job ends for too many failures, but the log has fewer failures than the limit.
            "early-failure-limit" EarlyFailureLimit: Warning,
                why "The log contains the job from its start without gaps, but fewer failures than the status of the end implies. The limits may have changed.",
                help "Look for messages missing from the log, or ask the operator of the service whether its limits have changed.";
            /// A terminal status without its termination type.
            "missing-termination-type" MissingTerminationType: Error,
                why "The final message includes a termination type: it tells clients that the job ended, even if they don't know the status.",
                help "Send the termination type that belongs to the status.";
            /// A termination type that doesn't belong to the status.
            "wrong-termination-type" WrongTerminationType: Error,
                why "Each terminal status has one termination type. With a different one, clients report the wrong outcome.",
                help "Send the termination type that belongs to the status.";
            /// A termination type on a status in progress.
            "early-termination-type" EarlyTerminationType: Error,
                why "A client stops polling and shows the outcome when a termination type arrives, but this job continues.",
                help "Omit the termination type, or send null, until the job ends.";
            /// `percent_complete` is below 0 or above 100.
            "progress-out-of-range" ProgressOutOfRange: Error,
                why "Progress bars and estimates are wrong for percentages outside 0 to 100.",
                help "Send a number from 0 to 100.";
            /// `percent_complete` decreases.
            "progress-decreased" ProgressDecreased: Warning,
                why "The progress of a job doesn't decrease. Messages may be out of order, or two jobs may share an id.",
                help "Send the largest percentage so far.";
            /// The final message has a `percent_complete` other than 100.
            "incomplete-termination" IncompleteTermination: Note,
                why "An ended job is complete regardless of its outcome; a progress bar for this number stays incomplete.",
                help "Send 100 with the final message.";
            /// `job_timeout` is below 0.
            "negative-timeout" NegativeTimeout: Warning,
                why "The time left can't be less than 0; a client that shows a countdown would be wrong.",
                help "Send 0 when the time is up.";
            /// `job_timeout` increases although the job doesn't begin to wait for the user.
            "timeout-increased" TimeoutIncreased: Note,
                why "By the specification, time is added to a job only when it begins to wait for its user.",
                help "If the increase is intended, no fix is needed. Otherwise check whether messages are out of order.";
            /// `job_timeout` drops to less than a hundredth of the previous value while the job is in progress.
            "mixed-timeout-units" MixedTimeoutUnits: Note,
                why "The unit in the specification is seconds, but the service has sent milliseconds. Every client misinterprets a job that mixes both.",
                help "Send all values of a job in one unit.";
            /// The job left `PENDING_TFA` or `PENDING_NEWCREDS` without a request, in a log that contains requests.
            "pending-without-request" PendingWithoutRequest: Note,
                why "A job that waits for its user sends a request. Only the client that created the job receives it, so the log of another client doesn't contain it.",
                help "Also record the credential_requests endpoint of the job, or its hydrated requests.";
            /// A new request while the job is in placement or after its end.
            "request-out-of-turn" RequestOutOfTurn: Warning,
                why "From UPDATING on the user is no longer needed, and clients let their users leave.",
                help "Send the request before UPDATING. A client may ignore this one.";
            /// Two requests of different kinds or jobs have the same envelope.
            "envelope-reused" EnvelopeReused: Error,
                why "The envelope links a response to its request; if two requests share it, an answer can reach the wrong job.",
                help "Generate a new envelope id for each request.";
            /// A request in a hydrated job has the `job_id` of another job.
            "request-job-mismatch" RequestJobMismatch: Note,
                why "A request in a hydrated job belongs to that job, regardless of its `job_id`; recordings of the service contain such requests. A client that uses the `job_id` answers on the wrong channel.",
                help "Answer on the channel of the job that contains the request.";
            /// A response whose envelope is not that of any request, in a log that contains requests.
            "unmatched-response" UnmatchedResponse: Error,
                why "A response must have the envelope of an open request. Otherwise it answers no request, and the job times out.",
                help "Answer with the `envelope_id` of the request, unchanged.";
            /// A second response with the same envelope.
            "repeated-response" RepeatedResponse: Error,
                why "A request has one response, which closes it.",
                help "Remember the answered envelopes: a poll returns a request again until the service has processed the answer.";
            /// A TFA response to a credential request, or the reverse.
            "response-kind-mismatch" ResponseKindMismatch: Error,
                why "A request requires a response of its own kind; another kind doesn't answer it.",
                help "Answer a tfa_request with a tfa_response and a credential_request with a credential_response.";
            /// A `credential_response` with a value other than `submitted`.
            "credentials-in-message" CredentialsInMessage: Error,
                why "Credentials go to the job safe, never into a message. The value may be the credentials themselves, which are now in the log; it is not shown here.",
                help "Update the account, then answer `submitted`. Treat the log as leaked until you have checked it.";
            /// A response after the end of the answer window.
            "late-response" LateResponse: Warning,
                why "A request that isn't answered within about four minutes times out; the user was asked for an answer that can no longer be used.",
                help "Withdraw the prompt when the answer window has passed, and warn the user a minute before.";
            /// The job still waits a minute after the end of the answer window.
            "overdue-timeout" OverdueTimeout: Error,
                why "A job whose user doesn't answer must end; this one continues to wait.",
                help "Check whether the service lost the job, or whether its clock and the recorder's differ.";
            /// A record has an earlier time than the previous record of the same job.
            "time-went-backwards" TimeWentBackwards: Warning,
                why "A log must be in the order in which one recorder received the messages. Otherwise findings about the order of statuses are unreliable.",
                help "Sort the log by time, or check the logs of several recorders separately.";
            /// The log ends before the job does.
            "unterminated-job" UnterminatedJob: Note,
                why "The rest of the job's history is not in the log: the log was truncated, or the job never ended.",
                help "Record until the termination type arrives.";
        }
    };
}

macro_rules! define_rules {
    ($(
        $(#[doc = $doc:literal])+
        $name:literal $rule:ident: $severity:ident, why $why:literal, help $help:literal;
    )+) => {
        /// A rule for the messages in a log. Names are stable and never reused.
        ///
        /// ```
        /// use cardsavr_protocol::conformance::{Rule, Severity};
        ///
        /// let rule: Rule = "skipped-status".parse()?;
        /// assert_eq!(rule.severity(), Severity::Warning);
        /// # Ok::<(), cardsavr_protocol::UnknownName>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray, Serialize, Deserialize)]
        #[strum(parse_err_ty = crate::UnknownName, parse_err_fn = crate::UnknownName::rule)]
        #[non_exhaustive]
        pub enum Rule {
            $(
                $(#[doc = $doc])+
                #[strum(to_string = $name)]
                #[serde(rename = $name)]
                $rule,
            )+
        }

        impl Rule {
            /// All rules, in the order of the catalogue.
            pub const ALL: &'static [Self] = Self::VARIANTS;

            /// The name in findings and settings.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }

            /// The default severity.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)+ }
            }

            /// The reason for the rule.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$rule => $why,)+ }
            }

            /// How to fix a violation.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$rule => $help,)+ }
            }

            /// A log that violates this rule and no other.
            pub const fn example(self) -> &'static str {
                match self {
                    $(Self::$rule => include_str!(concat!("../../examples/rules/", $name, ".jsonl")),)+
                }
            }

            /// A log that almost violates this rule, and violates none.
            pub const fn near_miss(self) -> &'static str {
                match self {
                    $(Self::$rule => include_str!(concat!("../../examples/rules/", $name, ".nearly.jsonl")),)+
                }
            }
        }
    };
}

catalogue!(define_rules);

impl Rule {
    /// The rule in the row of a guard.
    pub(super) fn of_guard(guard: Guard) -> Self {
        guard.row().rule.parse().unwrap_or(Self::IllegalTransition)
    }

    /// What a violation of the rule is, in one sentence.
    pub fn description(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }
}
