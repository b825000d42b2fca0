//! One fault of a job: of which rule, at which point of its life, and what is written then.
//!
//! A job that is to have one takes a route on which the point is sure to come. Before and after the fault its life is
//! lawful, so that a check finds the fault at its line and nothing else.

mod told;

use cardsavr_protocol::conformance::Rule;
use cardsavr_protocol::{Phase, Status, StatusSet};

use super::Seeded;
use super::life::{LIMITS, Life, NEVER, WINDOW};
use super::random::Random;
use super::write::Lines;

/// How long after the answer window a job may still show that it waits.
const GRACE: i64 = 60_000;

/// The point of a life at which a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// Among the heartbeats of a status in which the task works.
    Beat,
    /// The step to a status: another one is taken than may be, or it is told in another way.
    Step,
    /// The request for what the job awaits.
    Request,
    /// The answer to it.
    Answer,
    /// The wait for it.
    Wait,
    /// The last message.
    End,
    /// After it.
    AfterEnd,
}

/// What a heartbeat was made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing yet: it is one like any.
    Plain,
    /// Something that leads to the fault.
    Prelude,
    /// Something with the fault.
    Faulty,
}

/// Where a fault against a rule is; none if it can't be in a log of this kind.
fn point(rule: Rule) -> Option<Point> {
    Some(match rule {
        Rule::MalformedJson
        | Rule::RecordTooLarge
        | Rule::MalformedMessage
        | Rule::UnknownMessageType
        | Rule::UnknownStatus
        | Rule::UnknownTerminationType
        | Rule::EarlyTerminationType
        | Rule::TooManyNetworkFailures
        | Rule::ProgressOutOfRange
        | Rule::ProgressDecreased
        | Rule::NegativeTimeout
        | Rule::TimeoutIncreased
        | Rule::MixedTimeoutUnits
        | Rule::RequestOutOfTurn
        | Rule::TimeWentBackwards => Point::Beat,
        Rule::StatusSpelling
        | Rule::IllegalTransition
        | Rule::SkippedStatus
        | Rule::TooManyFailedLogins
        | Rule::TooManyFailedTfaCodes
        | Rule::CredentialsAlreadyReceived => Point::Step,
        Rule::PendingWithoutRequest | Rule::EnvelopeReused => Point::Request,
        Rule::UnmatchedResponse
        | Rule::RepeatedResponse
        | Rule::ResponseKindMismatch
        | Rule::CredentialsInMessage
        | Rule::LateResponse => Point::Answer,
        Rule::OverdueTimeout => Point::Wait,
        Rule::EarlyFailureLimit
        | Rule::MissingTerminationType
        | Rule::WrongTerminationType
        | Rule::IncompleteTermination
        | Rule::UnterminatedJob => Point::End,
        Rule::MessageAfterTermination | Rule::RepeatedTermination | Rule::ConflictingTermination => {
            Point::AfterEnd
        }
        _ => return None,
    })
}

/// Whether a fault against a rule can be in a log.
pub(super) fn is_seedable(rule: Rule) -> bool {
    point(rule).is_some()
}

/// Whether a rule looks at the times of records.
pub(super) fn needs_time(rule: Rule) -> bool {
    matches!(rule, Rule::LateResponse | Rule::OverdueTimeout | Rule::TimeWentBackwards)
}

/// A fault that a job is going to have.
pub(super) struct Fault {
    rule: Rule,
    /// The statuses that the job makes for, the next one first.
    route: &'static [Status],
    /// In how many statuses that would do nothing is done yet.
    passes: u64,
    /// Whether the next heartbeat has it, or leads to it.
    is_due: bool,
    /// A status that the job takes though it may not, to come back from it at once.
    detour: Option<Status>,
    /// Whether the last message reported a failure to connect.
    has_failed: bool,
    /// The line of the job's last message.
    pub(super) last_line: u64,
}

const ASKS_FOR_CODE: &[Status] = &[Status::PendingTfa, Status::TfaReceived];
const ASKS_FOR_CREDENTIALS: &[Status] = &[Status::PendingNewCreds, Status::NewCredsReceived];

impl Fault {
    pub(super) fn new(rule: Rule) -> Self {
        Self { rule, route: &[], passes: 0, is_due: false, detour: None, has_failed: false, last_line: 0 }
    }

