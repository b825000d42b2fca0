"""Compares how a language and the Rust types read the corpus.

`check.py inputs CONTRACT` prints the lines that a language must read: for `accepted`, each message unchanged; for `sent`, each
as the Rust types write it. `check.py compare LANGUAGE DIRECTORY` compares its output, CONTRACT.out.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCHEMAS = HERE / "../../schemas"
CONTRACTS = ("sent", "accepted")


def lines(path):
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def schema(name):
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


CORPUS = lines(HERE / "corpus.jsonl")
# The output of the Rust types for each message that they accept.
EXPECTED = {item["name"]: item.get("output") for item in lines(HERE / "expected.jsonl")}
KNOWN_KINDS = schema("known_message_kind.schema.json")["enum"]
UNKNOWN_MESSAGE = schema("unknown_message.schema.json")["properties"]
SPELLINGS = {alias: row["status"] for row in schema("lifecycle.json")["statuses"] for alias in row["aliases"]}


def given(item, contract):
    expected = EXPECTED[item["name"]]
    return item["input"] if contract == "accepted" or expected is None else expected


def is_named(key, message):
    """Whether a type must keep a field: the type of an unknown kind declares only a few."""
    kind = message.get("type")
    return not isinstance(kind, str) or kind in KNOWN_KINDS or key in UNKNOWN_MESSAGE


def differences(expected, actual, given, where=""):
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            place = f"{where}/{key}"
            if key not in actual:
                if expected[key] is not None and is_named(key, expected):
                    yield f"{place} is lost"
            elif key not in expected:
                # A null and undeclared fields may stay unchanged.
                if actual[key] is not None and actual[key] != given.get(key):
                    yield f"{place} is new: {actual[key]!r}"
            elif key in ("status", "job_status"):
                if SPELLINGS.get(actual[key], actual[key]) != expected[key]:
                    yield f"{place} is {actual[key]!r} instead of {expected[key]!r}"
            elif key == "percent_complete":
                # Only here are 80 and 80.0 equal.
                if not isinstance(actual[key], (int, float)) or actual[key] != expected[key]:
                    yield f"{place} is {actual[key]!r} instead of {expected[key]!r}"
            else:
                yield from differences(expected[key], actual[key], given[key], place)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, triple in enumerate(zip(expected, actual, given, strict=True)):
            yield from differences(*triple, f"{where}/{index}")
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{where} is {actual!r} instead of {expected!r}"


def compare(language, directory):
    listed = {
        (contract, name): deviation["why"]
        for deviation in json.loads((HERE / "deviations.json").read_text(encoding="utf-8"))
        if language in deviation["languages"]
        for contract in deviation["contracts"]
        for name in deviation["lines"]
    }
    read = refused = same = known = 0
    wrong = {line: "deviations.json has it, and the corpus has not" for line in listed if line[1] not in EXPECTED}
    for contract in CONTRACTS:
        for item, result in zip(CORPUS, lines(directory / f"{contract}.out"), strict=True):
            name = item["name"]
            assert result["name"] == name, f"{result['name']} stands in the place of {name}"
            if EXPECTED[name] is None:
                found = [f"it is read as {result['output']}"] if "output" in result else []
            elif "output" in result:
                found = list(differences(EXPECTED[name], result["output"], given(item, contract)))
            else:
                found = [f"it is not read: {result['error']}"]
            is_listed = (contract, name) in listed
            read += "output" in result
            refused += "error" in result
            same += not found
            known += bool(found) and is_listed
            if found and not is_listed:
                wrong[contract, name] = "; ".join(found)
            elif is_listed and not found:
                wrong[contract, name] = "deviations.json has it, and it is as the Rust types give it"
    for (contract, name), why in wrong.items():
        print(f"{language}, as {contract}, {name}: {why}")
    print(f"{language}: {read} read, {refused} refused, {same} as the Rust types do, {known} known deviations")
    return bool(wrong)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["inputs", contract]:
            for item in CORPUS:
                print(json.dumps(item | {"input": given(item, contract)}))
        case ["compare", language, directory]:
            sys.exit(compare(language, Path(directory)))
        case _:
            sys.exit(__doc__)
