"""`loracheck.lock`: the module trees that a repository's configs are judged by, kept beside them.

With it a CI job needs neither network nor transformers, and a change of the judged model shows in
the diff. The file is JSON with one node a line, its entries and keys in a stable order.
"""

from __future__ import annotations

import os

import loracheck.quick_json as json
from loracheck.documents.dependencies import exists, is_file, remember
from loracheck.documents.json_file import MAX_INDEX, load_json
from loracheck.named_tuple import NamedTuple
from loracheck.releases.choose import ASKED, PINNED
from loracheck.trees.fold import TreeFormatError, decode, encode
from loracheck.type_checking import TYPE_CHECKING

from .request import ResolvedTree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from loracheck.releases.choose import Choice
    from loracheck.trees.model import ModuleTree

    from .request import Request, TreeOptions

NAME = "loracheck.lock"
VERSION = 1


DAMAGED_LOCK = "damaged-lock"
"""The `kind` of an answer that says that the lock file cannot be read."""


class LockError(ValueError):
    """The lock file is not one that this loracheck can read."""


class LockKey(NamedTuple):
    """What a config asks for, without what only this machine knows of it. The version of the
    library is no part of it: one lock file holds one tree for each question.
    """

    model: str
    """The model as the config writes it."""

    revision: str | None = None
    """Branch, tag or commit on the Hub."""

    heads: tuple[str, ...] = ()
    """The wanted model classes."""

    num_labels: int | None = None
    """Labels of a classification head."""

    library: str | None = None
    """The library whose model it is; None where the config does not tell."""

    part: str | None = None
    """Folder of the checkpoint that the model stands in."""

    def format(self) -> str:
        """The key's line in the file; empty parts at its end are left out."""
        labels = "" if self.num_labels is None else str(self.num_labels)
        of_model = [self.model, self.revision or "", ",".join(self.heads)]
        parts = [*of_model, labels, self.library or "", self.part or ""]
        return "|".join(parts).rstrip("|")


def make_lock_key(request: Request) -> LockKey:
    """The key that the lock file has for a request."""
    return LockKey(
        request.model,
        request.revision,
        request.heads,
        request.num_labels,
        request.library,
        request.part,
    )


class LockSource:
    """Trees of the lock file beside the config."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The locked tree, or why the lock file cannot be read; None where it has no such model."""
        if not options.lock:
            return None
        try:
            tree = find_tree(request.beside, make_lock_key(request))
        except (LockError, TreeFormatError) as error:
            reason = str(error) if isinstance(error, LockError) else f"{NAME}: {error}"
            help_ = "write it anew with: loracheck lock"
            return ResolvedTree(None, reason=reason, help=help_, kind=DAMAGED_LOCK)
        if tree is None:
            return None
        return ResolvedTree(
            tree, f"{NAME} ({tree.built_by})", notes=_note_other_release(tree, options.release)
        )


def _note_other_release(tree: ModuleTree, release: Choice | None) -> tuple[str, ...]:
    """A note where the file has another transformers release than the user or the project wants."""
    if release is None or tree.transformers is None or release.basis not in (ASKED, PINNED):
        return ()
    if f"{tree.transformers}.".startswith(f"{release.version}."):
        return ()
    note = f"{NAME} was written with transformers {tree.transformers}"
    return (f"{note}; {release.version} is {release.reason}",)


def find_lock_file(folder: str) -> str | None:
    """The lock file of a directory: in it, or in the nearest parent up to the repository's root."""
    return _find_nearest(os.path.abspath(folder))


@remember(4096)
def _find_nearest(here: str) -> str | None:
    while True:
        path = os.path.join(here, NAME)
        if is_file(path):
            return path
        parent = os.path.dirname(here)
        if parent == here or exists(os.path.join(here, ".git")):
            return None
        here = parent


def find_tree(folder: str, key: LockKey) -> ModuleTree | None:
    """The locked tree for the key, or None. Raises LockError for a lock file that cannot be
    read.
    """
    path = find_lock_file(folder)
    return _read_tree(path, key.format()) if path else None


@remember(32)
def _read_tree(path: str, key: str) -> ModuleTree | None:
    entry = read_lock(path).get(key)
    return decode(entry) if entry is not None else None


@remember(32)
def read_lock(path: str) -> dict[str, dict[str, Any]]:
    """The entries of a lock file by key. Raises LockError."""
    try:
        data = load_json(path, MAX_INDEX)
    except (OSError, ValueError) as error:
        raise LockError(f"{path} is not a lock file of loracheck: {error}") from error
    models = data.get("models") if isinstance(data, dict) else None
    version = data.get("version") if isinstance(data, dict) else None
    if version is not None and (version != VERSION or isinstance(version, bool)):
        raise LockError(f"{path}: its version is {version!r:.40}, and {VERSION} is known")
    if version is None or not isinstance(models, dict):
        missing = "`version`" if version is None else "object `models`"
        raise LockError(f"{path} is not a lock file of loracheck: it has no {missing}")
    for key, entry in models.items():
        if not isinstance(entry, dict):
            reason = f"its entry {key[:80]!r} is no object"
            raise LockError(f"{path} is not a lock file of loracheck: {reason}")
    return models


def render_lock(trees: Iterable[tuple[LockKey, ModuleTree]]) -> str:
    """The text of a lock file: entries by key, one node a line, so that a diff shows what
    changed.
    """
    entries = sorted((key.format(), tree) for key, tree in dict(trees).items())
    blocks = [f"  {json.dumps(text)}: {_format_entry(encode(tree))}" for text, tree in entries]
    body = ",\n".join(blocks)
    return f'{{"version": {VERSION}, "models": {{\n{body}\n}}}}\n' if blocks else _EMPTY


def list_differences(old: str, new: str) -> list[str]:
    """A line for each entry that one text of a lock file has and the other has not, or has
    otherwise. An old text that is no lock file has no entries.
    """
    before, after = _parse_models(old), _parse_models(new)
    lines = [f"{key}: not in it" for key in after if key not in before]
    lines += [f"{key}: in it, but no config names it" for key in before if key not in after]
    lines += [
        f"{key}: another tree now" for key in after if before.get(key, after[key]) != after[key]
    ]
    return lines


def _parse_models(text: str) -> dict[str, Any]:
    try:
        models = json.loads(text)["models"]
    except (ValueError, KeyError, TypeError):
        return {}
    return models if isinstance(models, dict) else {}


_EMPTY = f'{{"version": {VERSION}, "models": {{}}}}\n'


def _format_entry(data: dict[str, Any]) -> str:
    lines = [f"    {json.dumps(k)}: {_format_value(k, v)}" for k, v in data.items()]
    return "{\n" + ",\n".join(lines) + "\n  }"


def _format_value(key: str, value: Any) -> str:
    if key in ("nodes", "classes") and value:
        rows = ",\n".join(f"      {json.dumps(row)}" for row in value)
        return f"[\n{rows}\n    ]"
    return json.dumps(value, sort_keys=key == "extra")
