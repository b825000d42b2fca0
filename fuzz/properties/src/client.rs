//! The client with arbitrary behaviour of the service, the network, the clock and the application.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::simulate::{Bytes, Choose};
use cardsavr_protocol::wire::{JobId, Payload, Secret};
use cardsavr_protocol::{Edition, Limits, Phase, Status, Timestamp};

/// The number of jobs.
const JOBS: u64 = 3;

/// How long an ended job, an answer and a request that isn't open are remembered: the documented retention.
const RETENTION: i64 = 3_600_000;

/// An input for a job, after some time.
#[derive(Debug)]
struct Turn {
    job: u64,
    gap: Gap,
    what: What,
}

/// The time that passes, in milliseconds.
#[derive(Debug)]
enum Gap {
    Forwards(i64),
    /// The clock steps back, for this call.
    Back(i64),
}

#[derive(Debug)]
enum What {
    /// One message.
    Message(Report),
    /// Several messages and requests in one poll.
    Poll(Vec<Report>, Vec<Shown>),
    /// The job itself; its requests may have the `job_id` of another job.
    Job(Report, Vec<Shown>, bool),
    Notification(Report),
    /// The first of the open prompts, or a later one, is answered.
    Answer(usize),
    /// A response from another application, maybe to an unknown request.
    Response(Shown),
    /// The initial credentials or the card are supplied.
    Supply,
    /// The application restarts with the saved client.
    Restart,
    Tick,
}

#[derive(Debug)]
struct Report {
    status: Option<Status>,
    percent: Option<u64>,
    timeout: Option<u64>,
    end: u64,
}

/// A request: its kind and the number of its envelope.
#[derive(Clone, Copy, Debug)]
struct Shown {
    kind: usize,
    envelope: u64,
}

impl Turn {
    fn choose(choices: &mut Bytes<'_>, edition: Edition) -> Self {
        let job = choices.below(JOBS) + 1;
        let gap = match choices.below(6) {
            0 | 1 => Gap::Forwards(0),
            2 => Gap::Forwards(choices.between(0, 300) * 1000),
            3 => Gap::Forwards(choices.between(0, 30_000)),
            4 => Gap::Forwards(choices.between(0, 90) * 60_000),
            _ => Gap::Back(choices.between(0, 60_000)),
        };
        let report = |choices: &mut Bytes<'_>| Report::choose(choices, edition);
        let shown = |choices: &mut Bytes<'_>| Shown::choose(choices, edition);
        let what = match choices.below(14) {
            0..=2 => What::Message(report(choices)),
            3..=5 => What::Poll(list(choices, report), list(choices, shown)),
            6..=8 => What::Job(report(choices), list(choices, shown), choices.once_in(2)),
            9 => What::Answer(choices.index(4)),
            10 => What::Response(shown(choices)),
            11 => What::Supply,
            12 => What::Restart,
            _ if choices.once_in(4) => What::Notification(report(choices)),
            _ => What::Tick,
        };
        Self { job, gap, what }
    }
}

/// A short list.
fn list<'b, T>(choices: &mut Bytes<'b>, mut choose: impl FnMut(&mut Bytes<'b>) -> T) -> Vec<T> {
    (0..choices.below(4)).map(|_| choose(choices)).collect()
}

impl Report {
    fn choose(choices: &mut Bytes<'_>, edition: Edition) -> Self {
        // Statuses in progress more often than others.
        let all: Vec<Status> = edition.statuses().iter().collect();
        let in_progress: Vec<Status> = all.iter().copied().filter(|status| !status.is_terminal()).collect();
        let status = match choices.below(16) {
            0 => choices.pick(&all),
            1 => None,
            _ => choices.pick(&in_progress),
        };
        let percent = choices.once_in(2).then(|| choices.below(101));
        let timeout = match choices.below(4) {
            0 => Some(choices.below(1000)),
            1 => Some(choices.below(1_000_000)),
            _ => None,
        };
        Self { status, percent, timeout, end: choices.below(40) }
    }

