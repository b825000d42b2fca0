//! The faults: a row for each rule, with how a lawful history is changed so that it breaks that rule and no other.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::choose::Choose;
use super::record::{Payload, Record, Report, Request, termination_types};
use super::walk::{GRACE, Style, milliseconds, walked};
use crate::conformance::Rule;
use crate::wire::RequestKind;
use crate::{Job, Limits, Status};

/// Whether a rule looks at the times of records.
pub fn needs_time(rule: Rule) -> bool {
    matches!(rule, Rule::LateResponse | Rule::OverdueTimeout | Rule::TimeWentBackwards)
}

/// The history of a job that breaks a rule, and the index of the record where that is reported; `None` if the history has
/// no place for the fault.
pub(super) fn history<C: Choose>(
    rule: Rule,
    number: u64,
    starts_at: i64,
    style: &Style,
    choices: &mut C,
) -> (Vec<Record>, Option<usize>) {
    let Row { route, limits, plant } = row(rule, &style.limits, choices);
    let plain = Style { limits, is_plain: true, route, ..style.clone() };
    let records = walked(number, starts_at, &plain, &mut *choices);
    let mut draft = Draft { records, number, limits: &style.limits, choices };
    let index = plant(&mut draft);
    (draft.records, index)
}

/// How a fault comes about.
struct Row<C: Choose> {
    /// Statuses that the job passes, so that there is a place for the fault.
    route: Vec<Status>,
    /// The limits by which the history is lawful before the fault.
    limits: Limits,
    /// Changes the history. Returns the index of the record with the fault.
    plant: fn(&mut Draft<'_, C>) -> Option<usize>,
}

const CODE: [Status; 2] = [Status::PendingTfa, Status::TfaReceived];
const CREDENTIALS: [Status; 2] = [Status::PendingNewCreds, Status::NewCredsReceived];

/// Asks for a code or for credentials, and gets an answer.
fn asking<C: Choose>(choices: &mut C) -> Vec<Status> {
    choices.of([CODE, CREDENTIALS]).into()
}

/// The row of a rule.
#[expect(clippy::too_many_lines, reason = "a table")]
fn row<C: Choose>(rule: Rule, limits: &Limits, choices: &mut C) -> Row<C> {
    use Status::{
        Auth, CancelRequested, Cancelled, CancelledQuickstart, CredsReceived, InProgress, LoginResubmitted,
        LoginSubmitted, NetworkIssue, PendingCreds, PendingNewCreds, PendingTfa, Successful, TfaSubmitted,
        TimeoutTfa, TooManyLoginFailures, Updating, VbsError,
    };

    let routes: [&[Status]; 5] = [&[], &CODE, &CREDENTIALS, &[PendingCreds], &[Updating]];
    let any = choices.of(routes).to_vec();
    let limits = limits.clone();
    let (route, limits, plant): (_, _, fn(&mut Draft<'_, C>) -> Option<usize>) = match rule {
        // Records that are no messages.
        Rule::MalformedJson => (any, limits, |draft| {
            let index = draft.any(&draft.in_progress())?;
            let mut text = draft.records.get(index)?.json();
            let lost = 1 + draft.choices.index(text.len() / 2);
            text.truncate(text.len() - lost);
            let is_whole = draft.choices.once_in(4);
            draft.insert_anywhere(if is_whole { "{\"type\"}".into() } else { text.into() })
        }),
        Rule::RecordTooLarge => (any, limits, |draft| {
            let nested: String = ["[", "]"].iter().map(|bracket| bracket.repeat(TOO_DEEP)).collect();
            draft.insert_anywhere(nested.into())
        }),
        Rule::MalformedMessage => (any, limits, |draft| {
            let text = draft.choices.of([
                r#"{"type":"job_status","job_id":$JOB,"message":{"percent_complete":3}}"#,
                r#"{"type":"tfa_request","job_id":$JOB,"envelope_id":5}"#,
                r#"{"type":"credential_response","job_id":$JOB,"message":"submitted"}"#,
                r#"{"id":$JOB,"status":null}"#,
            ]);
            draft.insert_anywhere(text.into())
        }),
        Rule::UnknownMessageType => (any, limits, |draft| {
            let text = draft.choices.of([
                r#"{"type":"security","job_id":$JOB}"#,
                r#"{"type":"initial_account_link","job_id":$JOB,"message":"https://example.com/"}"#,
                r#"{"type":"JOB_STATUS","job_id":$JOB,"message":{"status":"AUTH"}}"#,
            ]);
            draft.insert_anywhere(text.into())
        }),

        // Words.
        Rule::UnknownStatus => (any, limits, |draft| {
            // It would end a wait.
            let index = draft.any_status(|status| !status.is_waiting() && !status.is_terminal())?;
            draft.heartbeat(index, |report| report.status = "PENDING_SELFIE")
        }),
        Rule::UnknownTerminationType => (any, limits, |draft| {
            let index = draft.any_status(|_| true)?;
            draft.report(index)?.termination_type = Some("BILLED");
            Some(index)
        }),
        Rule::StatusSpelling => {
            let spelled: Vec<_> =
                Status::ALL.iter().copied().filter(|status| !status.aliases().is_empty()).collect();
            let spelled = choices.pick(&spelled);
            // Some ends come only after a cancel.
            let is_after_cancel = |to: &Status| !Status::default().reaches(*to);
            let cancel = spelled.filter(is_after_cancel).map(|_| CancelRequested);
            (cancel.into_iter().chain(spelled).collect(), limits, |draft| {
                let index = draft.any_status(|status| !status.aliases().is_empty())?;
                let report = draft.report(index)?;
                report.status = report.known()?.aliases().first()?;
                Some(index)
            })
        }

        // Steps.
        Rule::IllegalTransition => {
            // Every end can be reached from a start.
            let routes: [&[Status]; 3] = [&CODE, &CREDENTIALS, &[InProgress, CancelRequested]];
            (choices.of(routes).to_vec(), limits, |draft| {
                let there_and_back = if draft.choices.once_in(2) { draft.go_back() } else { None };
                there_and_back.or_else(|| draft.end_out_of_reach())
            })
        }
        Rule::SkippedStatus => (vec![InProgress], limits, |draft| draft.lose_a_status()),
        Rule::TooManyFailedLogins => {
            let failures = usize::from(limits.failed_logins);
            let mut route = [PendingNewCreds, LoginResubmitted].repeat(failures);
            route.push(PendingNewCreds);
            let one_more = limits.failed_logins.saturating_add(1);
            (route, Limits { failed_logins: one_more, ..limits }, |draft| {
                draft.entered(PendingNewCreds, draft.limits.failed_logins)
            })
        }
        Rule::TooManyFailedTfaCodes => {
            let failures = usize::from(limits.failed_tfa_codes) + 1;
            let mut route = [PendingTfa, TfaSubmitted].repeat(failures);
            route.push(PendingTfa);
            let one_more = limits.failed_tfa_codes.saturating_add(1);
            (route, Limits { failed_tfa_codes: one_more, ..limits }, |draft| {
                draft.entered(PendingTfa, draft.limits.failed_tfa_codes.saturating_add(1))
            })
        }
        Rule::EarlyFailureLimit => {
            let none = Limits { failed_logins: 1, ..limits };
            (vec![LoginSubmitted, TooManyLoginFailures], none, |draft| draft.end())
        }
        Rule::TooManyNetworkFailures => (vec![InProgress], limits, |draft| {
            let index = draft.any(&draft.in_progress())?;
            let failure = Report { termination_type: None, ..Report::new(NetworkIssue) };
            for _ in 0..draft.limits.network_failures {
                draft.heartbeat(index, |_| {})?;
                draft.insert(index + 1, Payload::Status(failure));
            }
            let last = index + 1 + 2 * usize::from(draft.limits.network_failures);
            draft.insert(last, Payload::Status(failure))
        }),
        Rule::CredentialsAlreadyReceived if choices.once_in(2) => {
            (vec![LoginSubmitted, CancelRequested, Cancelled], limits, |draft| {
                let end = draft.end()?;
                draft.report(end)?.status = CancelledQuickstart.as_str();
                Some(end)
            })
        }
        Rule::CredentialsAlreadyReceived => (vec![CredsReceived], limits, |draft| {
            let index = draft.entered(CredsReceived, 0)?;
            draft.clear();
            for (status, place) in [Auth, PendingCreds, CredsReceived].into_iter().zip(1..) {
                draft.insert(index + place, Payload::Status(Report::new(status)));
            }
            Some(index + 2)
        }),

        // Ends.
        Rule::MissingTerminationType => {
            // A failure to connect may lack it.
            let routes: [&[Status]; 4] = [
                &[Updating, Successful],
                &[Updating, VbsError],
                &[CancelRequested, Cancelled],
                &[PendingTfa, TimeoutTfa],
            ];
            (choices.of(routes).to_vec(), limits, |draft| {
                let end = draft.end()?;
                draft.report(end)?.termination_type = None;
                Some(end)
            })
        }
        Rule::WrongTerminationType => (any, limits, |draft| {
            let end = draft.end()?;
            let own = draft.report(end)?.termination_type;
            let others: Vec<_> = termination_types().filter(|&other| Some(other) != own).collect();
            draft.report(end)?.termination_type = draft.choices.pick(&others);
            Some(end)
        }),
        Rule::EarlyTerminationType => (any, limits, |draft| {
            let index = draft.any(&draft.in_progress())?;
            let all: Vec<_> = termination_types().collect();
            draft.report(index)?.termination_type = draft.choices.pick(&all);
            Some(index)
        }),
        Rule::IncompleteTermination => (any, limits, |draft| {
            let end = draft.end()?;
            draft.report(end)?.percent = Some(995);
            Some(end)
        }),
        Rule::UnterminatedJob => (any, limits, |draft| {
            let end = draft.end()?;
            draft.records.truncate(end);
            end.checked_sub(1)
        }),
        Rule::RepeatedTermination => (any, limits, |draft| {
            let payload = draft.records.get(draft.end()?)?.payload.clone();
            draft.append(payload)
        }),
        Rule::MessageAfterTermination => (any, limits, |draft| {
            let other = draft.other_status(|_| true)?;
            draft.append(Payload::Status(Report::new(other)))
        }),
        Rule::ConflictingTermination => (any, limits, |draft| {
            let end = draft.end()?;
            let other = Report::new(draft.other_status(Status::is_terminal)?);
            let is_notified = draft.choices.once_in(2);
            let payload =
                if is_notified { Payload::Notification(other) } else { Payload::Snapshot(other, None) };
            if draft.choices.once_in(2) {
                return draft.append(payload);
            }
            // The end is what contradicts it.
            let index = draft.choices.index(end + 1);
            draft.insert(index, payload)?;
            Some(end + 1)
        }),

        // Numbers.
        Rule::ProgressOutOfRange => (any, limits, |draft| {
            draft.clear();
            let index = draft.any_status(|_| true)?;
            draft.report(index)?.percent = Some(draft.choices.of([-5, 1_005, 10_000_000_000]));
            Some(index)
        }),
        Rule::ProgressDecreased => (any, limits, |draft| {
            let less = draft.choices.of([0, 495]);
            draft.numbers(|report, is_first| report.percent = Some(if is_first { 500 } else { less }))
        }),
        Rule::NegativeTimeout => (any, limits, |draft| {
            draft.numbers(|report, is_first| report.timeout = (!is_first).then_some(-1))
        }),
        Rule::TimeoutIncreased => (any, limits, |draft| {
            let last = draft.choices.of([290, 2, 800_000]);
            draft.numbers(|report, is_first| report.timeout = Some(last + i64::from(!is_first)))
        }),
        Rule::MixedTimeoutUnits => (any, limits, |draft| {
            let last = draft.choices.of([290, 2, 800_000]);
            draft.numbers(|report, is_first| report.timeout = Some(if is_first { last } else { last / 200 }))
        }),

        // Times.
        Rule::LateResponse => (asking(choices), limits, |draft| {
            draft.clear();
            let index = draft.answered()?;
            let since = draft.waits_since(index)?;
            let late = milliseconds(draft.limits.answer_window) + draft.choices.between(1, 50_000);
            draft.delay(index, since + late);
            Some(index)
        }),
        Rule::OverdueTimeout => (asking(choices), limits, |draft| {
            draft.clear();
            let index = draft.answered()?;
            let since = draft.waits_since(index)?;
            let late = milliseconds(draft.limits.answer_window) + GRACE + draft.choices.between(1, 50_000);
            let waits = draft.job_at(index)?.status();
            let index = index + 1;
            draft.insert(index, Payload::Status(Report::new(waits)))?;
            draft.delay(index, since + late);
            Some(index)
        }),
        Rule::TimeWentBackwards => (any, limits, |draft| {
            let index = draft.any(&draft.in_progress())?;
            let index = draft.heartbeat(index, |_| {})?;
            let earlier = draft.choices.between(1, 50_000);
            let record = draft.records.get_mut(index)?;
            record.at = record.at.map(|at| at - earlier);
            Some(index)
        }),

        // Requests and responses.
        Rule::PendingWithoutRequest => (asking(choices), limits, |draft| {
            // The job asks for something else, which is lawful by itself.
            let index = draft.answered()?;
            let Payload::Response { request: unseen, .. } = draft.records.get(index)?.payload else {
                return None;
            };
            let waits = draft.job_at(index)?.status();
            draft.records.remove(index);
            for record in &mut draft.records {
                if let Payload::Request(request) = &mut record.payload {
                    if *request == unseen {
                        request.kind = other(unseen.kind);
                    }
                }
            }
            draft.first(
                |payload| matches!(payload, Payload::Status(report) if report.known() != Some(waits)),
                index,
            )
        }),
        Rule::RequestOutOfTurn => (vec![Updating, Successful], limits, |draft| {
            let updating = draft.entered(Updating, 0)?;
            let kind = draft.choices.of([RequestKind::Tfa, RequestKind::Credential]);
            let index = draft.after(updating);
            draft.insert(index, Payload::Request(Request { kind, job: draft.number, nth: NEW }))
        }),
        Rule::EnvelopeReused => (asking(choices), limits, |draft| {
            let index = draft.first(|payload| matches!(payload, Payload::Request(_)), 0)?;
            let Payload::Request(request) = draft.records.get(index)?.payload else { return None };
            let index = draft.after(index);
            draft.insert(index, Payload::Request(Request { kind: other(request.kind), ..request }))
        }),
        Rule::UnmatchedResponse => (asking(choices), limits, |draft| {
            draft.respond_again(|request, names_job| {
                request.nth = NEW;
                // Nothing else says which job it belongs to.
                *names_job = true;
            })
        }),
        Rule::RepeatedResponse => (asking(choices), limits, |draft| draft.respond_again(|_, _| {})),
        Rule::ResponseKindMismatch => (asking(choices), limits, |draft| {
            let index = draft.answered()?;
            let bits = draft.choices.bits();
            let Payload::Response { request, message, .. } = &mut draft.records.get_mut(index)?.payload
            else {
                return None;
            };
            request.kind = other(request.kind);
            *message = super::walk::answer_to(request.kind, bits);
            Some(index)
        }),
        Rule::CredentialsInMessage => (CREDENTIALS.into(), limits, |draft| {
            let index = draft.answered()?;
            let text = draft.choices.of(["jane.doe / pa55word", "Submitted", ""]);
            let Payload::Response { message, .. } = &mut draft.records.get_mut(index)?.payload else {
                return None;
            };
            *message = text.into();
            Some(index)
        }),
    };
    Row { route, limits, plant }
}

/// More levels than any reader allows.
const TOO_DEEP: usize = 101;

/// The number of a request that no job makes.
const NEW: u64 = u64::MAX;

const fn other(kind: RequestKind) -> RequestKind {
    match kind {
        RequestKind::Tfa => RequestKind::Credential,
        RequestKind::Credential => RequestKind::Tfa,
    }
}

/// A history that is being changed. It is plain: it has no snapshots and no failures to connect, and its last record is its
/// end.
struct Draft<'c, C> {
    records: Vec<Record>,
    number: u64,
    limits: &'c Limits,
    choices: &'c mut C,
}

impl<C: Choose> Draft<'_, C> {
    /// The records that report a status, with their indices.
    fn statuses(&self) -> impl Iterator<Item = (usize, Status)> {
        let records = self.records.iter().enumerate();
        records.filter_map(|(index, record)| match record.payload {
            Payload::Status(report) => Some((index, report.known()?)),
            _ => None,
        })
    }

