"""sarif-tools and junitparser read the same findings as in the JSON report."""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

from junitparser import Failure, JUnitXml

WORK = Path(sys.argv[1])

report = json.loads((WORK / "report.json").read_text(encoding="utf-8"))
findings = report["findings"]
assert len(findings) > 37, "each rule is broken somewhere"

with open(WORK / "report.csv", encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
read = Counter((row["Severity"], row["Code"], row["Description"], int(row["Line"])) for row in rows)
expected = Counter((f["severity"], f["rule"], f["message"], f["line"]) for f in findings)
assert read == expected, f"{read - expected} and {expected - read}"

suites = JUnitXml.fromfile(str(WORK / "report.xml"))
assert [suite.name for suite in suites] == [input["file"] for input in report["inputs"]]
failed = {
    (suite.name, case.name)
    for suite in suites
    for case in suite
    if any(isinstance(result, Failure) for result in case.result)
}
assert failed == {(f["file"], f["rule"]) for f in findings if f["severity"] == "error"}
assert suites.failures == len(failed) and suites.tests == sum(len(list(suite)) for suite in suites)
print(f"{len(findings)} findings are read in SARIF, {len(failed)} failures in JUnit XML")
