//! The faults: one row per rule, with a change to a valid history that violates this rule and no other.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::choose::Choose;
use super::record::{Content, Envelope, Record, Report, Request};
use super::walk::{GRACE, Style, answer_to, kind_for, milliseconds, walked};
use crate::conformance::Rule;
use crate::wire::RequestKind;
use crate::{Edition, Guard, Job, Limits, Status, TerminationType};

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
    let (route, plant) = row(rule, style.edition, &style.limits, choices);
    let mut limits = style.limits.clone();
    // With other limits, one failure more or less may be valid.
    match rule {
        Rule::TooManyFailedLogins => limits.failed_logins = limits.failed_logins.saturating_add(1),
        Rule::TooManyFailedTfaCodes => limits.failed_tfa_codes = limits.failed_tfa_codes.saturating_add(1),
        Rule::EarlyFailureLimit => limits.failed_logins = 1,
        _ => {}
    }
    let plain = Style { limits, is_plain: true, route, ..style.clone() };
    let records = walked(number, starts_at, &plain, &mut *choices);
    let mut draft = Draft { records, number, edition: style.edition, limits: &style.limits, choices };
    let index = plant(&mut draft);
    (draft.records, index)
}

/// Changes a history. Returns the index of the record with the fault.
type Plant<C> = fn(&mut Draft<'_, C>) -> Option<usize>;

const CODE: [Status; 2] = [Status::PendingTfa, Status::TfaReceived];
const CREDENTIALS: [Status; 2] = [Status::PendingNewCreds, Status::NewCredsReceived];
const NEW_CREDENTIALS: [Status; 2] = [Status::PendingNewCreds, Status::CredsReceived];

/// The row of a rule: statuses that the job passes, so that there is a place for the fault, and what is changed there.
#[expect(clippy::too_many_lines, reason = "a table")]
fn row<C: Choose>(rule: Rule, edition: Edition, limits: &Limits, choices: &mut C) -> (Vec<Status>, Plant<C>) {
    use Status::{
        AbandonedQuickstart, Auth, CancelRequested, Cancelled, CancelledQuickstart, CredsReceived,
        InProgress, LoginResubmitted, LoginSubmitted, NetworkIssue, Pending, PendingCreds, PendingNewCreds,
        PendingTfa, Successful, TfaSubmitted, TimeoutTfa, TooManyLoginFailures, Updating, VbsError,
    };

    let is_first = edition == Edition::V2021;
    let credentials = if is_first { CREDENTIALS } else { NEW_CREDENTIALS };
    let initial = [if is_first { PendingCreds } else { Pending }];
    let any: [&[Status]; 5] = [&[], &CODE, &credentials, &initial, &[Updating]];
    let any = choices.of(any).to_vec();
    let asking = choices.of([CODE, credentials]).to_vec();
    match rule {
        // Records that are not messages.
        Rule::MalformedJson => (any, |draft| {
            let index = draft.any_in_progress()?;
            let mut text = draft.records.get(index)?.to_string();
            let lost = 1 + draft.choices.index(text.len() / 2);
            text.truncate(text.len() - lost);
            let is_whole = draft.choices.once_in(4);
            draft.insert_anywhere(if is_whole { "{\"type\"}".into() } else { text.into() })
        }),
        Rule::RecordTooLarge => (any, |draft| {
            let nested = ["[", "]"].map(|bracket| bracket.repeat(TOO_DEEP)).concat();
            draft.insert_anywhere(nested.into())
        }),
        Rule::MalformedMessage => (any, |draft| {
            let text = draft.choices.of([
                r#"{"type":"job_status","job_id":$JOB,"message":{"percent_complete":3}}"#,
                r#"{"type":"tfa_request","job_id":$JOB,"envelope_id":5}"#,
                r#"{"type":"credential_response","job_id":$JOB,"message":"submitted"}"#,
                r#"{"id":$JOB,"status":null}"#,
            ]);
            draft.insert_anywhere(text.into())
        }),
        Rule::UnknownMessageType => (any, |draft| {
            let text = draft.choices.of([
                r#"{"type":"selfie","job_id":$JOB}"#,
                r#"{"type":"wallet_link","job_id":$JOB,"message":"https://example.com/"}"#,
                r#"{"type":"JOB_STATUS","job_id":$JOB,"message":{"status":"AUTH"}}"#,
            ]);
            draft.insert_anywhere(text.into())
        }),

        // Words.
        Rule::UnknownStatus => (any, |draft| {
            let index = draft.any_at_work()?;
            draft.heartbeat(index, |report| report.status = "PENDING_SELFIE")
        }),
        Rule::UnknownTerminationType => (any, |draft| {
            let index = draft.any(|_| true)?;
            draft.edit(index, |report| report.termination_type = Some("BILLED"))
        }),
        Rule::StatusSpelling => {
            let spelled =
                choices.pick(&statuses(edition, |status| !edition.former_spellings(status).is_empty()));
            // Some ends come only after a cancel.
            let cancel =
                spelled.filter(|&to| !edition.reaches(Status::default(), to)).map(|_| CancelRequested);
            (cancel.into_iter().chain(spelled).collect(), |draft| {
                let edition = draft.edition;
                let index = draft.any(|status| !edition.former_spellings(status).is_empty())?;
                let alias = edition.former_spellings(draft.status(index)?).first()?;
                draft.edit(index, |report| report.status = alias)
            })
        }

        // Steps.
        Rule::IllegalTransition => {
            // Every end can be reached from a start.
            let routes: [&[Status]; 3] = [&CODE, &credentials, &[InProgress, CancelRequested]];
            (choices.of(routes).to_vec(), |draft| {
                let there_and_back = if draft.choices.once_in(2) { draft.go_back() } else { None };
                there_and_back.or_else(|| draft.end_out_of_reach())
            })
        }
        Rule::SkippedStatus => (vec![InProgress], |draft| draft.lose_a_status()),
        Rule::TooManyFailedLogins => {
            let submitted = if is_first { LoginResubmitted } else { LoginSubmitted };
            let mut route = [PendingNewCreds, submitted]
                .repeat(usize::from(limits.failed_logins) + usize::from(!is_first));
            route.push(PendingNewCreds);
            (route, |draft| draft.guarded(Guard::FailedLogins))
        }
        Rule::TooManyFailedTfaCodes => {
            let mut route = [PendingTfa, TfaSubmitted].repeat(usize::from(limits.failed_tfa_codes) + 1);
            route.push(PendingTfa);
            (route, |draft| draft.guarded(Guard::FailedTfaCodes))
        }
        Rule::EarlyFailureLimit => (vec![LoginSubmitted, TooManyLoginFailures], |draft| {
            draft.end().filter(|_| draft.limits.failed_logins > 1)
        }),
        Rule::TooManyNetworkFailures => (vec![InProgress], |draft| {
            draft.edition.reported_to(NetworkIssue)?;
            let index = draft.any_in_progress()?;
            let failure = Content::Status(Report { termination_type: None, ..draft.report(NetworkIssue) });
            let allowed = draft.limits.network_failures;
            for _ in 0..allowed {
                draft.heartbeat(index, |_| {})?;
                draft.insert(index + 1, failure.clone());
            }
            draft.insert(index + 1 + 2 * usize::from(allowed), failure)
        }),
        Rule::CredentialsAlreadyReceived if !is_first || choices.once_in(2) => {
            (vec![LoginSubmitted, CancelRequested, Cancelled], |draft| {
                let is_first = draft.edition == Edition::V2021;
                let end = if is_first { CancelledQuickstart } else { AbandonedQuickstart };
                draft.edit(draft.end()?, |report| report.status = end.as_str())
            })
        }
        Rule::CredentialsAlreadyReceived => (vec![CredsReceived], |draft| {
            let index = draft.entered(CredsReceived, 0)?;
            draft.clear();
            for (status, place) in [Auth, PendingCreds, CredsReceived].into_iter().zip(1..) {
                draft.insert(index + place, Content::Status(draft.report(status)));
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
            (choices.of(routes).to_vec(), |draft| {
                draft.edit(draft.end()?, |report| report.termination_type = None)
            })
        }
        // In later editions, some statuses may end with any.
        Rule::WrongTerminationType => (if is_first { any } else { vec![Updating, Successful] }, |draft| {
            let (edition, end) = (draft.edition, draft.status(draft.end()?)?);
            let other = draft.termination_type(|other| !edition.ends(end, other));
            draft.edit(draft.end()?, |report| report.termination_type = other)
        }),
        Rule::EarlyTerminationType => (any, |draft| {
            let (index, any) = (draft.any_in_progress()?, draft.termination_type(|_| true));
            draft.edit(index, |report| report.termination_type = any)
        }),
        Rule::IncompleteTermination => {
            (any, |draft| draft.edit(draft.end()?, |report| report.percent = Some(995)))
        }
        Rule::UnterminatedJob => (any, |draft| {
            let end = draft.end()?;
            draft.records.truncate(end);
            end.checked_sub(1)
        }),
        Rule::RepeatedTermination => (any, |draft| {
            let end = draft.report(draft.status(draft.end()?)?);
            draft.append(Content::Status(end))
        }),
        Rule::MessageAfterTermination => (any, |draft| {
            let other = draft.other_status(|_| true)?;
            draft.append(Content::Status(draft.report(other)))
        }),
        Rule::ConflictingTermination => (any, |draft| {
            let (end, other) = (draft.end()?, draft.other_status(Status::is_terminal)?);
            let other = draft.report(other);
            let is_notified = draft.choices.once_in(2);
            let content =
                if is_notified { Content::Notification(other) } else { Content::Snapshot(other, None) };
            if draft.choices.once_in(2) {
                return draft.append(content);
            }
            // The end is what contradicts it.
            let index = draft.choices.index(end + 1);
            draft.insert(index, content)?;
            Some(end + 1)
        }),

        // Numbers.
        Rule::ProgressOutOfRange => (any, |draft| {
            draft.clear();
            let (index, percent) = (draft.any(|_| true)?, draft.choices.of([-5, 1_005, 10_000_000_000]));
            draft.edit(index, |report| report.percent = Some(percent))
        }),
        Rule::ProgressDecreased => (any, |draft| {
            let less = draft.choices.of([0, 495]);
            draft.numbers([500, less].map(|percent| (Some(percent), None)))
        }),
        Rule::NegativeTimeout => (any, |draft| draft.numbers([(None, None), (None, Some(-1))])),
        Rule::TimeoutIncreased => (any, |draft| {
            let last = draft.choices.of([290, 2, 800_000]);
            draft.numbers([last, last + 1].map(|timeout| (None, Some(timeout))))
        }),
        Rule::MixedTimeoutUnits => (any, |draft| {
            let last = draft.choices.of([290, 2, 800_000]);
            draft.numbers([last, last / 200].map(|timeout| (None, Some(timeout))))
        }),

        // Times.
        Rule::LateResponse => (asking, |draft| {
            let index = draft.answered()?;
            draft.delay(index, 0)
        }),
        Rule::OverdueTimeout => (asking, |draft| {
            let index = draft.answered()?;
            let waits = draft.report(draft.job_at(index)?.status());
            draft.insert(index + 1, Content::Status(waits))?;
            draft.delay(index + 1, GRACE)
        }),
        Rule::TimeWentBackwards => (any, |draft| {
            let index = draft.any_in_progress()?;
            let index = draft.heartbeat(index, |_| {})?;
            let earlier = draft.choices.between(1, 50_000);
            let record = draft.records.get_mut(index)?;
            record.at = record.at.map(|at| at - earlier);
            Some(index)
        }),

        // Requests and responses.
        Rule::PendingWithoutRequest => (asking, |draft| {
            // The job requests something else, which is valid by itself.
            let index = draft.answered()?;
            let Content::Response { request: unseen, .. } = draft.records.remove(index).content else {
                return None;
            };
            for record in &mut draft.records {
                match &mut record.content {
                    Content::Request(request) if *request == unseen => request.kind = other(unseen.kind),
                    _ => {}
                }
            }
            let waits = kind_for(draft.job_at(index.checked_sub(1)?)?.status());
            draft.first(index, |content| match content {
                Content::Status(report) => report.known().and_then(kind_for) != waits,
                _ => false,
            })
        }),
        Rule::RequestOutOfTurn => (vec![Updating, Successful], |draft| {
            let kind = draft.choices.of([RequestKind::TfaRequest, RequestKind::CredentialRequest]);
            let index = draft.after(draft.entered(Updating, 0)?);
            draft.insert(index, Content::Request(Request { kind, job: draft.number, nth: NEW }))
        }),
        Rule::EnvelopeReused => (asking, |draft| {
            let index = draft.first(0, |content| matches!(content, Content::Request(_)))?;
            let Content::Request(request) = draft.records.get(index)?.content else { return None };
            let index = draft.after(index);
            draft.insert(index, Content::Request(Request { kind: other(request.kind), ..request }))
        }),
        Rule::RequestJobMismatch => (asking, |draft| {
            let index = draft.first(0, |content| matches!(content, Content::Request(_)))?;
            let Content::Request(request) = draft.records.get(index)?.content else { return None };
            let (status, kind, envelope) =
                (draft.job_at(index)?.status(), request.kind.request(), Envelope(request));
            // No job has the number 0.
            let text = format!(
                r#"{{"id":$JOB,"status":"{status}","credential_requests":[{{"type":"{kind}","job_id":0,"envelope_id":"{envelope}"}}]}}"#
            );
            draft.insert(index, Content::Text(text.into()))
        }),
        // Such a response belongs to a job only by a `job_id`.
        Rule::UnmatchedResponse => (asking, |draft| {
            draft.respond_again(|request, names_job| (request.nth, *names_job) = (NEW, true))
        }),
        Rule::RepeatedResponse => (asking, |draft| draft.respond_again(|_, _| {})),
        Rule::ResponseKindMismatch => (asking, |draft| {
            let (index, bits) = (draft.answered()?, draft.choices.bits());
            let (request, _, message) = draft.response(index)?;
            request.kind = other(request.kind);
            *message = answer_to(request.kind, bits);
            Some(index)
        }),
        Rule::CredentialsInMessage => (credentials.into(), |draft| {
            let index = draft.answered()?;
            let text = draft.choices.of(["jane.doe / pa55word", "Submitted", ""]);
            *draft.response(index)?.2 = text.into();
            Some(index)
        }),
    }
}

/// More levels than any reader allows.
const TOO_DEEP: usize = 101;

/// A request number that no job uses.
const NEW: u64 = u64::MAX;

const fn other(kind: RequestKind) -> RequestKind {
    match kind {
        RequestKind::TfaRequest => RequestKind::CredentialRequest,
        _ => RequestKind::TfaRequest,
    }
}

/// A history that is being changed. It is plain: it has no snapshots and no failures to connect, and its last record is its
/// end.
struct Draft<'c, C> {
    records: Vec<Record>,
    number: u64,
    edition: Edition,
    limits: &'c Limits,
    choices: &'c mut C,
}

impl<C: Choose> Draft<'_, C> {
    /// The records that report a status, with their indices.
    fn statuses(&self) -> impl Iterator<Item = (usize, Status)> {
        (0..self.records.len()).filter_map(|index| Some((index, self.status(index)?)))
    }

    /// The status that the record at an index reports.
    fn status(&self, index: usize) -> Option<Status> {
        match self.records.get(index)?.content {
            Content::Status(report) => report.known(),
            _ => None,
        }
    }

    /// The statuses with the indices of the records that enter them.
    fn entries(&self) -> Vec<(usize, Status)> {
        let mut entries: Vec<_> = self.statuses().collect();
        entries.dedup_by_key(|(_, status)| *status);
        entries
    }

    /// The index of the record that enters a status for the `nth` time, from 0 on.
    fn entered(&self, status: Status, nth: usize) -> Option<usize> {
        self.entries().iter().filter(|(_, entered)| *entered == status).nth(nth).map(|(index, _)| *index)
    }

    /// A status with the termination type of its row.
    fn report(&self, status: Status) -> Report {
        Report::of(self.edition, status)
    }

    /// The index of the first record that enters a status which a guard forbids.
    fn guarded(&self, guard: Guard) -> Option<usize> {
        let mut job: Option<Job> = None;
        self.statuses().find_map(|(index, status)| {
            let before =
                job.replace(job.map_or_else(|| Job::of(self.edition, status), |job| job.adopt(status)));
            let refused = before?.apply(status, self.limits).err()?;
            (refused.guard == Some(guard)).then_some(index)
        })
    }

    /// The index of some record with such a status.
    fn any(&mut self, is_meant: impl Fn(Status) -> bool) -> Option<usize> {
        let meant: Vec<_> = self.statuses().filter(|&(_, status)| is_meant(status)).collect();
        self.choices.pick(&meant).map(|(index, _)| index)
    }

    fn any_in_progress(&mut self) -> Option<usize> {
        self.any(|status| !status.is_terminal())
    }

    /// As [`any_in_progress`](Self::any_in_progress), but not in a wait.
    fn any_at_work(&mut self) -> Option<usize> {
        self.any(|status| !status.is_waiting() && !status.is_terminal())
    }

    fn end(&self) -> Option<usize> {
        self.statuses().last().map(|(index, _)| index)
    }

    /// The index of the first such record, from an index on.
    fn first(&self, from: usize, is_meant: impl Fn(&Content) -> bool) -> Option<usize> {
        let mut records = self.records.iter().enumerate().skip(from);
        records.find(|(_, record)| is_meant(&record.content)).map(|(index, _)| index)
    }

    /// The index of the first response.
    fn answered(&self) -> Option<usize> {
        self.first(0, |content| matches!(content, Content::Response { .. }))
    }

    fn response(&mut self, index: usize) -> Option<(&mut Request, &mut bool, &mut Cow<'static, str>)> {
        match &mut self.records.get_mut(index)?.content {
            Content::Response { request, names_job, message } => Some((request, names_job, message)),
            _ => None,
        }
    }

    /// The job after the record at an index.
    fn job_at(&self, index: usize) -> Option<Job> {
        let mut statuses = self.statuses().take_while(|&(at, _)| at <= index).map(|(_, status)| status);
        let first = Job::of(self.edition, statuses.next()?);
        Some(statuses.fold(first, Job::adopt))
    }

    /// A status other than that of the end.
    fn other_status(&mut self, is_meant: impl Fn(Status) -> bool) -> Option<Status> {
        let end = self.status(self.end()?);
        self.choices.pick(&statuses(self.edition, |status| is_meant(status) && Some(status) != end))
    }

    fn termination_type(&mut self, is_meant: impl Fn(TerminationType) -> bool) -> Option<&'static str> {
        let meant: Vec<_> = TerminationType::ALL.iter().copied().filter(|&one| is_meant(one)).collect();
        self.choices.pick(&meant).map(Into::into)
    }

    /// Changes what the record at an index reports. Returns the index.
    fn edit(&mut self, index: usize, change: impl FnOnce(&mut Report)) -> Option<usize> {
        match &mut self.records.get_mut(index)?.content {
            Content::Status(report) => change(report),
            _ => return None,
        }
        Some(index)
    }

    /// Removes all percentages and timeouts.
    fn clear(&mut self) {
        for index in 0..self.records.len() {
            self.edit(index, |report| (report.percent, report.timeout) = (None, None));
        }
    }

    /// Inserts a record at the time of the one before it. Returns its index.
    fn insert(&mut self, index: usize, content: Content) -> Option<usize> {
        let near = self.records.get(index.saturating_sub(1))?;
        let record = Record { content, ..near.clone() };
        self.records.insert(index, record);
        Some(index)
    }

    fn insert_anywhere(&mut self, text: Cow<'static, str>) -> Option<usize> {
        let index = self.choices.index(self.records.len() + 1);
        self.insert(index, Content::Text(text))
    }

    /// Any place after an index.
    fn after(&mut self, index: usize) -> usize {
        index + 1 + self.choices.index(self.records.len() - index)
    }

    /// Adds a record some seconds after the last one.
    fn append(&mut self, content: Content) -> Option<usize> {
        let delay = self.choices.between(1_000, 10_000);
        let index = self.insert(self.records.len(), content)?;
        let record = self.records.get_mut(index)?;
        record.at = record.at.map(|at| at + delay);
        Some(index)
    }

    /// Repeats the status at an index right after it, with a change.
    fn heartbeat(&mut self, index: usize, change: impl FnOnce(&mut Report)) -> Option<usize> {
        let content = self.records.get(index)?.content.clone();
        let index = self.insert(index + 1, content)?;
        self.edit(index, change)
    }

    /// Sends a percentage and a timeout in each of two heartbeats, the second of which has the fault. There are no others.
    fn numbers(&mut self, numbers: [(Option<i64>, Option<i64>); 2]) -> Option<usize> {
        self.clear();
        let mut index = self.any_in_progress()?;
        for numbers in numbers {
            index = self.heartbeat(index, |report| (report.percent, report.timeout) = numbers)?;
        }
        Some(index)
    }

    /// Moves the records from an index on, so that the first of them comes later than the answer window and `more`. No
    /// timeout allows more time.
    fn delay(&mut self, index: usize, more: i64) -> Option<usize> {
        self.clear();
        let (waits, _) =
            self.entries().into_iter().rfind(|&(at, status)| at < index && status.is_waiting())?;
        let late = milliseconds(self.limits.answer_window) + more + self.choices.between(1, 50_000);
        let by = self.records.get(waits)?.at? + late - self.records.get(index)?.at?;
        for record in self.records.iter_mut().skip(index) {
            record.at = record.at.map(|at| at + by);
        }
        Some(index)
    }

    /// Repeats the first response after it, within its window, with a change.
    fn respond_again(&mut self, change: impl FnOnce(&mut Request, &mut bool)) -> Option<usize> {
        let answered = self.answered()?;
        let (waits, _) = self.entries().into_iter().rfind(|&(at, _)| at < answered)?;
        let closes_at = self.records.get(waits)?.at? + milliseconds(self.limits.answer_window);
        let in_time = self.records.iter().take_while(|record| record.at <= Some(closes_at)).count();
        let index = answered + 1 + self.choices.index(in_time.saturating_sub(answered));
        self.insert(index, self.records.get(answered)?.content.clone())?;
        let may_name_job = self.choices.once_in(2);
        let (request, names_job, _) = self.response(index)?;
        *names_job = may_name_job;
        change(request, names_job);
        Some(index)
    }

    /// Whether a job can't take a status because no legal sequence leads there.
    fn is_out_of_reach(&self, job: Job, to: Status) -> bool {
        let refused = job.apply(to, self.limits).err();
        refused.is_some_and(|refused| refused.guard.is_none()) && !self.edition.reaches(job.status(), to)
    }

    /// Inserts an earlier status of the job that leads directly back, and the path back.
    fn go_back(&mut self) -> Option<usize> {
        let index = self.any_at_work()?;
        let job = self.job_at(index)?;
        let knows_credentials = job.memory().count(Guard::CredentialsReceived) > 0;
        let edition = self.edition;
        let back = statuses(edition, |to| {
            self.is_out_of_reach(job, to)
                && edition.can_become(to, job.status())
                && !to.is_waiting()
                && (knows_credentials || !edition.shows_credentials(to))
        });
        let to = self.choices.pick(&back)?;
        self.heartbeat(index, |_| {})?;
        self.heartbeat(index, |report| report.status = to.as_str())
    }

    /// Replaces the end by one that the job can't reach.
    fn end_out_of_reach(&mut self) -> Option<usize> {
        let end = self.end()?;
        let job = self.job_at(end.checked_sub(1)?)?;
        let edition = self.edition;
        let to =
            self.choices.pick(&statuses(edition, |to| to.is_terminal() && self.is_out_of_reach(job, to)))?;
        self.edit(end, |report| *report = Report { percent: report.percent, ..Report::of(edition, to) })
    }

    /// Removes all messages of a status without which the next one is no legal step.
    fn lose_a_status(&mut self) -> Option<usize> {
        self.clear();
        let mut needed = Vec::new();
        for run in self.entries().windows(3) {
            let &[(_, before), (first, _), (next, after)] = run else { continue };
            if before != after
                && self.edition.reaches(before, after)
                && !self.edition.can_become(before, after)
            {
                needed.push((first, next));
            }
        }
        let (first, next) = self.choices.pick(&needed)?;
        let lost: Vec<_> = (first..next).filter(|&index| self.status(index).is_some()).collect();
        for &index in lost.iter().rev() {
            self.records.remove(index);
        }
        Some(next - lost.len())
    }
}

fn statuses(edition: Edition, is_meant: impl Fn(Status) -> bool) -> Vec<Status> {
    edition.statuses().iter().filter(|&status| is_meant(status)).collect()
}