    fn in_progress(&self) -> Vec<usize> {
        self.statuses().filter(|(_, status)| !status.is_terminal()).map(|(index, _)| index).collect()
    }

    fn any(&mut self, indices: &[usize]) -> Option<usize> {
        self.choices.pick(indices)
    }

    fn any_status(&mut self, is_meant: impl Fn(Status) -> bool) -> Option<usize> {
        let meant: Vec<_> =
            self.statuses().filter(|&(_, status)| is_meant(status)).map(|(index, _)| index).collect();
        self.any(&meant)
    }

    fn end(&self) -> Option<usize> {
        self.statuses().last().map(|(index, _)| index)
    }

    /// The index of the record that enters a status for the `nth` time, from 0 on.
    fn entered(&self, status: Status, nth: u8) -> Option<usize> {
        let mut entered: Vec<(usize, Status)> = self.statuses().collect();
        entered.dedup_by_key(|(_, present)| *present);
        entered.retain(|&(_, present)| present == status);
        entered.get(usize::from(nth)).map(|&(index, _)| index)
    }

    /// The index of the first such record, from an index on.
    fn first(&self, is_meant: impl Fn(&Payload) -> bool, from: usize) -> Option<usize> {
        let mut records = self.records.iter().enumerate().skip(from);
        records.find(|(_, record)| is_meant(&record.payload)).map(|(index, _)| index)
    }

