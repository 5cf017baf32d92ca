"""The keys that a trainer's parser takes, over all its releases: fields of its dataclasses.

    python -m bench.files.parser_keys llamafactory CLONE

CLONE is a git clone with all tags. Its files are parsed, never run: every field of a class whose
name ends in Config, Argument(s) or Mixin counts, whichever release has it. What all these parsers
have of transformers and TRL stands in trl_keys.json (`bench.files.trl_keys`).

    python -m bench.files.parser_keys kohya CLONE

Likewise for `musubi_tuner`: the options that the training scripts' parsers get by `add_argument`.

    python -m bench.files.parser_keys accelerate FOLDER

FOLDER has wheels of accelerate: the options of `accelerate launch`, which `trl` takes too.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from loracheck.tools.core.parser_keys import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILES = {
    "llamafactory": ("hparams/",),
    "ms_swift": ("argument", "trainers/", "swift/megatron/"),
}
"""What the paths of the files with arguments have in them."""

PARSERS = {
    "kohya": re.compile(r"(?:^|/)(?:\w*train_network\.py|library/\w+\.py)$"),
    "musubi_tuner": re.compile(
        r"^(?!.*(?:generate|cache|convert|merge|gui|caption|extract)).*\.py$"
    ),
}
"""The paths of the files whose options a training script has."""

_ADDED = re.compile(r"add_argument\(([^)]*)")

_ENDS = ("Config", "Arguments", "Argument", "ArgumentsMixin", "Mixin")


def main() -> None:
    """Write the table of a tool."""
    tool, clone = sys.argv[1:]
    shared = set(json.loads((Path(FOLDER) / "trl_keys.json").read_text("utf-8")))
    names = set(_list_names(tool, clone))
    rows = json.dumps(sorted(names - shared), separators=(",", ":"))
    (Path(FOLDER) / f"{tool}_keys.json").write_text(f"{rows}\n", "utf-8")
    print(f"{tool}: {len(names)} names, {len(names - shared)} of its own")


def _list_names(tool: str, folder: str) -> Iterator[str]:
    if tool == "accelerate":
        for wheel in Path(folder).glob("*.whl"):
            source = ZipFile(wheel).read("accelerate/commands/launch.py").decode()
            options: list[str] = re.findall(r'"--([a-z0-9_-]+)"', source)
            yield from (option.replace("-", "_") for option in options)
        return
    if tool in PARSERS:
        for blob in _list_files(folder, lambda path: PARSERS[tool].search(path) is not None):
            for call in _ADDED.finditer(blob.decode("utf-8", "replace")):
                yield from (
                    o.replace("-", "_") for o in re.findall(r"""["']--([\w-]+)["']""", call[1])
                )
        return
    for blob in _list_files(folder, lambda path: any(part in path for part in FILES[tool])):
        yield from _list_fields(blob)


def _list_files(clone: str, counts: Callable[[str], bool]) -> Iterator[bytes]:
    """The text of every version of the files that count, in the tags and the newest commit."""
    seen: set[str] = set()
    for ref in [*_git(clone, "tag").decode().split(), "HEAD"]:
        for line in _git(clone, "ls-tree", "-r", ref).decode().splitlines():
            about, path = line.split("\t", 1)
            blob = about.split()[2]
            if path.endswith(".py") and blob not in seen and counts(path):
                seen.add(blob)
                yield _git(clone, "cat-file", "-p", blob)


def _git(clone: str, *words: str) -> bytes:
    return subprocess.run(["git", "-C", clone, *words], check=True, capture_output=True).stdout


def _list_fields(source: bytes) -> Iterator[str]:
    """The fields of the classes of a file that hold arguments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith(_ENDS):
            for line in node.body:
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                    yield line.target.id


if __name__ == "__main__":
    main()
