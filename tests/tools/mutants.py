"""Breaks the adapter of the vectors in one place at a time. Each broken adapter must fail a vector."""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SCHEMAS = Path(__file__).resolve().parent / "../../schemas"
ADAPTER = (SCHEMAS / "vectors/adapter.py").read_text(encoding="utf-8")

# The fault, the text of the adapter, and its replacement.
MUTANTS = [
    ("the first in the order of the alphabet", "followers.sort(key=list(ROWS).index)", "followers.sort()"),
    ("the last in table order", "followers.sort(key=list(ROWS).index)", "followers.reverse()"),
    ("a cancel is presumed", 'if way[-1] == "CANCEL_REQUESTED" and len(way) > 1:', "if False:"),
    ("one failure more is allowed", "return self.counts[guard] >=", "return self.counts[guard] >"),
    ("limits are the documented ones", 'LIFECYCLE["limits"] | vector.get("limits", {})', 'LIFECYCLE["limits"]'),
    ("a heartbeat enters a status", "and to != before and to in", "and to in"),
    ("a code fails without having been submitted", 'row["from"] in (None, before)', "True"),
    ("a code fails across a hole", 'row["from"] in (None, before)', '(row["from"] in (None, before) or not before)'),
    ("a guard may forbid what it doesn't count", "to in row[column] and", 'to in row["counts"] and'),
    ("what is refused is remembered", "job.counts, job.connecting_failed = before", "pass"),
    ("reports in a row are several failures", "        if self.connecting_failed:\n            return None\n", ""),
    ("no status parts two failures", "        self.connecting_failed = False\n        for", "        for"),
    ("an unknown status parts no failures", "self.hole, self.job.connecting_failed = True, False", "self.hole = True"),
    ("a failure to connect ends the job", 'body.get("termination_type") is None', "False"),
    (
        "a null is a termination type",
        'body["status"] == "NETWORK_ISSUE" and body.get("termination_type") is None',
        'body["status"] == "NETWORK_ISSUE" and "termination_type" not in body',
    ),
    ("other spellings are unknown", "status = ALIASES.get(status, status)", "pass"),
    (
        "a job that ended reports failures",
        "if job.status in TERMINAL else job.fails_to_connect()",
        "if False else job.fails_to_connect()",
    ),
    ("a guard speaks after the end", "None if job.status in TERMINAL else job.guard", "job.guard"),
    ("one warning a job", "        self.warned = False\n        row", "        row"),
    (
        "a warning a message",
        "        if not self.ended and not is_failure",
        "        self.warned = False\n        if not self.ended and not is_failure",
    ),
    ("a message after the end starts timers", "if not self.ended and not is_failure", "if not is_failure"),
    (
        "an unknown end stops no timers",
        "if status in TERMINAL or (status is None and typed):",
        "if status in TERMINAL:",
    ),
    ("an unknown status stops timers", "or (status is None and typed):", "or status is None:"),
    ("a heartbeat begins a wait", "elif status and status != self.status:", "elif status:"),
    ("seconds for ever", 'self.in_milliseconds |= value >= LIFECYCLE["milliseconds_from"]', "pass"),
    ("each value has its own unit", "self.in_milliseconds |= value", "self.in_milliseconds = value"),
    (
        "milliseconds from 10,001 on",
        'value >= LIFECYCLE["milliseconds_from"]',
        'value > LIFECYCLE["milliseconds_from"]',
    ),
    (
        "the unit is told by a job that runs",
        "        if value is not None:",
        "        if value is not None and self.budget is not None:",
    ),
    (
        "a job_timeout starts the budget",
        "            if self.budget is not None:\n                self.budget = now +",
        "            if True:\n                self.budget = now +",
    ),
    ("a job_timeout can't revive", "                self.revive(now)\n\n", "\n"),
    (
        "each running status starts a budget",
        'row.get("starts_budget") and self.budget is None',
        'row.get("starts_budget")',
    ),
    ("a wait extends what was", "max(self.budget, now) + self.limit", "self.budget + self.limit"),
    ("a wait extends nothing", 'row.get("extends_budget") and', "False and"),
    ("a card has a window", 'row.get("opens_window")', 'row.get("extends_budget")'),
    (
        "a window stays open",
        '        self.window = now + self.limit("answer_window") if row.get("opens_window") else None',
        '        if row.get("opens_window"):\n            self.window = now + self.limit("answer_window")',
    ),
    ("a job expires again and again", "return None if self.expired else self.end()", "return self.end()"),
    ("a job expires a millisecond late", "if end is None or now < end:", "if end is None or now <= end:"),
    ("a warning comes a millisecond late", "not due <= now < end", "not due < now < end"),
    ("a warning comes when it is too late", "not due <= now < end", "not due <= now"),
    ("whatever runs is warned of", 'not self.row().get("extends_budget")', "False"),
    ("whatever expires has timed out", 'return self.row().get("becomes")', 'return "VBS_TIMEOUT"'),
    ("an end is compared as it is spelled", "(to or text, sent) != self.end", "(text, sent) != self.end"),
    (
        "an end is compared by its status",
        "if self.end and (to or text, sent) != self.end",
        "if self.end and (to or text) != self.end[0]",
    ),
    (
        "an end again is not looked at",
        '            return found | {"repeated-termination"}',
        '            return {"repeated-termination"}',
    ),
    (
        "guards speak across a hole",
        "guard = None if self.hole else job.guard(to, before)",
        "guard = job.guard(to, before)",
    ),
    ("a hole parts nothing", "before = None if self.hole and to != job.status else job.status", "before = job.status"),
    ("a heartbeat is none across a hole", "if self.hole and to != job.status else", "if self.hole else"),
    ("a hole is no hole", "self.hole, self.job.connecting_failed = True, False", "self.job.connecting_failed = False"),
    ("a hole stays one", "        self.hole = False\n", ""),
    ("an oddity is told each time", "and (rule, value) not in self.odd", ""),
    ("an unknown type is wrong", "elif own and sent in TYPES and sent", "elif own and sent and sent"),
    ("an unknown type is early", "elif not own and sent in TYPES:", "elif not own and sent:"),
    ("an id is a number or a string, and not both", 'str(given["job_id"])', 'given["job_id"]'),
]


def survives(mutant):
    """The reason why the vectors don't find a mutant; None if they find it."""
    _, text, other = mutant
    if ADAPTER.count(text) != 1:
        return f"the adapter has {text!r} {ADAPTER.count(text)} times"
    with tempfile.TemporaryDirectory() as directory:
        vectors = Path(directory) / "vectors"
        shutil.copytree(SCHEMAS / "vectors", vectors)
        shutil.copy(SCHEMAS / "lifecycle.json", directory)
        (vectors / "adapter.py").write_text(ADAPTER.replace(text, other), encoding="utf-8")
        run = subprocess.run([sys.executable, vectors / "adapter.py"], capture_output=True, text=True)
    if run.returncode == 0:
        return "it passes all vectors"
    # A mutant that raises an exception doesn't count as found.
    return None if " instead of " in run.stdout else run.stderr


def main():
    with ThreadPoolExecutor(2) as pool:
        survivors = [(mutant[0], why) for mutant, why in zip(MUTANTS, pool.map(survives, MUTANTS)) if why]
    for what, why in survivors:
        print(f"{what}: {why}")
    print(f"{len(MUTANTS) - len(survivors)} of {len(MUTANTS)} wrong adapters were found")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
