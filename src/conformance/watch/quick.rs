//! The fast path of the stage `judge`: heartbeats and legal steps in which no rule finds anything.
//!
//! Nearly all events of a log are of this kind. The general path is the definition: the fast path changes
//! a job as it does, or not at all.

use strum::EnumCount;

use super::{Beginning, Calm, Watch};
use crate::conformance::Settings;
use crate::machine::Memory;
use crate::track::{Step, StepKind};
use crate::wire::{Event, EventKind, EventRef, Termination};
use crate::{Edition, Status};

/// What a step does to the memory of a job: bits to set, or one of the values below.
type Entry = u32;

/// The step is left to the general path.
const SLOW: Entry = Entry::MAX;

/// The job waits for the user in the same status as before, or begins to wait, or no longer waits.
const WAITS: Entry = 1 << 31;
const BEGINS_WAIT: Entry = 1 << 30;
const ENDS_WAIT: Entry = 1 << 29;

/// The steps of an edition to each status, by the status before it. The first row is that of a job that isn't calm.
type Steps = [[Entry; Status::COUNT]; Status::COUNT + 1];

/// The steps of each edition.
static STEPS: [Steps; Edition::COUNT] = {
    let mut all = [[[SLOW; Status::COUNT]; Status::COUNT + 1]; Edition::COUNT];
    let (mut edition, mut step) = (0, 0);
    while edition < Edition::COUNT {
        let (from, to) = (step / Status::COUNT, step % Status::COUNT);
        all[edition][from + 1][to] =
            entry(Edition::ALL[edition], Status::VOCABULARY[from], Status::VOCABULARY[to]);
        step += 1;
        if step == Status::COUNT * Status::COUNT {
            (edition, step) = (edition + 1, 0);
        }
    }
    all
};

const fn entry(edition: Edition, from: Status, to: Status) -> Entry {
    if !edition.has(to) || to.is_terminal() || edition.reported_to(to).is_some() {
        SLOW
    } else if from.index() == to.index() {
        if to.is_waiting() { WAITS } else { 0 }
    } else if !edition.can_become(from, to) {
        SLOW
    } else if to.is_waiting() {
        if from.is_waiting() { SLOW } else { BEGINS_WAIT }
    } else if edition.is_guarded(from, to) {
        SLOW
    } else if from.is_waiting() {
        ENDS_WAIT
    } else {
        match Memory::marks(edition, from, to) {
            Some(marks) if marks < ENDS_WAIT => marks,
            _ => SLOW,
        }
    }
}

/// The entry of a step from a status, if the job is calm.
#[inline]
fn step(edition: Edition, from: Calm, to: Status) -> Entry {
    let steps = STEPS.get(edition as usize).and_then(|steps| steps.get(usize::from(from.0)));
    steps.and_then(|steps| steps.get(to.index())).copied().unwrap_or(SLOW)
}

/// The status of an event that the fast path may judge, and the number that is the id of its job.
#[inline]
pub(in crate::conformance) fn status_of(event: &EventRef<'_>) -> Option<Status> {
    let is_plain =
        event.is_plain() && event.kind == EventKind::Status && event.termination_type == Termination::Absent;
    event.status.filter(|_| is_plain)
}

impl Watch {
    /// Judges a `job_status` without a termination type and takes its step, if no rule finds anything in it; else nothing
    /// is changed.
    #[inline]
    pub(in crate::conformance) fn quick(
        &mut self,
        event: &EventRef<'_>,
        to: Status,
        settings: &Settings,
    ) -> Option<Step> {
        let entry = step(settings.edition, self.calm, to);
        if entry >= ENDS_WAIT {
            return self.quick_wait(entry, event, to, settings);
        }
        if self.is_after(event) || !self.numbers.quick(event.percent_complete, event.job_timeout) {
            return None;
        }
        self.note(event.at, event.position);
        let before = self.messages.status();
        let is_heartbeat = before == Some(to);
        if !is_heartbeat {
            self.messages.quick(to, entry);
            self.calm = Calm::of(Some(to));
        }
        let kind = if is_heartbeat { StepKind::Heartbeat } else { StepKind::Legal };
        Some(Step { from: before, to: Some(to), kind, is_after_hole: false })
    }