    /// The index of the first response.
    fn answered(&self) -> Option<usize> {
        self.first(|payload| matches!(payload, Payload::Response { .. }), 0)
    }

    /// The job after the record at an index.
    fn job_at(&self, index: usize) -> Option<Job> {
        let mut statuses = self.statuses().take_while(|&(at, _)| at <= index).map(|(_, status)| status);
        let first = Job::new(statuses.next()?);
        Some(statuses.fold(first, Job::adopt))
    }

    /// When the status at an index began.
    fn waits_since(&self, index: usize) -> Option<i64> {
        let mut since = None;
        for (at, status) in self.statuses().take_while(|&(at, _)| at <= index) {
            if since.is_none_or(|(_, before)| before != status) {
                since = Some((at, status));
            }
        }
        self.records.get(since?.0)?.at
    }

    /// A status other than that of the end.
    fn other_status(&mut self, is_meant: impl Fn(Status) -> bool) -> Option<Status> {
        let end = self.report(self.end()?)?.known();
        let others: Vec<_> =
            Status::ALL.iter().copied().filter(|&status| is_meant(status) && Some(status) != end).collect();
        self.choices.pick(&others)
    }

    fn report(&mut self, index: usize) -> Option<&mut Report> {
        match &mut self.records.get_mut(index)?.payload {
            Payload::Status(report) => Some(report),
            _ => None,
        }
    }

