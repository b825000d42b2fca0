"""`compare.py CARDSAVR PEERS LOGS RUNS [--write]`: measures all of them and compares their findings; see `run`."""

import json
import re
import subprocess
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from time import perf_counter

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from blocks import fill, machine, table  # noqa: E402

LIFECYCLE = HERE.parents[1] / "schemas" / "lifecycle.json"
CARDSAVR, PROGRAMS, LOGS = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
RUNS = int(sys.argv[4])
MB = 1e6


class Peer:
    """A program that reads a log: its command without the log, the log that its speed is measured on, whether it
    reports anything, and whether it reports a line or only a job."""

    def __init__(self, name, *command, log="lawful", finds=True, tells_line=True):
        self.name, self.command, self.log = name, list(map(str, command)), log
        self.finds, self.tells_line = finds, tells_line

    def run(self, log, output=subprocess.DEVNULL):
        """One run: its seconds, its peak memory in MB, and optionally its output."""
        with NamedTemporaryFile("r") as memory:
            start = perf_counter()
            ran = subprocess.run(
                ["/usr/bin/time", "-q", "-f", "%M", "-o", memory.name, *self.command, LOGS / log],
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                # One thread each, unless noted.
                env={"PATH": "/usr/bin:/bin", "RAYON_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
            seconds = perf_counter() - start
            if ran.returncode not in (0, 1):
                raise SystemExit(f"{self.name} failed: {ran.stderr}")
            told = re.search(r"^seconds ([\d.]+)$", ran.stderr, re.MULTILINE)
            return float(told[1]) if told else seconds, int(memory.read()) * 1024 / MB, ran.stdout


def size(log):
    return (LOGS / log).stat().st_size / MB


def alarms(peer):
    """The lines and jobs that a peer reports as faulty."""
    output = peer.run("faulty", subprocess.PIPE)[2]
    if peer.command[0] == str(CARDSAVR):
        return [(finding["line"], str(finding.get("job_id"))) for finding in json.loads(output)["findings"]]
    found = (line.partition("\t") for line in output.splitlines())
    return [(int(line), job) for line, _, job in found]


class Times:
    """The runs of each peer on its log, in turn, so that other load on the machine affects all of them."""

    def __init__(self):
        self.runs = {pair: [] for pair in PAIRS}
        for _ in range(RUNS):
            for (peer, log), runs in self.runs.items():
                runs.append(peer.run(log)[:2])

    def medians(self, peer, log):
        """Seconds and memory."""
        return tuple(map(median, zip(*self.runs[peer, log], strict=True)))

    def speed(self, peer, log):
        return size(log) / self.medians(peer, log)[0]

    def ratio(self, slow, fast):
        """The ratio of the times of two pairs, in each turn."""
        turns = zip(self.runs[slow], self.runs[fast], strict=True)
        return median(slow_seconds / fast_seconds for (slow_seconds, _), (fast_seconds, _) in turns)


def threads(count):
    """The options for a number of threads, if any."""
    has_threads = "--threads" in subprocess.run([CARDSAVR, "check", "--help"], capture_output=True, text=True).stdout
    return ["--threads", count] if has_threads else []


def check(name, count):
    return Peer(name, CARDSAVR, "check", "--format", "json", *threads(count))


def crate(name):
    """The version of a crate that the peers are built with."""
    return re.search(rf'^{name} = .*?"=([\d.]+)"', (HERE / "rust" / "Cargo.toml").read_text(), re.MULTILINE)[1]


def parsing(name):
    """A parser, for all kinds of message and for `job_status` alone."""
    command = f"{name} {crate(name)}, parsing only", PROGRAMS / "parse", name
    return Peer(*command, "all", finds=False), Peer(*command, "statuses", log="statuses", finds=False)


PYTHON = "Python {}.{}.{}".format(*sys.version_info)
JQ = subprocess.run(["jq", "--version"], capture_output=True, text=True).stdout.strip().replace("-", " ")
SELF = check("`cardsavr check --format json`", 1)
TWO = check("the same with two threads", 2)
WRAPPED = check("the same of a log in wrappers", 1)
WRAPPED.command += ["--message-pointer", "/payload", "--time-pointer", "/ts"]
PLAIN = Peer(f"a plain loop in Rust, serde_json {crate('serde_json')}", PROGRAMS / "plain", LIFECYCLE)
SONIC, SONIC_STATUSES = parsing("sonic-rs")
SERDE, SERDE_STATUSES = parsing("serde_json")
TESTS = [SELF, *([TWO] if threads(2) else []), PLAIN]
JSON = Peer(f"a loop in {PYTHON}, json", sys.executable, HERE / "loop.py", "json", LIFECYCLE)
ORJSON = Peer(f"the same, orjson {version('orjson')}", sys.executable, HERE / "loop.py", "orjson", LIFECYCLE)
PEERS = [
    *TESTS,
    SONIC,
    SERDE,
    JSON,
    ORJSON,
    Peer(f"the same in {JQ}", "jq", "-nrR", "--slurpfile", "lifecycle", LIFECYCLE, "-f", HERE / "loop.jq"),
    Peer(
        f"process_mining {crate('process_mining')}, alignments",
        PROGRAMS / "alignments",
        LIFECYCLE,
        log="tenth",
        tells_line=False,
    ),
    Peer(f"PM4Py {version('pm4py')}, token replay", sys.executable, HERE / "replay.py", LIFECYCLE, log="hundredth"),
]
STATUSES = [(peer, "statuses") for peer in [*TESTS, SONIC_STATUSES, SERDE_STATUSES]]
PAIRS = [(peer, peer.log) for peer in PEERS] + STATUSES + [(SELF, "findings"), (WRAPPED, "wrapped")]
LENGTHS = {"lawful": "", "tenth": ", on a tenth", "hundredth": ", on a hundredth"}


def significant(number):
    """A number with two significant digits, or all digits before the point."""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def holds(ratio, least):
    return "yes" if ratio >= least else f"no, {ratio / least:.0%} of it"


class Truth:
    """The faults of the faulty log, and the reports of each peer."""

    def __init__(self):
        self.alarms = {peer: alarms(peer) for peer in PEERS if peer.finds}
        self.faults = [json.loads(line) for line in (LOGS / "truth").read_text().splitlines()]
        self.seeded = Counter(fault["rule"] for fault in self.faults)

    def found(self, peer):
        """The number of faults of each rule with an alarm at their line, or for their job if the peer reports no line."""
        lines, jobs = {line for line, _ in self.alarms[peer]}, {job for _, job in self.alarms[peer]}

        def is_found(fault):
            return fault["line"] in lines if peer.tells_line else str(fault["job_id"]) in jobs

        return Counter(fault["rule"] for fault in self.faults if is_found(fault))

    def false_alarms(self, peer):
        """The number of alarms for neither the line nor the job of a fault."""
        lines, jobs = {fault["line"] for fault in self.faults}, {str(fault["job_id"]) for fault in self.faults}
        return sum(line not in lines and job not in jobs for line, job in self.alarms[peer])


def peers_table(times, found, truth):
    def row(peer):
        faults = ["", ""]
        if peer.finds:
            faults = [f"{found[peer].total()} of {len(truth.faults)}", truth.false_alarms(peer)]
        ratio = times.ratio((peer, peer.log), (SELF, "lawful")) * size("lawful") / size(peer.log)
        speed, memory = times.speed(peer, peer.log), times.medians(peer, peer.log)[1]
        return [peer.name + LENGTHS[peer.log], significant(speed), significant(ratio), f"{memory:.0f}", *faults]

    head = ["what", "MB/s", "this check is faster by", "peak MB", "faults found", "false alarms"]
    return table(head, map(row, PEERS))


def rules_table(found, truth):
    finders = [peer for peer in PEERS if peer.finds and peer is not TWO]
    rows = [
        [f"`{rule}`", count, *(found[peer][rule] or "" for peer in finders)] for rule, count in truth.seeded.items()
    ]
    names = ["this checker", "plain loop", "json", "orjson", "jq", "process_mining", "PM4Py"]
    return table(["rule", "faults", *names], sorted(rows))


def targets_table(times):
    rows = []

    def row(figure, least, ratio):
        rows.append([figure, f"at least {least}", f"{ratio:.2f}", holds(ratio, least)])

    kinds = [("statuses", "`job_status` alone", SONIC_STATUSES, 3.0), ("lawful", "all kinds of message", SONIC, 2.0)]
    for log, name, sonic, least in kinds:
        row(f"one thread against sonic-rs parsing only, {name}", least, times.ratio((sonic, log), (SELF, log)))
    row("one thread against a loop in Python, json", 40, times.ratio((JSON, "lawful"), (SELF, "lawful")))
    row("one thread against a loop in Python, orjson", 8, times.ratio((ORJSON, "lawful"), (SELF, "lawful")))
    row("a log in wrappers, messages a second, against the plain log", 0.5, times.ratio((SELF, "lawful"), (WRAPPED, "wrapped")))
    if TWO in TESTS:
        for log, name, *_ in kinds:
            row(f"two threads against one, {name}", 1.8, times.ratio((SELF, log), (TWO, log)))
        logs = ["lawful", "faulty", "findings"]
        one, two = ([peer.run(log, subprocess.PIPE)[2] for log in logs] for peer in (SELF, TWO))
        rows.append(["the same findings, byte for byte", "always", f"{len(logs)} logs", "yes" if one == two else "no"])
    else:
        rows.append(["two threads against one", "at least 1.8", "there is only one", "no"])
    ratio = times.ratio((SELF, "findings"), (SELF, "statuses"))
    verdict = "yes" if ratio <= 4 else f"no, {ratio / 4:.2g} times it"
    rows.append(["a finding on every line against none", "at most 4", f"{ratio:.2f}", verdict])
    return table(["figure", "target", "measured", "holds"], rows)


def statuses_table(times):
    rows = []
    for peer, log in STATUSES:
        seconds, memory = times.medians(peer, log)
        messages = MESSAGES / seconds / 1e6
        rows.append([peer.name, significant(times.speed(peer, log)), f"{messages:.1f}", f"{memory:.0f}"])
    return table(["what", "MB/s", "million messages/s", "peak MB"], rows)


with open(LOGS / "statuses", "rb") as lines:
    MESSAGES = sum(1 for _ in lines)


def main():
    times, truth = Times(), Truth()
    found = {peer: truth.found(peer) for peer in truth.alarms}

    when = f"Measured on {machine()}; medians of {RUNS} runs in turn."
    peers = f"{when}\n\n{peers_table(times, found, truth)}"
    statuses = f"{size('statuses'):.0f} MB, {MESSAGES:,} messages."
    blocks = [
        ("docs/performance.md", "targets", f"{when}\n\n{targets_table(times)}"),
        ("docs/performance.md", "peers", peers),
        ("docs/performance.md", "statuses", f"{statuses}\n\n{statuses_table(times)}"),
        ("docs/performance.md", "rules", rules_table(found, truth)),
    ]
    for block in blocks:
        print(f"{block[2]}\n")
    if "--write" in sys.argv:
        for block in blocks:
            fill(*block)


main()
