//! Properties of complete job histories, in any order and at any pace.

use cardsavr_protocol::client::{Client, Effect};
use cardsavr_protocol::wire::{Message, Payload, RequestKind, Secret};
use cardsavr_protocol::{Limits, Status, TerminationType, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::names;
use crate::service::{Application, Life, Service, kind, life, steady_life};

/// Something that happens between a job, its messages and its client.
#[derive(Clone, Debug)]
enum Turn {
    /// The job advances.
    Advance,
    /// Polls this number of new messages; each is repeated, or two are swapped.
    Poll { messages: usize, twice: bool, swap: Option<Index> },
    /// Another, slower reader of the same messages passes on this number of them.
    PollAgain(usize),
    /// The last poll is delivered again.
    Repeat,
    /// The job repeats its current status.
    Heartbeat,
    /// Old messages are delivered again, one by one: from this one, this number of them.
    Again(Index, usize),
    /// The job itself is fetched, with its requests or without.
    Sample { is_hydrated: bool },
    /// The user answers.
    Answer,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => Just(Turn::Advance),
        3 => (1..5usize, any::<bool>(), proptest::option::of(any::<Index>()))
            .prop_map(|(messages, twice, swap)| Turn::Poll { messages, twice, swap }),
        1 => (1..5usize).prop_map(Turn::PollAgain),
        1 => any::<bool>().prop_map(|is_hydrated| Turn::Sample { is_hydrated }),
        2 => Just(Turn::Answer),
    ]
}

/// Turns that include repetitions.
fn any_turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        6 => turn(),
        1 => Just(Turn::Repeat),
        1 => (any::<Index>(), 1..4usize).prop_map(|(from, messages)| Turn::Again(from, messages)),
    ]
}

/// A job, its client, and the messages between them.
struct World {
    service: Service,
    application: Application,
    read: usize,
    read_again: usize,
    last_poll: Vec<Message>,
    requests_are_polled: bool,
}

impl World {
    fn new(life: Life, requests_are_polled: bool) -> Self {
        let (service, application) = (Service::new(life), Application::new());
        Self { service, application, read: 0, read_again: 0, last_poll: Vec::new(), requests_are_polled }
    }

    fn take(&mut self, turn: &Turn) {
        let Self { service, application, .. } = self;
        match *turn {
            Turn::Advance => service.advance(),
            Turn::Poll { messages, twice, swap } => {
                let mut poll = next(service, &mut self.read, messages);
                if let (Some(swap), true) = (swap, poll.len() > 1) {
                    let at = swap.index(poll.len() - 1);
                    poll.swap(at, at + 1);
                }
                if twice {
                    poll = poll.into_iter().flat_map(|message| [message.clone(), message]).collect();
                }
                if self.requests_are_polled {
                    poll.extend(service.open_requests());
                }
                self.last_poll.clone_from(&poll);
                application.take(&Payload::Poll(poll));
            }
            Turn::PollAgain(messages) => {
                let messages = messages.min(self.read.saturating_sub(self.read_again));
                application.take(&Payload::Poll(next(service, &mut self.read_again, messages)));
            }
            Turn::Repeat => application.take(&Payload::Poll(self.last_poll.clone())),
            Turn::Heartbeat => application.take(&Payload::Message(service.life.message(service.at))),
            Turn::Again(from, messages) => {
                let from = from.index(self.read.max(1));
                for at in from..(from + messages).min(self.read) {
                    application.take(&Payload::Message(service.life.message(at)));
                }
            }
            Turn::Sample { is_hydrated } => application.take(&Payload::Job(service.entity(is_hydrated))),
            Turn::Answer => service.answered.extend(application.answer()),
        }
        // Another fetch can become due only when time has passed.
        for _ in 0..std::mem::take(&mut application.fetches_to_do) {
            application.take(&Payload::Job(service.entity(true)));
        }
    }

    /// The service shows all messages that weren't polled yet, the current status and the open request, as in a poll of
    /// a job that doesn't advance.
    fn show(&mut self) {
        let mut poll = next(&self.service, &mut self.read, usize::MAX);
        poll.push(self.service.life.message(self.service.at));
        poll.extend(self.service.open_requests());
        self.application.take(&Payload::Poll(poll));
    }
}

/// The next messages of the job that a reader hasn't read yet.
fn next(service: &Service, read: &mut usize, messages: usize) -> Vec<Message> {
    let until = read.saturating_add(messages).min(service.at + 1);
    (std::mem::replace(read, until)..until).map(|at| service.life.message(at)).collect()
}