    /// Removes all percentages and timeouts.
    fn clear(&mut self) {
        for record in &mut self.records {
            if let Payload::Status(report) = &mut record.payload {
                (report.percent, report.timeout) = (None, None);
            }
        }
    }

    /// Inserts a record at the time of the one before it. Returns its index.
    fn insert(&mut self, index: usize, payload: Payload) -> Option<usize> {
        let near = self.records.get(index.saturating_sub(1))?;
        let record = Record { payload, ..near.clone() };
        self.records.insert(index, record);
        Some(index)
    }

    fn insert_anywhere(&mut self, text: Cow<'static, str>) -> Option<usize> {
        let index = self.choices.index(self.records.len() + 1);
        self.insert(index, Payload::Text(text))
    }

    /// Any place after an index.
    fn after(&mut self, index: usize) -> usize {
        index + 1 + self.choices.index(self.records.len() - index)
    }

    /// Adds a record some seconds after the last one.
    fn append(&mut self, payload: Payload) -> Option<usize> {
        let delay = self.choices.between(1_000, 10_000);
        let index = self.insert(self.records.len(), payload)?;
        let record = self.records.get_mut(index)?;
        record.at = record.at.map(|at| at + delay);
        Some(index)
    }

    /// Repeats the status at an index right after it, with a change.
    fn heartbeat(&mut self, index: usize, change: impl FnOnce(&mut Report)) -> Option<usize> {
        let mut report = *self.report(index)?;
        change(&mut report);
        self.insert(index + 1, Payload::Status(report))
    }

