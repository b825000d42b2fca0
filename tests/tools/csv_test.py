"""The CSV, read by Python's own module, equals the JSON document."""

import csv
import json
import os
import unittest
from pathlib import Path

EXPORTS = Path(os.environ["EXPORTS"])


def rows(name):
    # As the manual of the module requires: without newline="" it would not see the line endings.
    with open(EXPORTS / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


class Tables(unittest.TestCase):
    def setUp(self):
        self.document = json.loads((EXPORTS / "lifecycle.json").read_text(encoding="utf-8"))

    def test_statuses(self):
        expected = [
            {
                "status": row["status"],
                "phase": row["phase"],
                "termination_type": row["termination_type"] or "",
                "awaits": row["awaits"] or "",
                "wire_aliases": " ".join(row["aliases"]),
            }
            for row in self.document["statuses"]
        ]
        self.assertEqual(len(expected), 46)
        self.assertEqual(rows("statuses.csv"), expected)

    def test_transitions(self):
        self.assertEqual(len(self.document["transitions"]), 223)
        self.assertEqual(rows("transitions.csv"), self.document["transitions"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
