"""`growth.py CARDSAVR LOG RUNS [--write]`: checks logs that grow, each written to LOG; see `run`."""

import json
import subprocess
import sys
from itertools import islice
from math import log10
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from time import perf_counter

sys.path.append(str(Path(__file__).parents[1]))
from blocks import ROOT, fill, machine, table  # noqa: E402

CARDSAVR, LOG = Path(sys.argv[1]), Path(sys.argv[2])
RUNS = int(sys.argv[3])
MB = 1e6
# The length of all logs in which the number of jobs grows.
LINES = 10_000_000
JOBS = 1_000_000


def check():
    """Medians of the seconds and of the peak memory in MB, and the summary."""
    runs = []
    for _ in range(RUNS):
        with NamedTemporaryFile("r") as memory:
            # A truncated log has jobs that do not end.
            command = [CARDSAVR, "check", "--format", "json", "--allow", "unterminated-job", LOG]
            start = perf_counter()
            ran = subprocess.run(
                ["/usr/bin/time", "-q", "-f", "%M", "-o", memory.name, *command], capture_output=True, text=True
            )
            runs.append((perf_counter() - start, int(memory.read()) * 1024 / MB))
        if ran.returncode:
            raise SystemExit(ran.stderr)
    summary = json.loads(ran.stdout)
    return *map(median, zip(*runs, strict=True)), summary


def simulate(jobs, alive, lines=None):
    """Writes a log, or its first lines."""
    command = [CARDSAVR, "simulate", "--jobs", str(jobs), "--alive", str(alive)]
    with open(LOG, "wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE) as simulation:
        log.writelines(islice(simulation.stdout, lines))


def by_length():
    """A log of 10^5, 10^6, 10^7 messages, of 2000 jobs at a time."""
    for power in (5, 6, 7):
        simulate(10**power, 2_000, 10**power)
        seconds, memory, summary = check()
        yield summary["messages"], seconds, memory


def by_jobs():
    """Logs of one length, of 10^2 to 10^6 jobs at a time."""
    for power in (2, 3, 4, 5, 6):
        simulate(LINES, 10**power, LINES)
        seconds, memory, summary = check()
        yield summary["unterminated"], seconds, memory


def write(*lines):
    """The memory per job with these lines: that of a log with many jobs, less that of one with a single job."""

    def memory(jobs):
        with open(LOG, "w") as log:
            for line in lines:
                log.writelines(line.format(job=job) + "\n" for job in range(1, jobs + 1))
        return check()[1]

    return (memory(JOBS) - memory(1)) * MB / JOBS


def memory_table():
    """The table of the memory per live job, ended job and envelope."""
    status = '{{"type":"job_status","job_id":{job},"message":{{"status":%s}}}}'
    live = status % '"PENDING_TFA"'
    end = status % '"KILLED","termination_type":"NEVER_STARTED"'
    # As long as sixteen bytes in base64.
    request = '{{"type":"tfa_request","job_id":{job},"envelope_id":"{job:022}=="}}'
    alone = write(live)
    rows = [
        ("a live job", alone, 128),
        ("a job that ended", write(end), 24),
        ("an envelope more", write(live, request) - alone, 8),
    ]
    verdict = [
        [name, most, f"{cost:.0f}", "yes" if cost <= most else f"no, {cost / most:.2g} times it"]
        for name, cost, most in rows
    ]
    return table(["bytes of memory", "at most", "measured", "holds"], verdict)


WIDTH, HEIGHT, LEFT, TOP = 300, 200, 60, 40
STYLE = """text { font: 12px sans-serif; fill: #555 } line { stroke: #8884 } path { fill: none; stroke-width: 2 }
.seconds { stroke: #2563eb; fill: #2563eb } .memory { stroke: #d97706; fill: #d97706 }
path.seconds, path.memory { fill: none }
text.seconds, text.memory { stroke: none }"""


def panel(index, title, points):
    """Seconds and megabytes over a number, both axes logarithmic; the vertical one from 0.001 to 10000."""
    first, last = round(log10(points[0][0])), round(log10(points[-1][0]))
    left = LEFT + index * (WIDTH + 2 * LEFT)

    def x(number):
        return left + (log10(number) - first) / (last - first) * WIDTH

    def y(number):
        return TOP + HEIGHT - (log10(number) + 3) / 7 * HEIGHT

    yield f'<text x="{left}" y="{TOP - 20}">{title}</text>'
    for power in range(-3, 5):
        at = y(10**power)
        yield f'<line x1="{left}" x2="{left + WIDTH}" y1="{at:.0f}" y2="{at:.0f}"/>'
        yield f'<text x="{left - 6}" y="{at + 4:.0f}" text-anchor="end">{10**power:g}</text>'
    for power in range(first, last + 1):
        at = x(10**power)
        yield f'<line x1="{at:.0f}" x2="{at:.0f}" y1="{TOP}" y2="{TOP + HEIGHT}"/>'
        yield f'<text x="{at:.0f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{10**power:,}</text>'
    for column, name, text in [(1, "seconds", "seconds"), (2, "memory", "peak MB")]:
        line = [(x(point[0]), y(point[column])) for point in points]
        yield f'<path class="{name}" d="M{" L".join(f"{a:.1f},{b:.1f}" for a, b in line)}"/>'
        yield from (f'<circle class="{name}" cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in line)
        a, b = line[-1]
        yield f'<text class="{name}" x="{a + 6:.0f}" y="{b + 4:.0f}">{text}</text>'


def plot(lengths, jobs):
    """Both as one plot, which depends only on the numbers."""
    width, height = 2 * WIDTH + 4 * LEFT, HEIGHT + TOP + 40
    title = "Time and memory of a check, by the number of messages and of live jobs"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}">',
            f"<style>{STYLE}</style>",
            *panel(0, "by messages, 2,000 jobs at a time", lengths),
            *panel(1, f"by live jobs, in {LINES:,} records", jobs),
            "</svg>\n",
        ]
    )


def rows(points):
    return [[f"{number:,}", f"{seconds:.2f}", f"{memory:.0f}"] for number, seconds, memory in points]


def main():
    lengths, jobs = list(by_length()), list(by_jobs())
    memory = f"Measured on {machine()}; {JOBS:,} of each.\n\n{memory_table()}"
    growth = "\n\n".join(
        [
            f"Measured on {machine()}; medians of {RUNS} runs.",
            table(["messages", "seconds", "peak MB"], rows(lengths)),
            table(["live jobs", "seconds", "peak MB"], rows(jobs)),
        ]
    )
    print(f"{memory}\n\n{growth}")
    if "--write" in sys.argv:
        fill("docs/performance.md", "memory", memory)
        fill("docs/performance.md", "growth", growth)
        (ROOT / "docs" / "growth.svg").write_text(plot(lengths, jobs))


main()
