"""The keys that a trainer's parser takes, over all its releases: fields of its dataclasses.

    python -m bench.files.parser_keys llamafactory CLONE

CLONE is a git clone with all tags. Its files are parsed, never run: every field of a class whose
name ends in Config, Argument(s) or Mixin counts, whichever release has it. What all these parsers
have of transformers and TRL stands in trl_keys.json (`bench.files.trl_keys`).

    python -m bench.files.parser_keys kohya CLONE

Likewise for `musubi_tuner`: the options that the training scripts' parsers get by `add_argument`.

    python -m bench.files.parser_keys accelerate FOLDER

FOLDER has wheels of accelerate: the options of `accelerate launch`, which `trl` takes too.

    python -m bench.files.parser_keys releases llamafactory=CLONE ms_swift=CLONE

Since which release a key is there, and from which one on it is gone, into key_releases.json.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
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

_FIRST = {"llamafactory": (0, 7, 1), "ms_swift": (3, 0, 0)}
"""The oldest releases that `releases` goes by: the first on PyPI, and ms-swift's first with the
present names.
"""

_ENDS = ("Config", "Arguments", "Argument", "ArgumentsMixin", "Mixin")


def main() -> None:
    """Write the table of a tool."""
    if sys.argv[1] == "releases":
        _write_releases(dict(word.split("=", 1) for word in sys.argv[2:]))
        return
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


def _write_releases(clones: dict[str, str]) -> None:
    """Write the table of the releases of keys."""
    shared = set(json.loads((Path(FOLDER) / "trl_keys.json").read_text("utf-8")))
    table = {tool: _date_keys(tool, clone, shared) for tool, clone in clones.items()}
    text = json.dumps(table, separators=(",", ":"), sort_keys=True)
    (Path(FOLDER) / "key_releases.json").write_text(f"{text}\n", "utf-8")
    print({tool: len(keys) for tool, keys in table.items()})


def _date_keys(tool: str, clone: str, shared: set[str]) -> dict[str, list[str]]:
    """Key -> the release that brought it and the first without it; empty where it was there before
    the oldest, or is there still.
    """
    tags = sorted(
        (tuple(map(int, match[1].split("."))), tag)
        for tag in _git(clone, "tag").decode().split()
        if (match := re.fullmatch(r"v(\d+(?:\.\d+)+)", tag))
    )
    rows = [(version, _list_keys_of(clone, tag, FILES[tool])) for version, tag in tags]
    rows = [row for row in rows if row[0] >= _FIRST[tool]]
    last = rows[-1][1] | _list_keys_of(clone, tags[-1][1], ("",))
    dated: dict[str, list[str]] = {}
    for key in sorted(set().union(*(keys for _, keys in rows)) - shared):
        there = [number for number, (_, keys) in enumerate(rows) if key in keys]
        since = rows[there[0]][0] if there[0] else ()
        gone = rows[there[-1] + 1][0] if there[-1] + 1 < len(rows) and key not in last else ()
        if since or gone:
            dated[key] = [".".join(map(str, since)), ".".join(map(str, gone))]
    return dated


def _list_keys_of(clone: str, ref: str, parts: tuple[str, ...]) -> set[str]:
    """The fields of a release's classes, in the files whose paths have one of the parts."""
    keys: set[str] = set()
    for line in _git(clone, "ls-tree", "-r", ref).decode().splitlines():
        about, path = line.split("\t", 1)
        if path.endswith(".py") and any(part in path for part in parts):
            keys |= _list_fields_of_blob(clone, about.split()[2])
    return keys


@cache
def _list_fields_of_blob(clone: str, blob: str) -> frozenset[str]:
    return frozenset(_list_fields(_git(clone, "cat-file", "-p", blob)))


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