/// The expected effects of a history in order, directly from the table of `client`.
fn in_order(life: &Life) -> Vec<&'static str> {
    let mut expected = Vec::new();
    for (at, &status) in life.statuses.iter().enumerate() {
        let is_first_update = status == Status::Updating && !life.statuses[..at].contains(&status);
        match status {
            _ if status.is_waiting() => {
                expected.push(match status.awaits().and_then(RequestKind::for_input) {
                    Some(RequestKind::TfaRequest) => "ask for code",
                    Some(_) => "ask for credentials",
                    None => "add card",
                });
            }
            Status::Updating if is_first_update => expected.push("allow leaving"),
            _ if status.is_terminal() => {
                let is_left_out = status.termination_type() == Some(TerminationType::NeverStarted);
                expected.extend(if is_left_out {
                    &["tell end", "stop"][..]
                } else {
                    &["tell end", "report", "stop"]
                });
            }
            _ => {}
        }
    }
    expected
}

/// Effects sorted by job; the order within a job is kept.
fn by_job(mut effects: Vec<Effect>) -> Vec<Effect> {
    effects.sort_by_key(|effect| effect.job().number());
    effects
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    /// A history that is polled in order has exactly the effects of its statuses.
    #[test]
    fn a_life_in_order_has_the_effects_of_its_rows(life in steady_life(7)) {
        let mut service = Service::new(life);
        let mut client = Client::new(Limits::default());
        let mut done = Vec::new();
        let mut observe = |client: &mut Client, carrier: Payload| {
            let effects = client.observe(Timestamp::from_millis(0), &carrier);
            done.extend(names(&effects));
            effects
        };
        loop {
            let poll = [service.life.message(service.at)].into_iter().chain(service.open_requests()).collect();
            for effect in observe(&mut client, Payload::Poll(poll)) {
                let (envelope, answer) = match &effect {
                    Effect::AskForTfaCode(prompt) => (&prompt.envelope_id, prompt.answer(Secret::new("1"))),
                    Effect::AskForCredentials(prompt) => (&prompt.envelope_id, prompt.submitted()),
                    Effect::AddCard { job } => {
                        client.supplied(job);
                        continue;
                    }
                    _ => continue,
                };
                service.answered.insert(envelope.as_str().to_owned());
                prop_assert!(observe(&mut client, Payload::Message(answer.message().unwrap().clone())).is_empty());
            }
            if service.has_ended() {
                break;
            }
            service.advance();
        }
        prop_assert_eq!(done, in_order(&service.life));
    }

    /// With any interleaving of a job's messages, its snapshots and the user's answers, the user is asked for every
    /// request once and can always answer it, the job ends, and the client stops once.
    #[test]
    fn every_job_comes_to_its_end(
        life in life(7),
        turns in proptest::collection::vec(turn(), 0..60),
        requests_are_polled in any::<bool>(),
    ) {
        let mut world = World::new(life, requests_are_polled);
        // After all turns, polling, fetching and answering continue regularly.
        let poll = Turn::Poll { messages: 100, twice: false, swap: None };
        let diligent = [poll, Turn::Heartbeat, Turn::Answer, Turn::Advance];
        let until_the_end = diligent.into_iter().cycle().take(4 * 60);
        // Each round is long enough for another fetch of a job in doubt.
        let turns = turns.into_iter().map(|turn| (turn, 10));
        for (turn, time) in turns.chain(until_the_end.map(|turn| (turn, 1_300))) {
            world.take(&turn);
            world.application.pass(time);
        }
        let World { service, application, .. } = world;
        prop_assert!(service.has_ended(), "the job never leaves {}", service.life.statuses[service.at]);
        prop_assert!(application.has_stopped);
        let waits = service.life.count(|status| kind(status).is_some());
        prop_assert!(application.asked.len() <= waits);
    }

    /// After any input, repeated, out of order, early or with any percentage: once the service shows the status of the
    /// job and its open request, by two polls or by the job itself, the user is asked for exactly that request.
    #[test]
    fn the_user_is_asked_for_what_the_service_shows(
        life in life(7),
        turns in proptest::collection::vec(any_turn(), 0..40),
        requests_are_polled in any::<bool>(),
        gap in prop_oneof![Just(0), 0..2_000i64],
        is_polled in any::<bool>(),
    ) {
        let mut world = World::new(life, requests_are_polled);
        for turn in turns {
            world.take(&turn);
            world.application.pass(gap);
        }
        world.application.restart();
        if is_polled {
            world.show();
            world.show();
        } else {
            world.take(&Turn::Sample { is_hydrated: true });
        }
        let World { service, mut application, .. } = world;
        let open = service.open_envelope().filter(|_| !application.has_stopped);
        let prompted = application.prompted();
        // The effects of stale messages are corrected if the job waits; a request ahead of its status may be asked later.
        if kind(service.life.statuses[service.at]).is_some() || !prompted.is_empty() {
            prop_assert_eq!(prompted, Vec::from_iter(open.as_deref()));
        }
        // Without further input, no prompt stays open.
        application.pass(100_000_000);
        prop_assert_eq!(application.prompted(), [""; 0]);
    }

    /// With messages and snapshots in any order, any number of times, at any time: never two prompts for a request at
    /// once, none after `UPDATING`, one warning per wait, one end, and nothing after it.
    #[test]
    fn nothing_is_done_too_often(
        life in life(7),
        deliveries in proptest::collection::vec((any::<Index>(), 0..6usize, 0..100_000i64), 0..80),
    ) {
        let count = life.statuses.len();
        let (mut service, mut application) = (Service::new(life), Application::new());
        let mut has_ended = false;
        for (index, what, gap) in deliveries {
            application.pass(gap);
            service.at = index.index(count);
            let is_end = service.has_ended();
            match what {
                0 => application.take(&Payload::Job(service.entity(true))),
                1 => service.answered.extend(application.answer()),
                2 => application.take(&Payload::Poll(service.open_requests())),
                _ => application.take(&Payload::Message(service.life.message(service.at))),
            }
            has_ended |= is_end && what != 1 && what != 2;
        }
        prop_assert_eq!(application.has_stopped, has_ended);
    }

    /// Several jobs in one client have the effects that each has alone.
    #[test]
    fn jobs_in_one_client_are_as_if_alone(
        lives in [life(1), life(2), life(3)],
        deliveries in proptest::collection::vec((0..3usize, 1..4usize, 0..60_000i64), 0..60),
    ) {
        let mut together = Client::new(Limits::default());
        let mut alone = [1, 2, 3].map(|_| Client::new(Limits::default()));
        let mut services = lives.map(Service::new);
        let (mut read, mut now) = ([0; 3], 0);
        for (job, messages, gap) in deliveries {
            now += gap;
            let at = Timestamp::from_millis(now);
            let service = &mut services[job];
            service.at = (service.at + messages).min(service.life.statuses.len() - 1);
            let mut poll = next(service, &mut read[job], messages);
            poll.extend(service.open_requests());
            let effects = together.observe(at, &Payload::Poll(poll.clone()));
            let mut expected = Vec::new();
            for (other, client) in alone.iter_mut().enumerate() {
                let is_polled = other == job;
                let effects = if is_polled { client.observe(at, &Payload::Poll(poll.clone())) } else { client.tick(at) };
                expected.extend(effects);
            }
            prop_assert_eq!(by_job(effects), by_job(expected));
            let deadlines = alone.iter().filter_map(Client::next_deadline).min();
            prop_assert_eq!(together.next_deadline(), deadlines);
        }
    }

    /// A client has an effect at each of its deadlines, and none a millisecond before.
    #[test]
    fn each_deadline_has_its_effect(life in steady_life(7), gaps in proptest::collection::vec(0..200_000i64, 24)) {
        let mut service = Service::new(life);
        let mut client = Client::new(Limits::default());
        let mut now = 0;
        for gap in gaps {
            let mut deadlines = 0;
            while let Some(deadline) = client.next_deadline().filter(|at| at.as_millis() <= now + gap) {
                deadlines += 1;
                prop_assert!(deadlines <= 200, "deadlines without end");
                prop_assert!(deadline.as_millis() > now, "a deadline in the past");
                prop_assert_eq!(client.tick(Timestamp::from_millis(deadline.as_millis() - 1)), vec![]);
                let effects = client.tick(deadline);
                let is_expected = |effect: &Effect| {
                    matches!(effect, Effect::Warn { .. } | Effect::Withdraw { .. } | Effect::FetchJob { .. })
                };
                prop_assert!(!effects.is_empty() && effects.iter().all(is_expected), "{:?}", effects);
            }
            now += gap;
            let poll = [service.life.message(service.at)].into_iter().chain(service.open_requests()).collect();
            client.observe(Timestamp::from_millis(now), &Payload::Poll(poll));
            service.at = (service.at + 1).min(service.life.statuses.len() - 1);
        }
    }
}
