"""Which classes of transformers' models have a `forward` that cannot take what PEFT's wrapper of a
task passes by keyword, over several releases.

    python -m bench.files.forward_arguments FOLDER

FOLDER has wheels of transformers (`pip download --no-deps transformers==4.57.6`). Their files are
parsed, never run. Writes "read in" and "without" of
`loracheck/rules/support/forward_arguments.json`; what was executed there ("given twice") stays.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from loracheck.releases.release_table import parse_version_number
from loracheck.rules.support.decoder_inputs import PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

ARGUMENTS = ("input_ids", "attention_mask", "inputs_embeds")
"""What each PeftModelFor... of PEFT 0.21.2 passes, given or not; the first that lacks counts."""

MODELS = re.compile(r"transformers/models/(?:deprecated/)?\w+/modeling_(?!tf_|flax_)\w+\.py")
HEAD = re.compile(r"For[A-Z]\w*(?<!Head)$")
"""The name of a class with a head, which is no part of one."""


def main() -> None:
    """Write the table."""
    (folder,) = (Path(argument) for argument in sys.argv[1:])
    wheels = {wheel.name.split("-")[1]: wheel for wheel in folder.glob("transformers-*.whl")}
    releases = sorted(wheels, key=parse_version_number)
    last: dict[str, tuple[str, str]] = {}
    for release in releases:
        for cls, argument in read_wheel(wheels[release]):
            last[cls] = release, argument
    table = json.loads(Path(PATH).read_text("utf-8"))
    table["read in"] = releases
    del table["without"]
    Path(PATH).write_text(write_table(table, group(last, releases)), "utf-8")
    print(f"{len(last)} classes")


def read_wheel(wheel: Path) -> Iterator[tuple[str, str]]:
    """Each class with a head and the first argument that its forward cannot take."""
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if MODELS.fullmatch(name) is not None:
                yield from read_file(archive.read(name))


def read_file(source: bytes) -> Iterator[tuple[str, str]]:
    """The same for the classes of one file."""
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef) or HEAD.search(node.name) is None:
            continue
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and part.name == "forward":
                lacking = find_lacking(part.args)
                if lacking is not None:
                    yield node.name, lacking


def find_lacking(arguments: ast.arguments) -> str | None:
    """The first of the wrapper's arguments that a signature does not have; None with `**kwargs`."""
    if arguments.kwarg is not None:
        return None
    names = {one.arg for one in (*arguments.args, *arguments.kwonlyargs)}
    return next((one for one in ARGUMENTS if one not in names), None)


def group(last: dict[str, tuple[str, str]], releases: list[str]) -> dict[str, dict[str, list[str]]]:
    """Release -> argument -> classes, of the last release in which each class lacks it."""
    table: dict[str, dict[str, list[str]]] = {}
    for release in releases:
        for argument in ARGUMENTS:
            found = sorted(cls for cls, one in last.items() if one == (release, argument))
            if found:
                table.setdefault(release, {})[argument] = found
    return table


def write_table(table: dict[str, object], without: dict[str, dict[str, list[str]]]) -> str:
    """The JSON with the classes of an argument on a line."""
    rows = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items()]
    releases = []
    for release, arguments in without.items():
        lines = (f"  {json.dumps(name)}: {json.dumps(found)}" for name, found in arguments.items())
        releases.append(f"{json.dumps(release)}: {{\n" + ",\n".join(lines) + "\n}")
    rows.append('"without": {\n' + ",\n".join(releases) + "\n}")
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    main()
