"""Trees shipped with loracheck: for each transformers line one index and one file of compressed
entries, and the same again for the default config of every model type ("type:llama").

An entry holds one checkpoint's trees for several heads over one node table. A look-up reads the
index and one block of the data file, in which a few entries stand line by line; nothing else is
read or unpacked.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.trees.fold import decode
from loracheck.trees.model import ModuleTree

from .bundle_labels import with_labels
from .request import Resolved

if TYPE_CHECKING:
    from collections.abc import Collection

    from .request import Request, TreeOptions

FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")
LINES = ("5", "4.57")
"""Bundled transformers lines, the one judged by default first."""

TYPE_PREFIX = "type:"
"""Before a model type's name: the tree of its default config."""


class Index(NamedTuple):
    """`entries` maps a hub id to (offset, length) of a block in the data file and its entry's line
    there; `transformers` is the version that built them.
    """

    transformers: str
    entries: dict[str, list[int]]

    def place(self, model: str) -> list[int] | None:
        """Where a model's entry lies. The Hub takes an id in any case of letters
        (huggingface/huggingface_hub issue 2090).
        """
        found = self.entries.get(model)
        if found is None and "/" in model:
            small = model.lower()
            found = next((at for name, at in self.entries.items() if name.lower() == small), None)
        return found


@cache
def load_index(line: str, types: bool = False) -> Index | None:
    """The index of one transformers line, or None where it is not bundled."""
    try:
        with open(data_file(line, types, "json"), encoding="utf-8") as file:
            data = json.load(file)
    except OSError:
        return None
    return Index(data["transformers"], data["entries"])


def data_file(line: str, types: bool, suffix: str) -> str:
    """Where the index ("json") or the data ("bin") of a line stands."""
    return os.path.join(FOLDER, f"transformers-{line}{'-types' if types else ''}.{suffix}")


@lru_cache(maxsize=32)
def find_tree(
    model: str,
    heads: tuple[str, ...] = (),
    num_labels: int | None = None,
    transformers: str | None = None,
) -> ModuleTree | None:
    """The bundled tree of a hub id under the first of `heads` (an auto class or its end, or a class
    of transformers) that it has; None where nothing fits. Without `transformers` the first line
    that knows the model answers. The last few trees are kept: a run's files often name one model.
    """
    types = model.startswith(TYPE_PREFIX)
    for line in LINES:
        if transformers is None or _belongs(transformers, line):
            found = load_index(line, types)
            place = found.place(model) if found else None
            if place:
                return _pick(_read(data_file(line, types, "bin"), *place), heads, num_labels)
    return None


class BundleSource:
    """Trees that are shipped with loracheck."""

    def find(self, request: Request, options: TreeOptions) -> Resolved | None:
        """The bundled tree; None where there is none, and where another interpreter is to build."""
        if options.python is not None or request.library not in (None, "transformers"):
            return None
        wanted = options.wanted_version("transformers")
        tree = find_tree(request.model, request.heads, request.num_labels, wanted)
        return Resolved(tree, f"bundled ({tree.built_by})") if tree else None


def find_other_trees(
    model: str, heads: tuple[str, ...], transformers: str | None
) -> list[ModuleTree]:
    """The model's bundled trees of all lines but the one that `transformers` belongs to."""
    found = [find_tree(model, heads, transformers=line) for line in LINES]
    return [tree for tree in found if tree is not None and tree.library_version != transformers]


def parse_line(version: str) -> str:
    """A transformers version or line as given, without a `v`. Raises ValueError for what is none:
    no release belongs to it, so nothing would be judged.
    """
    bare = version.strip().removeprefix("v")
    if not bare or not all(part[:1].isdigit() for part in bare.split(".")[:2]):
        raise ValueError(f"{version!r} is no transformers version such as 4.57 or 5.23.0")
    return bare


def _belongs(version: str, line: str) -> bool:
    """ "5" and "5.23.0" belong to the line "5"; "4" asks for the newest line of 4."""
    return f"{line}.".startswith(f"{version}.") or f"{version}.".startswith(f"{line}.")


def _read(file: str, offset: int, length: int, row: int) -> dict[str, Any]:
    with open(file, "rb") as data:
        data.seek(offset)
        rows = zlib.decompress(data.read(length)).split(b"\n")
    entry: dict[str, Any] = json.loads(rows[row])
    return entry


def _pick(entry: dict[str, Any], heads: tuple[str, ...], labels: int | None) -> ModuleTree | None:
    """The tree of the wanted head; `entry["heads"]` maps head names to tree facts over the shared
    node table, or to the name of another head with the very same tree. "HEAD:2" and "HEAD:3" are
    the builds with so many labels. An auto class beside the usual ones is the head whose class it
    loads (auto-classes.json).
    """
    known = entry["heads"]
    for head in heads or ("",):
        short = "Model" if head == "AutoModel" else head.removeprefix("AutoModelFor")
        name = short if short in known else _of_class(known, {head})
        if name is None:
            name = _of_class(known, _auto_classes().get(short, ()))
        if name is None:
            continue
        if labels is not None and f"{name}:2" in known:
            return with_labels(_tree(entry, f"{name}:2"), _tree(entry, f"{name}:3"), labels)
        return _tree(entry, name)
    return None


def _of_class(known: dict[str, Any], wanted: Collection[str]) -> str | None:
    """The head whose model class has one of the names."""
    heads = (h for h, facts in known.items() if not isinstance(facts, str) and ":" not in h)
    return next((h for h in heads if known[h].get("cls") in wanted), None)


@cache
def _auto_classes() -> dict[str, list[str]]:
    """The ends of auto classes' names -> the classes that they load (bench/auto_classes.py)."""
    with open(os.path.join(FOLDER, "auto-classes.json"), encoding="utf-8") as file:
        found: dict[str, list[str]] = json.load(file)
    return found


def _tree(entry: dict[str, Any], name: str) -> ModuleTree:
    facts = entry["heads"][name]
    if isinstance(facts, str):
        facts = entry["heads"][facts]
    return decode({**entry["shared"], **facts})