    /// Chooses a way on which the point of the fault is sure to come.
    fn choose_route(&mut self, random: &mut Random) {
        use Status::{
            Auth, CredsReceived, InProgress, LoginResubmitted, LoginSubmitted, PendingCreds, PendingNewCreds,
            PendingTfa, Successful, TfaReceived, TfaSubmitted, TimeoutCredentials, TimeoutTfa,
            TooManyLoginFailures, Updating,
        };
        self.route = match (self.rule, point(self.rule)) {
            (Rule::StatusSpelling, _) => random.of([&[InProgress], &[CredsReceived], &[TfaReceived]]),
            (Rule::RequestOutOfTurn, _) => &[Updating, Successful],
            (Rule::CredentialsAlreadyReceived, _) => {
                random.of([&[LoginSubmitted, Updating], &[PendingCreds, CredsReceived]])
            }
            (Rule::TooManyFailedLogins, _) => {
                &[PendingNewCreds, LoginResubmitted, PendingNewCreds, LoginResubmitted, PendingNewCreds]
            }
            (Rule::TooManyFailedTfaCodes, _) => {
                &[PendingTfa, TfaSubmitted, PendingTfa, TfaSubmitted, PendingTfa]
            }
            (Rule::EarlyFailureLimit, _) => &[LoginSubmitted, TooManyLoginFailures],
            (Rule::CredentialsInMessage, _) => ASKS_FOR_CREDENTIALS,
            (_, Some(Point::Request | Point::Answer)) => random.of([ASKS_FOR_CODE, ASKS_FOR_CREDENTIALS]),
            (_, Some(Point::Wait)) => {
                random.of([&[PendingTfa, TimeoutTfa], &[PendingNewCreds, TimeoutCredentials]])
            }
            (_, Some(Point::Beat | Point::Step)) => random.of([
                &[Auth, Updating],
                &[LoginSubmitted, Updating],
                &[PendingCreds, Updating],
                &[PendingNewCreds, Updating],
                &[PendingTfa, Updating],
            ]),
            _ => &[],
        };
        self.passes = match self.rule {
            Rule::RequestOutOfTurn | Rule::CredentialsAlreadyReceived => 0,
            // On each route the task works in three statuses at least, and from two of them others can be skipped.
            Rule::SkippedStatus => random.below(2),
            _ => random.below(3),
        };
    }

    pub(super) fn is_after_end(&self) -> bool {
        point(self.rule) == Some(Point::AfterEnd)
    }
}

impl Life {
    /// The rule that the job is still going to break.
    pub(super) fn rule(&self) -> Option<Rule> {
        self.fault.as_ref().map(|fault| fault.rule)
    }

    pub(super) fn prepare_fault(&mut self) {
        let Some(fault) = &mut self.fault else { return };
        fault.choose_route(&mut self.random);
        match fault.rule {
            Rule::NegativeTimeout | Rule::TimeoutIncreased | Rule::MixedTimeoutUnits => {
                self.tells_timeout = true;
            }
            // The server's own word may allow more time.
            Rule::OverdueTimeout => self.tells_timeout = false,
            _ => {}
        }
    }

    /// Notes that the last line has the fault; from then on the life is like any.
    pub(super) fn has_fault(&mut self, to: &mut Lines) {
        let Some(fault) = self.fault.take() else { return };
        to.seeded.push(Seeded { rule: fault.rule, line: fault.last_line, job_id: self.id.number });
    }

    /// The next status on the way to where the fault is to be.
    pub(super) fn step_on_route(&mut self) -> Option<Status> {
        let fault = self.fault.as_mut()?;
        let (&goal, rest) = fault.route.split_first()?;
        let step = self.job.status().path_to(goal)?.next()?;
        if step == goal {
            fault.route = rest;
        }
        Some(step)
    }

    /// Those of some lawful statuses with which the job can still have its fault.
    pub(super) fn lawful_for_fault(&self, legal: StatusSet) -> StatusSet {
        match self.rule() {
            // A failure to connect may lack its termination type.
            Some(Rule::MissingTerminationType) => legal.without(Status::NetworkIssue),
            _ => legal,
        }
    }

