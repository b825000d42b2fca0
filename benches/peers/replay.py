"""`replay.py LIFECYCLE LOG`: the life cycle as a Petri net, and each job_status replayed in it as it comes, by PM4Py's
streaming token replay. Prints the line and the job of each message for which a token was missing, and the last line of
jobs that have not ended. The seconds that it prints are those of reading and replaying, without the start of Python."""

import json
import sys
from time import perf_counter

from pm4py.objects.petri_net.obj import Marking, PetriNet
from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to
from pm4py.streaming.algo.conformance.tbr.variants.classic import TbrStreamingConformance


def net_of(lifecycle):
    """A net with a place per status and one for all ends, in which a transition has the name of its next status."""
    net = PetriNet("jobs")

    def place(name):
        net.places.add(added := PetriNet.Place(name))
        return added

    def connect(label, start, end):
        transition = PetriNet.Transition(f"{start.name} to {end.name}", label)
        net.transitions.add(transition)
        add_arc_from_to(start, transition, net)
        add_arc_from_to(transition, end, net)

    start, end = place("start"), place("end")
    places = {
        row["status"]: end if row["phase"] == "terminated" else place(row["status"]) for row in lifecycle["statuses"]
    }
    for row in lifecycle["statuses"]:
        status = row["status"]
        if row["phase"] == "creation":
            connect(status, start, places[status])
        if row["phase"] != "terminated":
            connect(status, places[status], places[status])
    for row in lifecycle["transitions"]:
        connect(row["to"], places[row["from"]], places[row["to"]])
    return net, Marking({start: 1}), Marking({end: 1})


class Replay(TbrStreamingConformance):
    """Prints the line at which a job takes a step that the net lacks; `last` has the last line of each job."""

    last = {}

    def say(self, case):
        print(self.last[case], case, sep="\t")

    def message_missing_tokens(self, activity, case):
        self.say(case)

    def message_activity_not_possible(self, activity, case):
        self.say(case)

    def message_final_marking_not_reached(self, case, marking):
        self.say(case)


def main(lifecycle, log):
    with open(lifecycle) as file:
        replay = Replay(*net_of(json.load(file)))
    start = perf_counter()
    with open(log, "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                print(number)
                continue
            if not isinstance(record, dict):
                print(number)
                continue
            job = record.get("job_id")
            if record.get("type") == "job_status" and job is not None:
                replay.last[str(job)] = number
                replay.receive({"case:concept:name": job, "concept:name": str(record["message"].get("status"))})
    replay.terminate_all()
    print("seconds", perf_counter() - start, file=sys.stderr)


main(*sys.argv[1:])
