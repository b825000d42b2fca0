#!/usr/bin/env python3
"""Prints the layout of the report's diagram: `cli/src/report/html/layout.py > /tmp/layout.json`, then move it over layout.json.

Needs cargo and Graphviz. PROGRESS has the positions of the statuses in progress, so that a job goes from top to bottom with
the terminal statuses beside it. A status that is not in PROGRESS is placed below the others. Graphviz routes the edges
between statuses in progress. The edges to terminal statuses are plain curves from left to right.
"""

import csv
import io
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[3]
# In points, the unit of Graphviz; the first row is at the top.
COLUMNS, ROW = [80, 300, 430, 770], 70
PROGRESS = {
    "INITIATED": (0, 0), "REQUESTED": (1, 0), "QUEUED": (1, 1), "IN_PROGRESS": (1, 2),
    "PENDING_CREDS": (0, 3), "AUTH": (1, 3.5), "CREDS_RECEIVED": (0, 4.2), "LOGIN_SUBMITTED": (1, 5),
    "PENDING_NEWCREDS": (0, 6), "NEWCREDS_RECEIVED": (0, 7), "LOGIN_RESUBMITTED": (0, 8),
    "PENDING_TFA": (1, 7.5), "TFA_RECEIVED": (1, 8.7), "TFA_SUBMITTED": (1, 9.9),
    "PENDING_CARD": (0, 11.6), "UPDATING": (1, 11.6), "CANCEL_REQUESTED": (2, 13.2),
}
TYPES = ["BILLABLE", "USER_DATA_FAILURE", "SITE_INTERACTION_FAILURE", "PROCESS_FAILURE", "NEVER_STARTED"]
SIZE, END_SIZE, END_ROW, GROUP_GAP = (152, 30), (210, 22), 28, 30


def table(name):
    command = ["cargo", "run", "--quiet", "--locked", "--", "lifecycle", "--format", "csv", "--table", name]
    return list(csv.DictReader(io.StringIO(subprocess.check_output(command, cwd=ROOT, text=True))))


def places(statuses):
    missing = [row["status"] for row in statuses if not row["termination_type"] and row["status"] not in PROGRESS]
    PROGRESS.update({name: (0, 13.2 + index) for index, name in enumerate(missing)})
    found = {name: (COLUMNS[column], row * ROW + 30, *SIZE) for name, (column, row) in PROGRESS.items()}
    y = 30
    for termination_type in TYPES:
        for row in statuses:
            if row["termination_type"] == termination_type:
                found[row["status"]] = (COLUMNS[3], y, *END_SIZE)
                y += END_ROW
        y += GROUP_GAP
    return found


def routes(nodes, steps):
    """The edges between statuses in progress, as Graphviz routes them around the nodes."""
    lines = ["digraph {", "splines=true; node [shape=box, fixedsize=true];"]
    for name in PROGRESS:
        x, y, width, height = nodes[name]
        lines.append(f'{name} [pos="{x},{-y}", width={width / 72}, height={height / 72}];')
    lines += [f"{start} -> {end};" for start, end in steps]
    drawn = json.loads(subprocess.check_output(["neato", "-n2", "-Tjson"], input="\n".join(lines + ["}"]), text=True))
    names = [node["name"] for node in drawn["objects"]]
    # Graphviz puts its least coordinates at 0, and its y goes up.
    x, y = map(float, drawn["objects"][0]["pos"].split(","))
    at_x, at_y = nodes[names[0]][:2]
    found = {}
    for edge in drawn["edges"]:
        arrow, *points = edge["pos"].removeprefix("e,").split(" ")
        points = [tuple(map(float, point.split(","))) for point in points + [arrow]]
        points = [(round(px - x + at_x), round(y - py + at_y)) for px, py in points]
        first, *rest, last = [f"{px} {py}" for px, py in points]
        found[names[edge["tail"]], names[edge["head"]]] = f"M{first}C{' '.join(rest)}L{last}"
    return found


def curve(start, end):
    x1, y1, x2, y2 = start[0] + start[2] / 2, start[1], end[0] - end[2] / 2, end[1]
    bend = (x2 - x1) / 2
    return f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"


statuses, transitions = table("statuses"), table("transitions")
nodes = places(statuses)
steps = [(row["from"], row["to"]) for row in transitions]
paths = routes(nodes, [step for step in steps if step[1] in PROGRESS])
edges = [[start, end, paths.get((start, end)) or curve(nodes[start], nodes[end])] for start, end in steps]
rows = [f'"{row["status"]}":{json.dumps(nodes[row["status"]])}' for row in statuses]
width, height = 890, max(y + h for _, y, _, h in nodes.values()) + 10
print(f'{{"width":{width},"height":{height:.0f},\n"nodes":{{' + ",\n".join(rows) + "},")
print('"edges":[\n' + ",\n".join(json.dumps(edge) for edge in edges) + "\n]}")
