"""Builds that failed, on disk, so that a later run need not try them again: to find that a library
cannot build a config takes as long as to build one. Kept is only what would fail alike again.
"""

from __future__ import annotations

import contextlib
import json
import os
from functools import cache

from loracheck.documents.json_file import load_json
from loracheck.interpreter import InterpreterError, find_interpreter
from loracheck.trees.build_error import BuildError
from loracheck.type_checking import TYPE_CHECKING

from .tree_cache import compute_digest, find_cache_folder

if TYPE_CHECKING:
    from .tree_cache import CacheKey

LASTING = frozenset(
    {
        "unknown-model-type",
        "remote-code",
        "no-such-head",
        "invalid-config",
        "not-allowed",
        "too-large",
    }
)
"""The kinds of BuildError that follow from the config and the library's release alone; a missing
package, a crash or a lack of time may be gone at the next run.
"""

MOST = 1_000
"""Failures that are kept; each has some hundred bytes."""

MAX_REASON = 2_000
"""Longest reason that is read, in characters; the builder gives at most 1,000 and a name."""


def load_failure(key: CacheKey, python: str | None) -> BuildError | None:
    """The error with which the build of that key failed in an interpreter (None: this one); None
    where it has not been tried. A damaged entry counts as absent.
    """
    try:
        data = load_json(_build_path(key, python), anywhere=True)
        kind, reason = data["kind"], data["reason"]
    except (OSError, ValueError, KeyError, TypeError, InterpreterError):
        return None
    if not isinstance(kind, str) or not isinstance(reason, str):
        return None
    return BuildError(kind, reason) if kind in LASTING and len(reason) <= MAX_REASON else None


def save_failure(key: CacheKey, python: str | None, error: BuildError) -> None:
    """Keep the error of a build where it would come again; a cache that cannot be written is no
    error. A release that is still being written may build tomorrow what it cannot today.
    """
    if error.kind not in LASTING or "dev" in key.library_version:
        return
    from loracheck.documents.replace_file import replace_file

    with contextlib.suppress(OSError, InterpreterError):
        path = _build_path(key, python)
        os.makedirs(_get_folder(), mode=0o700, exist_ok=True)
        _make_room()
        replace_file(path, json.dumps({"kind": error.kind, "reason": error.reason}).encode())


def _get_folder() -> str:
    return os.path.join(find_cache_folder(), "failures")


def _build_path(key: CacheKey, python: str | None) -> str:
    """The entry's file. Raises InterpreterError for a `python` that is none."""
    identity = [*key, find_interpreter(python).program, _compute_builder_digest()]
    return os.path.join(_get_folder(), f"{compute_digest(identity)[:32]}.json")


@cache
def _compute_builder_digest() -> str:
    """What tells this builder from one of another release, which may build more: the sizes and
    times of its files.
    """
    top = os.path.join(os.path.dirname(os.path.dirname(__file__)), "skeleton")
    rows = []
    for folder, _, files in os.walk(top):
        for name in files:
            if name.endswith(".py"):
                status = os.stat(os.path.join(folder, name))
                place = os.path.relpath(os.path.join(folder, name), top)
                rows.append([place, status.st_size, status.st_mtime_ns])
    return compute_digest(sorted(rows))


def _make_room() -> None:
    """Remove the older half of the entries where there are MOST."""
    entries = [os.path.join(_get_folder(), name) for name in os.listdir(_get_folder())]
    if len(entries) >= MOST:
        for path in sorted(entries, key=os.path.getmtime)[: len(entries) - MOST // 2]:
            os.unlink(path)
