"""`loracheck.lock`: the module trees that a repository's configs are judged by, kept beside them.

With it a CI job needs neither network nor transformers, and a change of the judged model shows in
the diff. The file is JSON with one node a line, its entries and keys in a stable order.
"""

from __future__ import annotations

import json
import os
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.trees.fold import TreeFormatError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.trees.model import ModuleTree

NAME = "loracheck.lock"
VERSION = 1


class LockError(ValueError):
    """The lock file is not one that this loracheck can read."""


class Key(NamedTuple):
    """What a config asks for: the model as written, its revision, the wanted classes, the number of
    labels.
    """

    model: str
    revision: str | None = None
    heads: tuple[str, ...] = ()
    num_labels: int | None = None

    def text(self) -> str:
        """The key's line in the file."""
        labels = "" if self.num_labels is None else str(self.num_labels)
        return "|".join([self.model, self.revision or "", ",".join(self.heads), labels]).rstrip("|")


def find(folder: str) -> str | None:
    """The lock file of a directory: in it, or in the nearest parent up to the repository's root."""
    return _found(os.path.abspath(folder))


@cache
def _found(here: str) -> str | None:
    while True:
        path = os.path.join(here, NAME)
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(here)
        if parent == here or os.path.exists(os.path.join(here, ".git")):
            return None
        here = parent


def lookup(folder: str, key: Key) -> ModuleTree | None:
    """The locked tree for the key, or None. Raises LockError for a lock file that cannot be
    read.
    """
    path = find(folder)
    return _tree(path, key.text()) if path else None


@lru_cache(maxsize=32)
def _tree(path: str, key: str) -> ModuleTree | None:
    entry = read(path).get(key)
    return decode(entry) if entry is not None else None


@cache
def read(path: str) -> dict[str, dict[str, Any]]:
    """The entries of a lock file by key. Raises LockError."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if data["version"] != VERSION:
            raise LockError(f"{path}: lock version {data['version']!r}, expected {VERSION}")
        return dict(data["models"])
    except (OSError, ValueError, KeyError, TypeError, TreeFormatError) as error:
        raise LockError(f"{path} is not a lock file of loracheck: {error}") from error


def render(trees: Iterable[tuple[Key, ModuleTree]]) -> str:
    """The text of a lock file: entries by key, one node a line, so that a diff shows what
    changed.
    """
    entries = sorted((key.text(), tree) for key, tree in dict(trees).items())
    blocks = [f"  {json.dumps(text)}: {_entry(encode(tree))}" for text, tree in entries]
    body = ",\n".join(blocks)
    return f'{{"version": {VERSION}, "models": {{\n{body}\n}}}}\n' if blocks else _EMPTY


def differences(old: str, new: str) -> list[str]:
    """A line for each entry that one text of a lock file has and the other has not, or has
    otherwise. An old text that is no lock file has no entries.
    """
    before, after = _models(old), _models(new)
    lines = [f"{key}: not in it" for key in after if key not in before]
    lines += [f"{key}: in it, but no config names it" for key in before if key not in after]
    lines += [
        f"{key}: another tree now" for key in after if before.get(key, after[key]) != after[key]
    ]
    return lines


def _models(text: str) -> dict[str, Any]:
    try:
        models = json.loads(text)["models"]
    except (ValueError, KeyError, TypeError):
        return {}
    return models if isinstance(models, dict) else {}


_EMPTY = f'{{"version": {VERSION}, "models": {{}}}}\n'


def _entry(data: dict[str, Any]) -> str:
    lines = [f"    {json.dumps(k)}: {_value(k, v)}" for k, v in data.items()]
    return "{\n" + ",\n".join(lines) + "\n  }"


def _value(key: str, value: Any) -> str:
    if key in ("nodes", "classes") and value:
        rows = ",\n".join(f"      {json.dumps(row)}" for row in value)
        return f"[\n{rows}\n    ]"
    return json.dumps(value, sort_keys=key == "extra")
