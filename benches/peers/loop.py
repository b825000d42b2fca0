"""`loop.py json|orjson LIFECYCLE LOG`: a typical loop in Python. Prints the line and the job of each step that isn't a
legal pair, and the line of each malformed record."""

import sys
from importlib import import_module


def main(module, lifecycle, log):
    loads = import_module(module).loads
    with open(lifecycle, "rb") as file:
        pairs = {(row["from"], row["to"]) for row in loads(file.read())["transitions"]}
    jobs = {}
    with open(log, "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = loads(line)
            except (ValueError, RecursionError):
                print(number)
                continue
            if not isinstance(record, dict):
                print(number)
                continue
            if record.get("type") != "job_status":
                continue
            job, status = record.get("job_id"), record.get("message", {}).get("status")
            last = jobs.get(job, status)
            if last != status and (last, status) not in pairs:
                print(number, job, sep="\t")
            jobs[job] = status


main(*sys.argv[1:])