    /// The same for a step that has to do with a wait for the user.
    #[inline(never)]
    fn quick_wait(
        &mut self,
        entry: Entry,
        event: &EventRef<'_>,
        to: Status,
        settings: &Settings,
    ) -> Option<Step> {
        let from = self.messages.status()?;
        let is_quiet = match entry {
            WAITS => self.waits.is_quiet(event.at, settings),
            BEGINS_WAIT => self.messages.may_enter(to, settings),
            ENDS_WAIT => self.waits.may_leave(event.shows_requests()),
            _ => false,
        };
        let mut numbers = self.numbers;
        numbers.begin_wait(entry == BEGINS_WAIT);
        if !is_quiet || self.is_after(event) || !numbers.quick(event.percent_complete, event.job_timeout) {
            return None;
        }
        self.note(event.at, event.position);
        self.numbers = numbers;
        let kind = if entry == WAITS {
            StepKind::Heartbeat
        } else {
            self.messages.enter_quietly(to, settings.edition);
            self.calm = Calm::of(Some(to));
            self.waits.leave(Some(to), settings.edition);
            self.waits.enter(to, event.at, &self.numbers);
            StepKind::Legal
        };
        Some(Step { from: Some(from), to: Some(to), kind, is_after_hole: false })
    }

    /// Whether the job was last seen at a later time than that of the event.
    #[inline]
    fn is_after(&self, event: &Event) -> bool {
        event.at.is_some() && event.at < self.at()
    }

