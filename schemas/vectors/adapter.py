"""Runs the vectors on a small implementation that reads its tables, guards and limits from ../lifecycle.json and follows
the rules of README.md for the rest.

Covers machine, guards and timers completely, the conformance rules in COVERED, which need only a job's status messages,
and no client. Prints what it ran, and exits with 1 if a vector fails.
"""

import json
import sys
from collections import deque
from pathlib import Path

HERE = Path(__file__).parent
LIFECYCLE = json.loads((HERE.parent / "lifecycle.json").read_text(encoding="utf-8"))
ROWS = {row["status"]: row for row in LIFECYCLE["statuses"]}
ALIASES = {alias: row["status"] for row in ROWS.values() for alias in row["aliases"]}
TERMINAL = {name for name, row in ROWS.items() if row["phase"] == "terminated"}
GUARDS = {row["guard"]: row for row in LIFECYCLE["guards"]}
EXPIRY = {row["status"]: row for row in LIFECYCLE["expiry"]}
SUCCESSORS = {name: [] for name in ROWS}
for transition in LIFECYCLE["transitions"]:
    SUCCESSORS[transition["from"]].append(transition["to"])
for name, followers in SUCCESSORS.items():
    followers.sort(key=list(ROWS).index)


def path(start, goal):
    """The statuses between two in the shortest sequence, the first in table order; None if there is no sequence."""
    queue, seen = deque([[start]]), {start}
    while queue:
        way = queue.popleft()
        if way[-1] == "CANCEL_REQUESTED" and len(way) > 1:
            continue
        for following in SUCCESSORS[way[-1]]:
            if following == goal:
                return way[1:]
            if following not in seen:
                seen.add(following)
                queue.append(way + [following])
    return None


def reaches(start, goal):
    return start == goal or path(start, goal) is not None


class Job:
    """A job's status, and the counts of its guards."""

    def __init__(self, limits):
        self.limits = limits
        self.status = None
        self.counts = dict.fromkeys(GUARDS, 0)
        self.connecting_failed = False

    def is_full(self, guard):
        limit = GUARDS[guard]["limit"]
        return self.counts[guard] >= (self.limits[limit] if limit else 1)

    def guard(self, to, before):
        for guard in GUARDS:
            if is_about(guard, "forbids", to, before) and self.is_full(guard):
                return guard
        return None

    def may_become(self):
        return [to for to in SUCCESSORS.get(self.status, []) if not self.guard(to, self.status)]

    def adopt(self, to, before):
        self.connecting_failed = False
        for guard in GUARDS:
            self.counts[guard] += is_about(guard, "counts", to, before)
        self.status = to

    def fails_to_connect(self):
        """Counts a report of a failure to connect; returns the guard that forbids it, or None."""
        if self.connecting_failed:
            return None
        guard = next(guard for guard, row in GUARDS.items() if row["is_untyped"])
        is_too_many = self.is_full(guard)
        self.connecting_failed = True
        self.counts[guard] += 1
        return guard if is_too_many else None


def is_about(guard, column, to, before):
    """Whether a guard counts or forbids the entry into a status; `before` is the direct predecessor, None if unknown."""
    row = GUARDS[guard]
    return not row["is_untyped"] and to != before and to in row[column] and row["from"] in (None, before)


def known(status):
    status = ALIASES.get(status, status)
    return status if status in ROWS else None


def is_failure_to_connect(body):
    return body["status"] == "NETWORK_ISSUE" and body.get("termination_type") is None


def run_machine(vector, limits):
    job = Job(limits)
    for step in vector["steps"]:
        body = step["input"]["message"]
        to, guard, legal = known(body["status"]), None, True
        missing = None
        if job.status is None:
            job.adopt(to, None)
        elif is_failure_to_connect(body):
            before = (job.counts.copy(), job.connecting_failed)
            guard = None if job.status in TERMINAL else job.fails_to_connect()
            legal = job.status not in TERMINAL and guard is None
            if not legal:
                job.counts, job.connecting_failed = before
        elif to == job.status or (to in job.may_become()):
            job.adopt(to, job.status)
        else:
            legal, missing = False, path(job.status, to)
            guard = None if job.status in TERMINAL else job.guard(to, job.status)
        yield {
            "status": job.status,
            "legal": legal,
            "guard": guard,
            "missing": missing,
            "may_become": job.may_become(),
        }


