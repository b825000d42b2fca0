//! Reachability, and the shortest legal sequences.

use strum::EnumCount;

use super::transition::SUCCESSORS;
use super::{Edition, Status, StatusSet, each_edition};

/// The first step of the shortest legal sequence from one status to another, by their rows; of several shortest ones, the
/// first in table order. No sequence passes through `CANCEL_REQUESTED`.
type FirstSteps = [[Option<Status>; Status::COUNT]; Status::COUNT];

static FIRST_STEPS: [FirstSteps; Edition::COUNT] = each_edition!(first_steps);

const fn first_steps(edition: Edition) -> FirstSteps {
    let mut first_step = [[None; Status::COUNT]; Status::COUNT];
    let mut goal = 0;
    while goal < Status::COUNT {
        // A breadth-first search backwards from the goal: a ring is the statuses at the same distance from it.
        let mut reached = StatusSet::EMPTY.with(Status::VOCABULARY[goal]);
        let mut ring = reached;
        while !ring.is_empty() {
            let mut next_ring = StatusSet::EMPTY;
            let mut from = 0;
            while from < Status::COUNT {
                if let Some(step) = SUCCESSORS[edition.index()][from].intersection(ring).first() {
                    let status = Status::VOCABULARY[from];
                    if !reached.contains(status) {
                        first_step[from][goal] = Some(step);
                        next_ring = next_ring.with(status);
                    }
                }
                from += 1;
            }
            reached = reached.union(next_ring);
            ring = next_ring.without(Status::CancelRequested);
        }
        goal += 1;
    }
    first_step
}

/// The statuses of each edition that show that a job has got its initial credentials.
static SHOWING_CREDENTIALS: [StatusSet; Edition::COUNT] = each_edition!(showing_credentials);

/// Those that bring the credentials, and the running ones that follow all of these and lead to none.
const fn showing_credentials(edition: Edition) -> StatusSet {
    let bringing = edition.bringing_credentials();
    let (mut showing, mut row) = (bringing, 0);
    while row < Status::COUNT {
        let status = Status::VOCABULARY[row];
        let (mut only_follows, mut left) = (status.is_running(), bringing);
        while let Some(first) = left.first() {
            only_follows = only_follows && edition.reaches(first, status) && !edition.reaches(status, first);
            left = left.without(first);
        }
        if only_follows {
            showing = showing.with(status);
        }
        row += 1;
    }
    showing
}

// What holds for every status of an edition; a table in which it does not is a compile error.
const _: () = {
    let (mut number, mut row) = (0, 0);
    while number < Edition::COUNT {
        let (edition, status) = (Edition::ALL[number], Status::VOCABULARY[row]);
        if edition.has(status) {
            check(edition, status);
        } else {
            assert!(
                edition.successors(status).is_empty() && edition.predecessors(status).is_empty(),
                "a transition is between statuses of its edition"
            );
        }
        row += 1;
        if row == Status::COUNT {
            (number, row) = (number + 1, 0);
        }
    }
};

const fn check(edition: Edition, status: Status) {
    assert!(
        edition.reaches(Status::STARTS[0], status) || edition.reaches(Status::STARTS[1], status),
        "every status is reached from a start"
    );
    assert!(
        !status.is_terminal() || edition.successors(status).is_empty(),
        "nothing follows a terminal status"
    );
    let mut can_end = status.is_terminal();
    let mut other = 0;
    while other < Status::COUNT {
        let to = Status::VOCABULARY[other];
        can_end |= to.is_terminal() && edition.reaches(status, to);
        assert!(
            !edition.can_become(status, to) || status.phase() as u8 <= to.phase() as u8,
            "no transition goes to an earlier phase"
        );
        other += 1;
    }
    assert!(can_end, "every status in progress leads to a terminal one");
    if let Some(to) = edition.answered_by(status) {
        assert!(
            edition.can_become(status, to) && !to.is_terminal(),
            "an answer is a transition, and the job goes on"
        );
    }
    if let Some(to) = edition.expires_as(status) {
        assert!(
            edition.can_become(status, to) && to.is_terminal(),
            "an expiry is a transition, and ends the job"
        );
    }
}

impl Edition {
    /// Whether legal transitions lead from one status to another without passing through `CANCEL_REQUESTED`: a cancel that
    /// nobody saw is not presumed. A status reaches itself.
    pub const fn reaches(self, from: Status, to: Status) -> bool {
        from.index() == to.index() || FIRST_STEPS[self.index()][from.index()][to.index()].is_some()
    }

    /// The shortest legal sequence from one status to another, including the other but not the first; `None` if there is
    /// none. Of several, the first in table order.
    ///
    /// ```
    /// use cardsavr_protocol::{Edition, Status};
    ///
    /// let path = Edition::V2026.path(Status::Queued, Status::Submitted);
    /// let path: Vec<_> = path.into_iter().flatten().collect();
    /// assert_eq!(path, [Status::PendingNewCreds, Status::Submitted]);
    /// ```
    pub const fn path(self, from: Status, to: Status) -> Option<Path> {
        if self.reaches(from, to) { Some(Path { edition: self, at: from, to }) } else { None }
    }

    /// The statuses that show that the job has got its initial credentials.
    pub(crate) const fn showing_credentials(self) -> StatusSet {
        SHOWING_CREDENTIALS[self.index()]
    }
}

impl Status {
    /// Whether legal transitions lead from this status to another without passing through
    /// `CANCEL_REQUESTED`: a cancel that nobody saw is not presumed. A status reaches itself.
    pub const fn reaches(self, to: Self) -> bool {
        Edition::V2021.reaches(self, to)
    }

    /// The shortest legal sequence from this status to another, including the other but not this one; `None` if there is
    /// none. Of several, the first in table order.
    ///
    /// ```
    /// use cardsavr_protocol::Status;
    ///
    /// let path: Vec<_> = Status::PendingTfa.path_to(Status::Updating).into_iter().flatten().collect();
    /// assert_eq!(path, [Status::TfaReceived, Status::TfaSubmitted, Status::Updating]);
    /// assert!(Status::Updating.path_to(Status::PendingTfa).is_none());
    /// ```
    pub const fn path_to(self, to: Self) -> Option<Path> {
        Edition::V2021.path(self, to)
    }
}

/// The statuses on the way from one status to another: see [`Status::path_to`] and [`Edition::path`].
#[derive(Clone, Debug)]
pub struct Path {
    edition: Edition,
    at: Status,
    to: Status,
}

impl Path {
    /// The next status on the way; `None` at the goal.
    pub const fn peek(&self) -> Option<Status> {
        FIRST_STEPS[self.edition.index()][self.at.index()][self.to.index()]
    }
}

impl Iterator for Path {
    type Item = Status;

    fn next(&mut self) -> Option<Status> {
        self.peek().inspect(|&status| self.at = status)
    }
}