    /// A watch over a job of which the event with this ordinal is the first one, if no rule finds anything in it; and its
    /// step.
    pub(in crate::conformance) fn begin(
        order: u64,
        event: &Event,
        to: Status,
        settings: &Settings,
    ) -> Option<(Self, Step)> {
        let mut watch = Self::new(order);
        let calm = Calm::of(Some(to));
        if step(settings.edition, calm, to) != 0
            || !watch.numbers.quick(event.percent_complete, event.job_timeout)
        {
            return None;
        }
        watch.note(event.at, event.position);
        watch.beginning = Beginning::Status;
        watch.calm = calm;
        let step = watch.messages.begin(to, settings.edition);
        Some((watch, step))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::collection;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::conformance::judge::judge_event;
    use crate::conformance::{Linker, Shard};
    use crate::wire::{Block, JobId, Message, NotifiedJob, Position};
    use crate::{Limits, Timestamp};

    fn job_status(job: u64, fields: &str) -> Message {
        let json = format!(r#"{{"type":"job_status","job_id":{job},"message":{{{fields}}}}}"#);
        Message::from_json(&json).expect("it is a message")
    }

    fn status() -> impl Strategy<Value = &'static str> {
        let rare = Status::VOCABULARY.iter().map(|status| status.as_str()).chain(["LATER", "CREDS_RECEVIED"]);
        prop_oneof![
            3 => select(vec!["REQUESTED", "QUEUED", "IN_PROGRESS", "AUTH", "LOGIN_SUBMITTED", "UPDATING"]),
            2 => select(vec!["PENDING_CREDS", "CREDS_RECEIVED", "PENDING_TFA", "TFA_RECEIVED", "TFA_SUBMITTED", "NETWORK_ISSUE"]),
            1 => select(rare.collect::<Vec<_>>()),
        ]
    }

    /// An event of a log: pushes it.
    fn event() -> impl Strategy<Value = (u64, String, Option<&'static str>)> {
        let number = |name: &'static str, values: &[&'static str]| {
            let some = select(values.to_vec()).prop_map(move |value| format!(r#","{name}":{value}"#));
            prop_oneof![1 => Just(String::new()), 2 => some]
        };
        let percent = number("percent_complete", &["0", "-0.0", "5", "5.5", "80", "100", "101", "-1"]);
        let timeout = number("job_timeout", &["300", "290", "2", "0", "-1", "900000", "899000", "600000"]);
        let ends = prop_oneof![9 => Just(""), 1 => Just(r#","termination_type":"BILLABLE""#)];
        let fields = (status(), percent, timeout, ends).prop_map(|(status, percent, timeout, ends)| {
            format!(r#""status":"{status}"{percent}{timeout}{ends}"#)
        });
        let other = prop_oneof![
            20 => Just(None),
            1 => select(vec!["tfa_request", "credential_request", "tfa_response"]).prop_map(Some),
            1 => Just(Some("snapshot")),
        ];
        (1..4_u64, fields, other)
    }

    fn push(
        block: &mut Block,
        event: &(u64, String, Option<&str>),
        position: Position,
        at: Option<Timestamp>,
    ) {
        let (job, fields, other) = event;
        match *other {
            None => block.push_message(&job_status(*job, fields), position, at),
            Some("snapshot") => block.push_notified(&NotifiedJob::new(*job, Status::Auth), position, at),
            Some(kind) => {
                let json =
                    format!(r#"{{"type":"{kind}","job_id":{job},"envelope_id":"e{job}","message":"1"}}"#);
                block.push_message(&Message::from_json(&json).expect("it is one"), position, at);
            }
        }
    }

    proptest! {
        /// The fast path changes a job as the general path does.
        #[test]
        fn the_general_path_is_the_definition(
            events in collection::vec((event(), 0..4_i64), 0..60),
            times in any::<bool>(),
            max_ended_jobs in select(vec![1, 65, 1000]),
            edition in select(Edition::ALL.to_vec()),
            step in select(vec![0, 100_000, 2_000_000]),
        ) {
            let settings = Settings { max_ended_jobs, ..Settings::of(edition) };
            let (mut block, mut time, mut linker) = (Block::default(), 0, Linker::default());
            for ((event, passed), line) in events.iter().zip(1..) {
                time += step * (passed - 1) / 2;
                let position = Position { line, ..Position::default() };
                push(&mut block, event, position, times.then_some(Timestamp::from_millis(time)));
            }
            linker.link(&mut block, &settings);
            let (mut fast, mut general) = (Shard::default(), Shard::default());
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            for (event, ordinal) in block.iter().zip(0..) {
                let judged = fast.judge(event, ordinal, &settings, &mut found);
                general.jobs().age(event.at, &settings);
                let definition = judge_event(general.jobs(), event, ordinal, &settings, &mut expected);
                prop_assert_eq!((judged.step, judged.ended), (definition.step, definition.ended), "{:?}", event);
                prop_assert_eq!(&found, &expected);
            }
            let left = |mut shard: Shard| {
                let left: Vec<_> = shard.jobs().clone().into_unterminated(0).collect();
                left.into_iter().map(|(job, watch)| (job, format!("{watch:?}"))).collect::<Vec<(JobId, _)>>()
            };
            prop_assert_eq!(fast.counts(), general.counts());
            prop_assert_eq!(left(fast), left(general));
        }
    }

    /// Nearly all steps of a lawful job are on the fast path.
    #[test]
    fn heartbeats_and_legal_steps_are_fast() {
        let mut watch = Watch::new(0);
        let mut is_fast = |status: Status, fields: &str| {
            let mut block = Block::default();
            push(
                &mut block,
                &(1, format!(r#""status":"{status}"{fields}"#), None),
                Position::default(),
                None,
            );
            let event = block.get(0).expect("there is one");
            let settings = Settings { limits: Limits::default(), ..Settings::default() };
            let is_fast = watch.quick(&event, status, &settings).is_some();
            if !is_fast {
                judge_event(&mut watch, event, 0, &settings, &mut Vec::new());
                watch.settle();
            }
            is_fast
        };
        for (status, fields, expected) in [
            (Status::Requested, "", false),
            (Status::Queued, r#","percent_complete":0"#, true),
            (Status::InProgress, r#","percent_complete":1,"job_timeout":300"#, true),
            (Status::Auth, r#","percent_complete":10.5,"job_timeout":299"#, true),
            (Status::Auth, r#","percent_complete":10.5,"job_timeout":299"#, true),
            (Status::Auth, r#","percent_complete":10"#, false),
            (Status::Auth, r#","job_timeout":301"#, false),
            (Status::LoginSubmitted, "", true),
            (Status::PendingTfa, "", true),
            (Status::PendingTfa, r#","job_timeout":400"#, true),
            (Status::TfaReceived, "", true),
            (Status::TfaSubmitted, "", true),
            (Status::Updating, "", true),
            (Status::Auth, "", false),
            (Status::Updating, "", true),
        ] {
            assert_eq!(is_fast(status, fields), expected, "{status} {fields}");
        }
    }
}
