"""Runs the commands of docs/languages.md unchanged, in an empty directory.

A block of code is the file that the text before it names. In a console block, each line that begins with `$` is a command, and the
other lines are the output of the last one. The options of quicktype must be those of `run`.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The command writes `schemas/` into the directory, as without a clone: no other file of the repository is available.
COMMAND = f'cardsavr() {{ cargo run --quiet --locked --manifest-path "{ROOT}/Cargo.toml" --bin cardsavr -- "$@"; }}\n'


def run(block, directory):
    *before, last = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    shown = "".join(line for line in block.splitlines(keepends=True) if not line.startswith("$ "))
    script = "\n".join([COMMAND, *before, "exec 1>&3", last])
    # The output of installers is shown only if they fail.
    command = ["bash", "-euc", f"exec 3>&1 >/dev/null\n{script}"]
    printed = subprocess.run(command, cwd=directory, text=True, stdout=subprocess.PIPE, check=True).stdout
    assert printed == shown or not shown, f"{last} prints\n{printed}and not\n{shown}"


def main():
    page = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    ran = written = 0
    with tempfile.TemporaryDirectory() as directory:
        for block in blocks:
            language, text = block.groups()
            if language == "console":
                run(text, directory)
                ran += 1
            else:
                name = re.findall(r"`(\S+)` is\n+$", page[:block.start()])[-1]
                (Path(directory) / name).write_text(text, encoding="utf-8")
                written += 1
    options = re.findall(r"^\| [^|]+ \| `(--lang [^`]+)` \|", page, re.MULTILINE)
    script = (HERE / "run").read_text(encoding="utf-8")
    absent = [option for option in options if f"generate {option} " not in script]
    assert options and not absent, f"{absent} are in docs/languages.md, but not in tests/languages/run"
    print(f"docs/languages.md: {written} programs and {ran} blocks of commands run as they stand")


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    main()