    /// Changes what was planned for a status so that the fault comes.
    pub(super) fn plan_fault(&mut self, now: i64) {
        let status = self.job.status();
        let Some(fault) = &mut self.fault else { return };
        match fault.rule {
            Rule::LateResponse if self.answers_at != NEVER => {
                self.answers_at = now + WINDOW + self.random.between(1, 50_000);
                self.leaves_at = self.answers_at + self.random.between(200, 2_000);
            }
            // By then a heartbeat has come that shows it.
            Rule::OverdueTimeout if status.is_waiting() => self.leaves_at = now + WINDOW + GRACE + 15_000,
            Rule::PendingWithoutRequest if status.is_waiting() => self.answers_at = NEVER,
            _ => {}
        }
        let rule = fault.rule;
        let is_fit = match rule {
            Rule::RequestOutOfTurn => status.phase() == Phase::Placement,
            Rule::CredentialsAlreadyReceived => self.job.memory().credentials_received(),
            Rule::IllegalTransition | Rule::SkippedStatus => true,
            _ => point(rule) == Some(Point::Beat),
        };
        if !is_fit || fault.is_due || !status.is_running() || status.is_waiting() {
            return;
        }
        if fault.passes > 0 {
            fault.passes -= 1;
            return;
        }
        match rule {
            Rule::IllegalTransition => match self.way_back() {
                Some(back) => self.fault_is_due(now, Some(back)),
                None => self.divert(|life, to| to.is_terminal() && life.is_unreachable(to)),
            },
            Rule::SkippedStatus => self.divert(Self::is_skip),
            Rule::CredentialsAlreadyReceived => self.divert(Self::is_too_late_for_credentials),
            _ => self.fault_is_due(now, None),
        }
    }

    /// Makes the next heartbeat come before the next status, and have the fault.
    fn fault_is_due(&mut self, now: i64, detour: Option<Status>) {
        self.beats_at = now + self.random.between(200, 2_000);
        self.leaves_at = self.leaves_at.max(self.beats_at + 500);
        if let Some(fault) = &mut self.fault {
            (fault.is_due, fault.detour) = (true, detour);
        }
    }

    /// Makes the job take a status that it may not take.
    fn divert(&mut self, is_meant: impl Fn(&Self, Status) -> bool) {
        let meant: StatusSet = Status::ALL.iter().copied().filter(|&status| is_meant(self, status)).collect();
        let Some(to) = self.one_of(meant) else { return };
        self.next = to;
        if let Some(fault) = &mut self.fault {
            // From there the way may not lead on.
            (fault.is_due, fault.route) = (true, &[]);
        }
    }

    fn one_of(&mut self, statuses: StatusSet) -> Option<Status> {
        statuses.iter().nth(self.random.index(statuses.len()))
    }

    /// Whether no guard forbids a status, but no legal sequence leads there.
    fn is_unreachable(&self, to: Status) -> bool {
        let refused = self.job.apply(to, &LIMITS).err();
        refused.is_some_and(|refused| refused.guard.is_none()) && !self.job.status().reaches(to)
    }

    /// Whether a status can be reached, but others must come first.
    fn is_skip(&self, to: Status) -> bool {
        let (here, refused) = (self.job.status(), self.job.apply(to, &LIMITS).err());
        refused.is_some_and(|refused| refused.guard.is_none()) && here.reaches(to) && !to.is_waiting()
    }

    fn is_too_late_for_credentials(&self, to: Status) -> bool {
        use cardsavr_protocol::Guard::CredentialsReceived;

        self.job.apply(to, &LIMITS).err().is_some_and(|refused| refused.guard == Some(CredentialsReceived))
    }

    /// An earlier status that the job can't take any more, and that leads straight back; none also by chance.
    fn way_back(&mut self) -> Option<Status> {
        if self.random.once_in(2) {
            return None;
        }
        let here = self.job.status();
        let knows_credentials = self.job.memory().credentials_received();
        let is_meant = |&to: &Status| {
            let shows_credentials = cardsavr_protocol::Job::new(to).memory().credentials_received();
            self.is_unreachable(to)
                && to.can_become(here)
                && !to.is_waiting()
                && (knows_credentials || !shows_credentials)
        };
        let meant = Status::ALL.iter().copied().filter(is_meant).collect();
        self.one_of(meant)
    }

    /// Whether the job is never seen to end. That shows at its last message.
    pub(super) fn breaks_off(&mut self, to: &mut Lines) -> bool {
        let is_meant = self.rule() == Some(Rule::UnterminatedJob) && self.next.is_terminal();
        if is_meant {
            self.has_fault(to);
        }
        is_meant
    }
}
