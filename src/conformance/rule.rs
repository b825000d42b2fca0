//! The catalogue of rules: one row a rule. Reports, explanations and settings derive from it.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, EnumMessage, EnumString, IntoStaticStr, VariantArray};

use super::Severity;
use crate::Guard;

/// Hands the rows of the catalogue to the macro `$define`: when the rule finds something, its name, its name here,
/// its severity, why it is a rule, and how to mend what it finds.
macro_rules! catalogue {
    ($define:ident) => {
        $define! {
            /// A record is not JSON, or not UTF-8.
            "malformed-json" MalformedJson: Error,
                why "What can't be read can't be judged, and whatever it held is missing from its job's life. Reading goes on at the next line that begins with `{` or `[`.",
                mend "Look at the record: was the log cut off, did two writers write at once, did something print into it? Write each message with a JSON library, one a line.";
            /// A record is larger or nested deeper than the cap.
            "record-too-large" RecordTooLarge: Error,
                why "Messages are small. A record beyond the cap is most likely no message, and to read it whole would cost memory; it is passed over.",
                mend "Find out what wrote the record. If it is right, allow larger ones with `--max-record-bytes` or `--max-depth`.";
            /// A record is JSON, but a required field is absent or of the wrong kind.
            "malformed-message" MalformedMessage: Error,
                why "Clients rely on the required fields: `type`, `job_id` and `message.status` of a job_status, `envelope_id` of a request, and so on. A message without them tells nothing.",
                mend "Add the field that the finding names, or correct its value. If the log wraps its messages in records of its own, say where they are with `--message-pointer`.";
            /// The type of a message is none of the five.
            "unknown-message-type" UnknownMessageType: Warning,
                why "The service adds kinds of message over time, and clients are to pass them over. It may also be a misspelling.",
                mend "Check the spelling of `type`. For a kind that is newer than this version, update it or allow the rule.";
            /// The status is not in the table.
            "unknown-status" UnknownStatus: Warning,
                why "The list of statuses is updated often, and clients are told to expect it and to show the status message. The next known status is judged by reachability alone.",
                mend "Check the spelling of `status`. For a status that is newer than this version, update it or allow the rule.";
            /// The termination type is none of the five.
            "unknown-termination-type" UnknownTerminationType: Warning,
                why "The five termination types are meant to be broad enough for every end. A sixth is either new or a misspelling.",
                mend "Check the spelling of `termination_type`.";
            /// A known status is spelled in another way than in the table.
            "status-spelling" StatusSpelling: Note,
                why "The service itself has sent such spellings. Clients that compare text exactly miss them.",
                mend "Write the status as the table has it; read both.";
            /// The status can't be reached from the last one.
            "illegal-transition" IllegalTransition: Error,
                why "No sequence of legal transitions leads from the one status to the other, not even if statuses are missing from the log: a phase went back, an end has no way there, or a cancel was never requested.",
                mend "Look whether two jobs share an id or the log is out of order. If the client decided on the status itself, let it ask the life cycle first.";
            /// The step is not legal, but the status can be reached: statuses are missing from the log.
            "skipped-status" SkippedStatus: Warning,
                why "Either the log is incomplete, or the status was set without those that must come first. The finding names the shortest legal sequence.",
                mend "Poll often enough (every 3 to 5 seconds) and record every message, also those that change nothing for your client.";
            /// A job that ended sends a status again, and it is not the same end.
            "message-after-termination" MessageAfterTermination: Error,
                why "A terminal status is left by nothing: a job that ended cannot be resurrected.",
                mend "Look whether a new job took over an old id, or messages were recorded out of order.";
            /// A job that ended says the same end again.
            "repeated-termination" RepeatedTermination: Note,
                why "It changes nothing, but a client must not tell its user twice.",
                mend "Stop polling a job once its termination type has come.";
            /// A job's messages and its snapshots end in different statuses.
            "conflicting-termination" ConflictingTermination: Error,
                why "A job ends once. What its messages say, the job itself and the notification must say, too.",
                mend "Find out which of the two is wrong; the job's endpoint has the last word.";
            /// `PENDING_NEWCREDS` once more than failed logins are allowed.
            "too-many-failed-logins" TooManyFailedLogins: Error,
                why "Each entry into PENDING_NEWCREDS is a failed login, and only two are allowed: the next one ends the job in TOO_MANY_LOGIN_FAILURES.",
                mend "End the job in TOO_MANY_LOGIN_FAILURES instead of asking for credentials a third time.";
            /// `PENDING_TFA` from `TFA_SUBMITTED` once more than failed TFA codes are allowed.
            "too-many-failed-tfa-codes" TooManyFailedTfaCodes: Error,
                why "PENDING_TFA straight after TFA_SUBMITTED means that the code failed, and only one may: the next one ends the job in TOO_MANY_TFA_FAILURES.",
                mend "End the job in TOO_MANY_TFA_FAILURES instead of asking for a code a third time.";
            /// A status that speaks of a job without initial credentials, after they have come.
            "credentials-already-received" CredentialsAlreadyReceived: Error,
                why "PENDING_CREDS, CANCELLED_QUICKSTART and ABANDONED_QUICKSTART are for jobs whose initial credentials have not come; this job has shown that they have.",
                mend "Ask for other credentials with PENDING_NEWCREDS; end a cancelled job in CANCELLED.";
            /// A failure to connect that should have been the end.
            "too-many-network-failures" TooManyNetworkFailures: Error,
                why "NETWORK_ISSUE without a termination type reports a failure after which the task tries again. After the third failure the job exits.",
                mend "Send the third NETWORK_ISSUE with SITE_INTERACTION_FAILURE.";
            /// A job ends for too many failures before as many were seen.
            "early-failure-limit" EarlyFailureLimit: Warning,
                why "The job was seen from its start, with nothing missing, and yet it ended for more failures than it showed. The limits may have changed.",
                mend "Look for messages that the log has lost, or ask the service's owner whether its limits are others now.";
            /// A terminal status without its termination type.
            "missing-termination-type" MissingTerminationType: Error,
                why "The final message includes a termination type: it is how clients know that the job ended, also with a status that they don't know.",
                mend "Send the termination type that belongs to the status.";
            /// A termination type other than the status's own.
            "wrong-termination-type" WrongTerminationType: Error,
                why "Each terminal status has one termination type. With another one, clients report the wrong outcome.",
                mend "Send the termination type that belongs to the status.";
            /// A termination type on a status that is in progress.
            "early-termination-type" EarlyTerminationType: Error,
                why "A client stops polling and tells its user the outcome when a termination type comes, and this job goes on.",
                mend "Leave the termination type out, or send null, until the job ends.";
            /// `percent_complete` is below 0 or above 100.
            "progress-out-of-range" ProgressOutOfRange: Error,
                why "It is a percentage: progress bars and estimates go wrong beyond 0 to 100.",
                mend "Send a number from 0 to 100.";
            /// `percent_complete` is less than before.
            "progress-decreased" ProgressDecreased: Warning,
                why "A job doesn't undo work. Messages may be out of order, or two jobs share an id.",
                mend "Keep the largest percentage so far.";
            /// The final message's `percent_complete` is given and not 100.
            "incomplete-termination" IncompleteTermination: Note,
                why "A job that ended is done, whatever the outcome; a progress bar that follows the number would stop short.",
                mend "Send 100 with the final message.";
            /// `job_timeout` is below 0.
            "negative-timeout" NegativeTimeout: Warning,
                why "There is no time left below none; a client that shows a countdown would go wrong.",
                mend "Send 0 when the time is up.";
            /// `job_timeout` grew though the job did not begin to wait for the user.
            "timeout-increased" TimeoutIncreased: Note,
                why "Time is added to a job when it begins to wait for its user, and at no other time that the specification names.",
                mend "Nothing, if the service means it. Else look whether messages are out of order.";
            /// `job_timeout` fell to less than a hundredth at once while the job is in progress.
            "mixed-timeout-units" MixedTimeoutUnits: Note,
                why "The specification says seconds, the service has sent milliseconds. A job that sends both is misread by every client.",
                mend "Send all values of a job in one unit.";
            /// The job left `PENDING_TFA` or `PENDING_NEWCREDS` and no request for it was seen, in a log that shows requests.
            "pending-without-request" PendingWithoutRequest: Note,
                why "A job that waits for its user asks by a request. Only the client that created the job receives it, so a log of another client lacks it.",
                mend "Record the credential_requests endpoint of the job, too, or its hydrated requests.";
            /// A new request while the job is in placement, or after it has ended.
            "request-out-of-turn" RequestOutOfTurn: Warning,
                why "Once UPDATING is reached nothing is asked of the user any more, and clients let their users leave.",
                mend "Ask before UPDATING. A client may ignore the request.";
            /// One envelope with two kinds of request, or two jobs.
            "envelope-reused" EnvelopeReused: Error,
                why "The envelope tells which request a response answers; shared by two, an answer can reach the wrong job.",
                mend "Make a new envelope id for each request.";
            /// A request hydrated into a job names another job.
            "request-job-mismatch" RequestJobMismatch: Note,
                why "A request that stands in a job belongs to that job, whatever `job_id` it carries; recordings of the service have such requests. A client that goes by the `job_id` answers on the wrong channel.",
                mend "Answer on the channel of the job in which the request stands.";
            /// A response whose envelope no request carried, in a log that shows requests.
            "unmatched-response" UnmatchedResponse: Error,
                why "A response carries the envelope of an open request. With any other it reaches nobody, and the job times out.",
                mend "Answer with the `envelope_id` of the request, unchanged.";
            /// A second response to one envelope.
            "repeated-response" RepeatedResponse: Error,
                why "A request is answered once; the response closes it.",
                mend "Remember which envelopes were answered: polling shows a request again until the service has handled the answer.";
            /// A TFA response to a credential request, or the reverse.
            "response-kind-mismatch" ResponseKindMismatch: Error,
                why "A request wants a response of its own kind; another one does not answer it.",
                mend "Answer a tfa_request with a tfa_response and a credential_request with a credential_response.";
            /// A `credential_response` that says something else than `submitted`.
            "credentials-in-message" CredentialsInMessage: Error,
                why "Credentials go to the job safe, never into a message. Whatever stands there may be the credentials themselves, and now they are in the log; it is not shown here.",
                mend "Update the account, then answer `submitted`. Treat the log as a leak until you know better.";
            /// An answer after the answer window.
            "late-response" LateResponse: Warning,
                why "A request that isn't answered within about four minutes times out; the user was asked for something that could not be used any more.",
                mend "Withdraw the prompt when the answer window has passed, and warn the user a minute before.";
            /// The job still waits though the answer window and a minute have passed.
            "overdue-timeout" OverdueTimeout: Error,
                why "A job whose user doesn't answer must end; this one went on to wait.",
                mend "Look whether the service lost the job, or whether its clock and the recorder's differ.";
            /// A record is older than the one before it for the same job.
            "time-went-backwards" TimeWentBackwards: Warning,
                why "A log is in the order in which one recorder saw things. If it is not, no verdict on the order of statuses holds.",
                mend "Sort the log by time, or give the logs of several recorders one by one.";
            /// The log ends and the job has not.
            "unterminated-job" UnterminatedJob: Note,
                why "The rest of the job's life is not in the log: it was cut, or the job never ended.",
                mend "Record until the termination type has come.";
        }
    };
}

macro_rules! define_rules {
    ($(
        $(#[doc = $doc:literal])+
        $name:literal $rule:ident: $severity:ident, why $why:literal, mend $mend:literal;
    )+) => {
        /// A rule that a log of messages keeps or breaks. Names are stable for ever and never reused.
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

            /// The rule's name, as findings and settings have it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }

            /// How severe it is unless the user says otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)+ }
            }

            /// Why it is a rule.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$rule => $why,)+ }
            }

            /// How to mend what it finds.
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$rule => $mend,)+ }
            }

            /// A log that breaks this rule and no other.
            pub const fn example(self) -> &'static str {
                match self {
                    $(Self::$rule => include_str!(concat!("../../examples/rules/", $name, ".jsonl")),)+
                }
            }

            /// A log that nearly breaks this rule, and breaks none.
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
    /// The rule that a guard's row names.
    pub(super) fn of_guard(guard: Guard) -> Self {
        guard.row().rule.parse().unwrap_or(Self::IllegalTransition)
    }

    /// When the rule finds something.
    pub fn description(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }
}