    /// Sends numbers in two heartbeats, the second of which has the fault. There are no other numbers.
    fn numbers(&mut self, change: impl Fn(&mut Report, bool)) -> Option<usize> {
        self.clear();
        let index = self.any(&self.in_progress())?;
        let first = self.heartbeat(index, |report| change(report, true))?;
        self.heartbeat(first, |report| change(report, false))
    }

    /// Moves the records from an index on so that the first of them comes at a time.
    fn delay(&mut self, index: usize, to: i64) {
        let by = self.records.get(index).and_then(|record| record.at).map_or(0, |at| to - at);
        for record in self.records.iter_mut().skip(index) {
            record.at = record.at.map(|at| at + by);
        }
    }

    /// Repeats the first response anywhere after it, with a change.
    fn respond_again(&mut self, change: impl FnOnce(&mut Request, &mut bool)) -> Option<usize> {
        let index = self.answered()?;
        let mut payload = self.records.get(index)?.payload.clone();
        if let Payload::Response { request, names_job, .. } = &mut payload {
            *names_job = self.choices.once_in(2);
            change(request, names_job);
        }
        let index = self.after(index);
        self.insert(index, payload)
    }

    /// Whether a job can't take a status because no legal sequence leads there.
    fn is_out_of_reach(&self, job: Job, to: Status) -> bool {
        let refused = job.apply(to, self.limits).err();
        refused.is_some_and(|refused| refused.guard.is_none()) && !job.status().reaches(to)
    }

