"""`shares.py REPORTS [--write]`: the functions that perf found most often, as a table; see `run`."""

import re
import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from blocks import fill, machine, table  # noqa: E402

# The columns after the name are empty.
LINE = re.compile(r"^\s*([\d.]+)%\s+\[(.)\] (.*?)[\s-]*$", re.MULTILINE)


def shares(report):
    """The percentage of each function; the kernel counts as one."""
    found = Counter()
    for share, level, name in LINE.findall((Path(sys.argv[1]) / report).read_text()):
        # The last two segments of a path suffice, without generic arguments.
        while (shorter := re.sub(r"<[^<>]*>", "", re.sub(r"<(\S+) as [^<>]*>", r"\1", name))) != name:
            name = shorter
        # The suffix for the processor of a libc function.
        name = re.sub(r"^__(mem[a-z]+)_.*", r"\1", name)
        found["the kernel, reading" if level == "k" else "::".join(name.split("::")[-2:])] += float(share)
    return found


def main():
    every, statuses = shares("all.txt"), shares("statuses.txt")
    names = sorted(every | statuses, key=lambda name: -max(every[name], statuses[name]))
    rows = [
        [name if " " in name else f"`{name}`", *(f"{log[name]:.0f} %" for log in (statuses, every))]
        for name in names
        if max(every[name], statuses[name]) >= 2
    ]
    text = f"Measured on {machine()}.\n\n{table(['function', '`job_status` alone', 'all kinds'], rows)}"
    print(text)
    if "--write" in sys.argv:
        fill("docs/performance.md", "profile", text)


main()