class Timer:
    def __init__(self, limits):
        self.limit = lambda name: limits[f"{name}_seconds"] * 1000
        self.status = self.budget = self.window = self.requested = None
        self.warned = self.expired = self.ended = self.in_milliseconds = False

    def observe(self, now, body):
        status, typed = known(body["status"]), body.get("termination_type") is not None
        if not self.ended and not is_failure_to_connect(body):
            if status in TERMINAL or (status is None and typed):
                self.ended, self.status, self.budget, self.window = True, status or self.status, None, None
                self.requested = None
            elif status and status != self.status:
                self.enter(now, status)
        value = body.get("job_timeout")
        if value is not None:
            self.in_milliseconds |= value >= LIFECYCLE["milliseconds_from"]
            if self.budget is not None:
                self.budget = now + max(value, 0) * (1 if self.in_milliseconds else 1000)
                self.revive(now)

    def request(self, now, kind):
        waiting = ["PENDING_TFA"] if kind == "tfa_request" else ["PENDING_NEWCREDS", "PENDING_CREDS"]
        if not self.ended and self.requested != waiting[0] and self.status not in waiting:
            self.requested = waiting[0]
            self.begin(now, self.requested)

    def enter(self, now, status):
        before, self.status = self.status, status
        requested, self.requested = self.requested, None
        if requested and status == requested:
            return
        passed = path(before, status) if before else None
        awaits = ROWS[status]["awaits"]
        if requested and not awaits and requested not in (passed or []) and reaches(status, requested):
            self.requested = requested
            return
        self.begin(now, status)

    def begin(self, now, status):
        self.warned = False
        row = EXPIRY.get(status, {})
        if row.get("starts_budget") and self.budget is None:
            self.budget = now + self.limit("budget")
        if row.get("extends_budget") and self.budget is not None:
            self.budget = max(self.budget, now) + self.limit("budget_extension")
        self.window = now + self.limit("answer_window") if row.get("opens_window") else None
        self.revive(now)

    def end(self):
        return min((end for end in (self.budget, self.window) if end is not None), default=None)

    def revive(self, now):
        end = self.end()
        self.expired = self.expired and end is not None and end <= now

    def expires_at(self):
        return None if self.expired else self.end()

    def warns_at(self):
        end = self.expires_at()
        if end is None or self.warned or not self.row().get("extends_budget"):
            return None
        return end - self.limit("warning")

    def warn(self, now):
        due, end = self.warns_at(), self.expires_at()
        if due is None or not due <= now < end:
            return None
        self.warned = True
        return end - now

    def expire(self, now):
        end = self.expires_at()
        if end is None or now < end:
            return None
        self.expired = True
        return self.row().get("becomes")

    def row(self):
        return EXPIRY.get(self.requested or self.status, {})


def run_timers(vector, limits):
    timer = Timer(limits)
    for step in vector["steps"]:
        now = step["at"]
        if "input" in step:
            if step["input"]["type"] == "job_status":
                timer.observe(now, step["input"]["message"])
            else:
                timer.request(now, step["input"]["type"])
        left, expired = timer.warn(now), timer.expire(now)
        yield {
            "status": timer.status,
            "time_left": left,
            "expires_as": expired,
            "warns_at": timer.warns_at(),
            "expires_at": timer.expires_at(),
        }


GUARD_RULES = {
    "failed_logins": "too-many-failed-logins",
    "failed_tfa_codes": "too-many-failed-tfa-codes",
    "credentials_received": "credentials-already-received",
    "network_failures": "too-many-network-failures",
}
COVERED = {
    *GUARD_RULES.values(),
    "illegal-transition",
    "skipped-status",
    "message-after-termination",
    "repeated-termination",
    "missing-termination-type",
    "wrong-termination-type",
    "early-termination-type",
    "unknown-status",
    "unknown-termination-type",
    "status-spelling",
}
TYPES = {row["termination_type"] for row in ROWS.values()} - {None}


