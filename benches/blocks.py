"""Formats measurements as Markdown and inserts them into the documentation."""

import os
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]


def machine():
    """The date and the machine of the measurement."""
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    now = datetime.now(UTC)
    return f"{now.day} {now:%B %Y}, {os.cpu_count()} cores, {round(kilobytes / 2**20)} GiB of memory"


def table(head, rows):
    """A table; all columns except the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def fill(path, name, text):
    """Replaces the text between a document's markers of this name."""
    path = ROOT / path
    start, end = f"<!-- measured: {name} -->\n", f"<!-- end of {name} -->"
    head, found, rest = path.read_text().partition(start)
    _, also_found, tail = rest.partition(end)
    if not (found and also_found):
        raise SystemExit(f"{path} has no marks for {name}")
    path.write_text(f"{head}{start}\n{text}\n\n{end}{tail}")