    /// The fields of a report, with this name for its status.
    fn fields(&self, status: &str) -> String {
        let newer = if self.end % 2 == 0 { "NEW_STATUS" } else { "PENDING_NEW" };
        let text = self.status.map_or(newer, Status::as_str);
        let mut fields = format!(r#""{status}":"{text}""#);
        if let Some(percent) = self.percent {
            _ = write!(fields, r#","percent_complete":{percent}"#);
        }
        if let Some(timeout) = self.timeout {
            _ = write!(fields, r#","job_timeout":{timeout}"#);
        }
        fields += match self.end {
            0 => r#","termination_type":"BILLABLE""#,
            1 => r#","termination_type":"NEW_TYPE""#,
            2 => r#","termination_message":"Done.""#,
            3 => r#","status_message":"Wait.""#,
            _ => "",
        };
        fields
    }

    /// Whether it ends the job for a client.
    fn is_end(&self) -> bool {
        let is_terminal =
            self.status.is_some_and(|status| status.is_terminal() && status != Status::NetworkIssue);
        self.end < 2 || is_terminal
    }
}

/// The kinds of request of an edition, and one that it lacks.
fn kinds(edition: Edition) -> &'static [&'static str] {
    match edition {
        Edition::V2021 => &["tfa_request", "credential_request", "security"],
        _ => &["tfa_request", "initial_account_link", "tfa", "tfa_message", "security", "selfie"],
    }
}

impl Shown {
    fn choose(choices: &mut Bytes<'_>, edition: Edition) -> Self {
        Self { kind: choices.index(kinds(edition).len()), envelope: choices.below(4) }
    }

    fn envelope(self, job: u64) -> String {
        format!("{job}-{}-{}", self.kind, self.envelope)
    }

    fn json(self, edition: Edition, job: u64, named: u64) -> String {
        let (kind, envelope) = (kinds(edition)[self.kind], self.envelope(job));
        // A `tfa_request` names no values in either edition.
        let is_named = edition != Edition::V2021 && self.kind > 0;
        let link = if is_named { r#","account_link":[{"key_name":"k"}]"# } else { "" };
        format!(r#"{{"type":"{kind}","job_id":{named},"envelope_id":"{envelope}"{link}}}"#)
    }

    fn response(self, edition: Edition, job: u64) -> String {
        let envelope = self.envelope(job);
        if edition != Edition::V2021 {
            return format!(r#"{{"job_id":{job},"envelope_id":"{envelope}","message":"1"}}"#);
        }
        let kind = ["tfa_response", "credential_response", "security_response"][self.kind];
        let word = if self.kind == 1 { "submitted" } else { "1" };
        format!(r#"{{"type":"{kind}","envelope_id":"{envelope}","message":"{word}"}}"#)
    }

    /// Whether no answer closes it.
    fn is_acknowledged(self, edition: Edition) -> bool {
        kinds(edition)[self.kind] == "tfa_message"
    }
}

/// The state of a job as the user and the application see it.
#[derive(Default)]
struct Known {
    /// The prompts on the screen: envelopes, and `None` for initial credentials or a card.
    open: BTreeSet<Option<String>>,
    answered: BTreeMap<String, i64>,
    /// The withdrawn requests, except those that were too late.
    withdrawn: BTreeSet<String>,
    prompts: usize,
    warnings: usize,
    has_left: bool,
    is_past_asking: bool,
    /// When it ended, or when its last message after the end arrived.
    ended: Option<i64>,
}

struct World {
    edition: Edition,
    client: Client,
    /// A client for each job alone, which is never saved.
    alone: BTreeMap<u64, Client>,
    known: BTreeMap<u64, Known>,
    now: i64,
}

/// Runs a client with the inputs that the bytes choose; panics if a property fails.
pub fn client(bytes: &[u8]) {
    let mut choices = Bytes::new(bytes);
    let edition = if choices.once_in(2) { Edition::V2026 } else { Edition::V2021 };
    let client = || Client::of(edition, Limits::of(edition));
    let clients = (1..=JOBS).map(|job| (job, client())).collect();
    let known = (1..=JOBS).map(|job| (job, Known::default())).collect();
    let mut world = World { edition, client: client(), alone: clients, known, now: 0 };
    let mut shown = 0;
    while !choices.is_empty() {
        shown += world.take(&Turn::choose(&mut choices, edition));
    }
    world.leave_alone(shown);
}

impl World {
    /// Plays a turn; returns the number of requests that it showed.
    fn take(&mut self, turn: &Turn) -> usize {
        let (job, edition) = (turn.job, self.edition);
        let clock = match turn.gap {
            Gap::Forwards(gap) => {
                self.pass(self.now + gap);
                self.now
            }
            Gap::Back(step) => {
                self.call(self.now, job, None);
                self.now - step
            }
        };
        let text = |report: &Report| {
            format!(r#"{{"type":"job_status","job_id":{job},"message":{{{}}}}}"#, report.fields("status"))
        };
        let list = |shown: &[Shown], named| -> Vec<String> {
            shown.iter().map(|shown| shown.json(edition, job, named)).collect()
        };
        match &turn.what {
            What::Message(report) => self.hear(clock, job, &text(report), &[report], &[], false),
            What::Poll(reports, shown) => {
                let poll: Vec<String> = reports.iter().map(text).chain(list(shown, job)).collect();
                let reports: Vec<&Report> = reports.iter().collect();
                self.hear(clock, job, &format!("[{}]", poll.join(",")), &reports, shown, false);
            }
            What::Job(report, shown, is_other) => {
                let named = if *is_other { job + 1000 } else { job };
                let fields = report.fields("status");
                let requests = list(shown, named).join(",");
                let json = format!(r#"{{"id":{job},{fields},"credential_requests":[{requests}]}}"#);
                self.hear(clock, job, &json, &[report], shown, true);
            }
            What::Notification(report) => {
                let json = format!(r#"{{"jobs":[{{"job_id":{job},{}}}]}}"#, report.fields("job_status"));
                self.hear(clock, job, &json, &[report], &[], false);
            }
            What::Answer(which) => self.answer(clock, job, *which),
            What::Response(shown) => {
                let (envelope, now) = (shown.envelope(job), self.now);
                if !shown.is_acknowledged(edition) {
                    let known = self.known.entry(job).or_default();
                    known.open.remove(&Some(envelope.clone()));
                    known.answered.insert(envelope, now);
                }
                self.call(clock, job, Some(&shown.response(edition, job)));
            }
            What::Supply => {
                self.client.supplied(&job.into());
                self.alone.get_mut(&job).expect("it is there").supplied(&job.into());
                self.known.entry(job).or_default().open.remove(&None);
            }
            What::Restart => {
                let saved = serde_json::to_string(&self.client).expect("a client serializes");
                let resumed: Client = serde_json::from_str(&saved).expect("a saved client deserializes");
                assert_eq!(resumed, self.client);
                self.client = resumed;
            }
            What::Tick => _ = self.call(clock, job, None),
        }
        match &turn.what {
            What::Poll(_, shown) | What::Job(_, shown, _) => shown.len(),
            What::Response(_) => 1,
            _ => 0,
        }
    }

    /// Advances the time from one deadline to the next: each has an effect, and none comes before it.
    fn pass(&mut self, until: i64) {
        let mut deadlines = 0;
        while let Some(next) =
            self.client.next_deadline().map(Timestamp::as_millis).filter(|&next| next <= until)
        {
            assert!(next > self.now, "a deadline in the past");
            deadlines += 1;
            assert!(deadlines < 2_000, "deadlines without end");
            let before = self.client.clone().tick(Timestamp::from_millis(next - 1));
            assert!(before.is_empty(), "{before:?} before the deadline");
            self.now = next;
            let effects = self.call(next, 1, None);
            assert!(effects > 0, "nothing to do at a deadline");
        }
        self.now = until;
    }

    /// Passes an input of a job to its clients.
    fn hear(&mut self, clock: i64, job: u64, json: &str, reports: &[&Report], shown: &[Shown], is_job: bool) {
        let now = self.now;
        let known = self.known.entry(job).or_default();
        let is_over = known.ended.is_some_and(|ended| now - ended < RETENTION);
        if !is_over && known.ended.is_some() {
            // An answer to a request that isn't shown yet outlives the job.
            *known = Known { answered: std::mem::take(&mut known.answered), ..Known::default() };
        }
        known.is_past_asking |= reports
            .iter()
            .any(|report| report.status.is_some_and(|status| status.phase() > Phase::Authentication));
        let open = known.open.clone();
        self.call(clock, job, Some(json));
        let known = self.known.entry(job).or_default();
        if is_over {
            assert_eq!(known.open, open, "asked after the end");
            if !reports.is_empty() || !shown.is_empty() {
                known.ended = Some(now);
            }
            return;
        }
        assert_eq!(known.ended.is_some(), reports.iter().any(|report| report.is_end()), "{json}");
        for shown in shown {
            let envelope = shown.envelope(job);
            let is_asked = known.open.contains(&Some(envelope.clone()));
            let is_answered = known.answered.contains_key(&envelope);
            let may_be_over = !is_job && (known.is_past_asking || known.withdrawn.contains(&envelope));
            assert!(
                is_asked || is_answered || known.ended.is_some() || may_be_over,
                "{envelope} is shown and neither asked for nor withdrawn: {json}"
            );
        }
    }

    /// Answers a prompt.
    fn answer(&mut self, clock: i64, job: u64, which: usize) {
        let prompts: Vec<Effect> =
            self.client.prompts().filter(|prompt| prompt.job() == &JobId::from(job)).collect();
        let Some(prompt) = prompts.get(which % prompts.len().max(1)) else { return };
        let answer = match prompt {
            Effect::AskForTfaCode(prompt) => prompt.answer(Secret::new("1")),
            Effect::AskForCredentials(prompt) => prompt.submitted(),
            Effect::Ask(prompt) if self.edition != Edition::V2021 => {
                assert!(prompt.answer([("other", Secret::new("1"))]).is_err());
                prompt.response([("k", Secret::new("1"))]).expect("it has the key of the request")
            }
            _ => return,
        };
        assert!(answer.endpoint().expect("it has one").path().contains(&format!("/{job}/")));
        let json = serde_json::to_string(&answer).expect("it serializes");
        let envelope = envelope_of(prompt);
        let (known, now) = (self.known.entry(job).or_default(), self.now);
        assert!(known.open.remove(&envelope), "{envelope:?} is not on the screen");
        known.answered.extend(envelope.map(|envelope| (envelope, now)));
        self.call(clock, job, Some(&json));
    }

    /// Calls the client, and the client of each job alone, which agree. Carries out the effects and returns their number.
    fn call(&mut self, clock: i64, job: u64, json: Option<&str>) -> usize {
        let at = Timestamp::from_millis(clock);
        let payload = json.map(|json| Payload::from_json(json).expect("it is valid"));
        let effects = match &payload {
            Some(payload) => self.client.observe(at, payload),
            None => self.client.tick(at),
        };
        let mut apart: Vec<Effect> = Vec::new();
        for (&other, client) in &mut self.alone {
            let effects = match &payload {
                Some(payload) if other == job => client.observe(at, payload),
                _ => client.tick(at),
            };
            assert!(effects.iter().all(|effect| effect.job() == &JobId::from(other)), "{effects:?}");
            apart.extend(effects);
        }
        let mut sorted = effects.clone();
        sorted.sort_by(|one, other| one.job().cmp(other.job()));
        assert_eq!(sorted, apart, "a job depends on other jobs");
        let deadline = self.alone.values().filter_map(Client::next_deadline).min();
        assert_eq!(self.client.next_deadline(), deadline);
        let count = effects.len();
        for effect in effects {
            self.carry_out(&effect);
        }
        self.agree();
        count
    }

    fn carry_out(&mut self, effect: &Effect) {
        let now = self.now;
        let job = effect.job().number().expect("it is a number");
        let known = self.known.entry(job).or_default();
        assert!(
            known.ended.is_none() || matches!(effect, Effect::Report(_) | Effect::StopPolling { .. }),
            "{effect:?} after the end"
        );
        match effect {
            Effect::AskForTfaCode(_)
            | Effect::AskForCredentials(_)
            | Effect::AskForInitialCredentials { .. }
            | Effect::AddCard { .. }
            | Effect::Ask(_)
            | Effect::AskToAct(_) => {
                let envelope = envelope_of(effect);
                // The answer to a request of an unknown kind counts only once the request was seen.
                let is_other = self.edition == Edition::V2021 && matches!(effect, Effect::Ask(_));
                if let Some(at) = envelope.as_ref().and_then(|envelope| known.answered.get(envelope)) {
                    assert!(is_other || now - at >= RETENTION, "{envelope:?} was answered");
                }
                assert!(known.open.insert(envelope.clone()), "{envelope:?} is asked for already");
                known.prompts += 1;
            }
            Effect::Withdraw { envelope_id, .. } => {
                let envelope = envelope_id.as_ref().map(|id| id.as_str().to_owned());
                assert!(known.open.remove(&envelope), "{envelope:?} is not on the screen");
                known.withdrawn.extend(envelope);
            }
            Effect::Warn { time_left, .. } => {
                assert!(!time_left.is_zero() && *time_left <= Limits::default().warning);
                known.warnings += 1;
            }
            Effect::AllowLeaving { .. } => {
                assert!(!known.has_left);
                known.has_left = true;
            }
            Effect::TellEnd(_) => {
                assert!(known.open.is_empty(), "a prompt outlives its job");
                known.ended = Some(now);
            }
            _ => {}
        }
    }

    /// The client's prompts are those on the screen, and its next deadline is in the future.
    fn agree(&self) {
        for (&job, known) in &self.known {
            let prompts = self.client.prompts().filter(|prompt| prompt.job() == &JobId::from(job));
            let open: BTreeSet<Option<String>> = prompts.map(|prompt| envelope_of(&prompt)).collect();
            assert_eq!(open, known.open, "job {job}");
        }
        let next = self.client.next_deadline().map(Timestamp::as_millis);
        assert!(next.is_none_or(|next| next > self.now), "a deadline in the past");
        assert_eq!(next.is_some(), self.client.in_progress().next().is_some());
    }

    /// Without further input, the saved state is bounded, prompts end, fetches become rare, and nothing is kept of jobs that
    /// have ended.
    fn leave_alone(mut self, shown: usize) {
        let saved = serde_json::to_string(&self.client).expect("a client serializes");
        assert!(saved.len() < 100_000 + 700 * shown, "{} bytes for {shown} requests", saved.len());
        self.pass(self.now + 24 * RETENTION);
        assert!(self.known.values().all(|known| known.open.is_empty()), "a prompt that never ends");
        for known in self.known.values() {
            assert!(
                known.warnings <= known.prompts * 2 + shown,
                "{} warnings of {} prompts",
                known.warnings,
                known.prompts
            );
        }
        let jobs: Vec<JobId> = self.client.in_progress().cloned().collect();
        for job in jobs {
            self.client.forget(&job);
        }
        let mut nothing = Client::of(self.edition, Limits::of(self.edition));
        nothing.tick(Timestamp::from_millis(self.now));
        self.client.tick(Timestamp::from_millis(self.now));
        assert_eq!(self.client, nothing);
    }
}

fn envelope_of(prompt: &Effect) -> Option<String> {
    match prompt {
        Effect::AskForTfaCode(prompt) => Some(prompt.envelope_id.as_str().to_owned()),
        Effect::AskForCredentials(prompt) => Some(prompt.envelope_id.as_str().to_owned()),
        Effect::Ask(prompt) => Some(prompt.envelope_id.as_str().to_owned()),
        Effect::AskToAct(prompt) => Some(prompt.envelope_id.as_str().to_owned()),
        _ => None,
    }
}