class Watched:
    """A job under check: after a message is judged, its status is set without checking."""

    def __init__(self, limits):
        self.job, self.end, self.hole, self.odd = Job(limits), None, False, set()

    def judge(self, body):
        text, sent = body["status"], body.get("termination_type")
        to = known(text)
        found = set()
        if self.end and (to or text, sent) != self.end:
            return {"message-after-termination"}
        self.oddity(found, "unknown-status", None if to else text)
        self.oddity(found, "status-spelling", text if to and to != text else None)
        self.oddity(found, "unknown-termination-type", sent if sent and sent not in TYPES else None)
        if self.end:
            return found | {"repeated-termination"}
        if is_failure_to_connect(body):
            guard = self.job.fails_to_connect()
            return found | ({GUARD_RULES[guard]} if guard else set())
        if to is None:
            self.hole, self.job.connecting_failed = True, False
        else:
            self.step(to, found)
            own = ROWS[to]["termination_type"]
            if own and sent is None:
                found.add("missing-termination-type")
            elif own and sent in TYPES and sent != own:
                found.add("wrong-termination-type")
            elif not own and sent in TYPES:
                found.add("early-termination-type")
        if to in TERMINAL or (to is None and sent is not None):
            self.end = (to or text, sent)
        return found

    def oddity(self, found, rule, value):
        if value is not None and (rule, value) not in self.odd:
            self.odd.add((rule, value))
            found.add(rule)

    def step(self, to, found):
        job = self.job
        # After an unknown status there is no direct predecessor, but the same status is still a heartbeat.
        before = None if self.hole and to != job.status else job.status
        if job.status is not None and to != job.status:
            # No guard applies across an unknown status: any reachable status may have been missed.
            guard = None if self.hole else job.guard(to, before)
            if guard:
                found.add(GUARD_RULES[guard])
            elif to not in SUCCESSORS[job.status]:
                if not reaches(job.status, to):
                    found.add("illegal-transition")
                elif not self.hole:
                    found.add("skipped-status")
        job.adopt(to, before)
        self.hole = False


def run_conformance(vector, limits):
    jobs = {}
    for step in vector.get("steps", []):
        given = step["input"]
        if given.get("type") != "job_status" or "status" not in given.get("message", {}):
            yield {}
            continue
        watched = jobs.setdefault(str(given["job_id"]), Watched(limits))
        found = watched.judge(given["message"])
        yield {"status": watched.job.status, "findings": sorted(found)}


def differences(vector, outcomes, compare):
    for index, (step, outcome) in enumerate(zip(vector.get("steps", []), outcomes, strict=True)):
        for field, expected in step["expect"].items():
            if field == "findings":
                expected = sorted(found["rule"] for found in expected if found["rule"] in COVERED)
            if field in outcome and outcome[field] != expected:
                yield f"step {index}, {field}: {outcome[field]} instead of {expected}"
            if field not in outcome and compare == "all":
                yield f"step {index}, {field}: nothing instead of {expected}"


RUNNERS = {
    "machine": (run_machine, "all"),
    "guards": (run_machine, "all"),
    "timers": (run_timers, "all"),
    "conformance": (run_conformance, "what the status messages show"),
}


def main(directory):
    failed = 0
    for name in ("transitions", "guards", "timeouts", "rules"):
        file = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))
        if file["version"] != 1:
            sys.exit(f"{name}.json: version {file['version']} of the format is not supported")
        if file.get("limits", LIFECYCLE["limits"]) != LIFECYCLE["limits"]:
            failed += 1
            print(f"{name}.json: its limits are not those of lifecycle.json")
        run, compare = RUNNERS[file["level"]]
        for vector in file["vectors"]:
            limits = LIFECYCLE["limits"] | vector.get("limits", {})
            for difference in differences(vector, list(run(vector, limits)), compare):
                failed += 1
                print(f"{name}.json, {vector['name']}: {difference}")
        print(f"{file['level']}: {len(file['vectors'])} vectors run, {compare} compared")
    print("client: not covered")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE))