    /// Inserts a status that the job has behind it and that leads straight back, and the way back.
    fn go_back(&mut self) -> Option<usize> {
        let index = self.any_status(|status| !status.is_waiting() && !status.is_terminal())?;
        let job = self.job_at(index)?;
        let knows_credentials = job.memory().credentials_received();
        let is_back = |&to: &Status| {
            self.is_out_of_reach(job, to)
                && to.can_become(job.status())
                && !to.is_waiting()
                && (knows_credentials || !Job::new(to).memory().credentials_received())
        };
        let back: Vec<_> = Status::ALL.iter().copied().filter(is_back).collect();
        let to = self.choices.pick(&back)?;
        self.heartbeat(index, |_| {})?;
        self.heartbeat(index, |report| report.status = to.as_str())
    }

    /// Gives the job an end that it can't come to.
    fn end_out_of_reach(&mut self) -> Option<usize> {
        let (end, before) = (self.end()?, self.in_progress().last().copied()?);
        let job = self.job_at(before)?;
        let is_end = |&to: &Status| to.is_terminal() && self.is_out_of_reach(job, to);
        let ends: Vec<_> = Status::ALL.iter().copied().filter(is_end).collect();
        let percent = self.report(end)?.percent;
        *self.report(end)? = Report { percent, ..Report::new(self.choices.pick(&ends)?) };
        Some(end)
    }

    /// Removes all messages of a status without which the next one is no legal step.
    fn lose_a_status(&mut self) -> Option<usize> {
        self.clear();
        let mut entered: Vec<(usize, Status)> = self.statuses().collect();
        entered.dedup_by_key(|(_, status)| *status);
        let is_needed = |run: &&[(usize, Status)]| match **run {
            [(_, before), _, (_, next)] => before != next && before.reaches(next) && !before.can_become(next),
            _ => false,
        };
        let needed: Vec<_> = entered
            .windows(3)
            .filter(is_needed)
            .filter_map(|run| Some((run.get(1)?.0, run.get(2)?.0)))
            .collect();
        let (first, next) = self.choices.pick(&needed)?;
        let (mut index, mut kept) = (0, 0);
        self.records.retain(|record| {
            let is_lost = (first..next).contains(&index) && matches!(record.payload, Payload::Status(_));
            index += 1;
            kept += usize::from(!is_lost && index <= next);
            !is_lost
        });
        Some(kept)
    }
}
