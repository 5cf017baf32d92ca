"""Trees shipped with loracheck: one index and one file of compressed entries for each transformers
line.

An entry holds a checkpoint's trees for several heads over one node table. A look-up reads the index
and one slice of the data file; nothing else is read or unpacked.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import cache
from typing import Any, NamedTuple

from .fold import decode
from .model import ModuleTree

FOLDER = os.path.join(os.path.dirname(__file__), "data")
LINES = ("5", "4.57")
"""Bundled transformers lines, the one judged by default first."""


class Index(NamedTuple):
    """`entries` maps a hub id to (offset, length) in the data file; `own` names the file's own
    version.
    """

    transformers: str
    entries: dict[str, list[int]]


@cache
def index(line: str) -> Index | None:
    """The index of one transformers line, or None where it is not bundled."""
    try:
        with open(os.path.join(FOLDER, f"transformers-{line}.json"), encoding="utf-8") as file:
            data = json.load(file)
    except OSError:
        return None
    return Index(data["transformers"], data["entries"])


def lookup(
    model: str,
    heads: tuple[str, ...] = (),
    num_labels: int | None = None,
    transformers: str | None = None,
) -> ModuleTree | None:
    """The bundled tree of a hub id under the first of `heads` that it has; None where nothing
    fits.
    """
    for line in LINES:
        if (
            transformers is None
            or f"{line}.".startswith(f"{transformers}.")
            or f"{transformers}.".startswith(f"{line}.")
        ):
            found = index(line)
            place = found.entries.get(model) if found else None
            return _pick(_read(line, *place), heads) if place else None
    return None


def others(model: str, heads: tuple[str, ...], transformers: str | None) -> list[ModuleTree]:
    """The model's bundled trees of all lines but the one that `transformers` belongs to."""
    found = [lookup(model, heads, transformers=line) for line in LINES]
    return [tree for tree in found if tree is not None and tree.transformers != transformers]


def _read(line: str, offset: int, length: int) -> dict[str, Any]:
    with open(os.path.join(FOLDER, f"transformers-{line}.bin"), "rb") as file:
        file.seek(offset)
        data: dict[str, Any] = json.loads(zlib.decompress(file.read(length)))
    return data


def _pick(entry: dict[str, Any], heads: tuple[str, ...]) -> ModuleTree | None:
    """The tree of the wanted head; `entry["heads"]` maps head names to tree facts over the shared
    node table, or to the name of another head with the very same tree.
    """
    for head in heads or ("",):
        facts = entry["heads"].get(head)
        if isinstance(facts, str):
            facts = entry["heads"][facts]
        if facts is not None:
            return decode({**entry["shared"], **facts})
    return None
