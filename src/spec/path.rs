//! Reachability, and the shortest legal sequences.

use strum::EnumCount;

use super::transition::SUCCESSORS;
use super::{Status, StatusSet};

/// The first step of the shortest legal sequence from one status to another, by their rows; of several shortest ones, the
/// first in table order. No sequence passes through `CANCEL_REQUESTED`.
static FIRST_STEP: [[Option<Status>; Status::COUNT]; Status::COUNT] = {
    let mut first_step = [[None; Status::COUNT]; Status::COUNT];
    let mut goal = 0;
    while goal < Status::COUNT {
        // A breadth-first search backwards from the goal: a ring is the statuses at the same distance from it.
        let mut reached = StatusSet::EMPTY.with(Status::ALL[goal]);
        let mut ring = reached;
        while !ring.is_empty() {
            let mut next_ring = StatusSet::EMPTY;
            let mut from = 0;
            while from < Status::COUNT {
                if let Some(step) = SUCCESSORS[from].intersection(ring).first() {
                    let status = Status::ALL[from];
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
};

// What holds for every status; a table in which it does not is a compile error.
const _: () = {
    let mut row = 0;
    while row < Status::COUNT {
        let status = Status::ALL[row];
        assert!(
            Status::STARTS[0].reaches(status) || Status::STARTS[1].reaches(status),
            "every status is reached from a start"
        );
        assert!(!status.is_terminal() || status.successors().is_empty(), "nothing follows a terminal status");
        let mut can_end = status.is_terminal();
        let mut other = 0;
        while other < Status::COUNT {
            let to = Status::ALL[other];
            can_end |= to.is_terminal() && status.reaches(to);
            assert!(
                !status.can_become(to) || status.phase() as u8 <= to.phase() as u8,
                "no transition goes to an earlier phase"
            );
            other += 1;
        }
        assert!(can_end, "every status in progress leads to a terminal one");
        if let Some(to) = status.answered_by() {
            assert!(
                status.can_become(to) && !to.is_terminal(),
                "an answer is a transition, and the job goes on"
            );
        }
        if let Some(to) = status.expires_as() {
            assert!(status.can_become(to) && to.is_terminal(), "an expiry is a transition, and ends the job");
        }
        let (received, submitted) = (Status::CredsReceived, Status::LoginSubmitted);
        let after = received.reaches(status) && submitted.reaches(status);
        let before = status.reaches(received) || status.reaches(submitted);
        let only_follows = status.is_running() && after && !before;
        assert!(
            status.shows_credentials()
                == (only_follows
                    || status.index() == received.index()
                    || status.index() == submitted.index()),
            "credentials show in CREDS_RECEIVED, LOGIN_SUBMITTED and the running statuses that only follow them"
        );
        row += 1;
    }
};

impl Status {
    /// Whether legal transitions lead from this status to another without passing through
    /// `CANCEL_REQUESTED`: a cancel that nobody saw is not presumed. A status reaches itself.
    pub const fn reaches(self, to: Self) -> bool {
        self.index() == to.index() || FIRST_STEP[self.index()][to.index()].is_some()
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
        if self.reaches(to) { Some(Path { at: self, to }) } else { None }
    }
}

/// The statuses on the way from one status to another: see [`Status::path_to`].
#[derive(Clone, Debug)]
pub struct Path {
    at: Status,
    to: Status,
}

impl Path {
    /// The next status on the way; `None` at the goal.
    pub const fn peek(&self) -> Option<Status> {
        FIRST_STEP[self.at.index()][self.to.index()]
    }
}

impl Iterator for Path {
    type Item = Status;

    fn next(&mut self) -> Option<Status> {
        self.peek().inspect(|&status| self.at = status)
    }
}
