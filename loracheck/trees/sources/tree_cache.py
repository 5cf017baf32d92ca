"""Built trees on disk, keyed by the digest of the config.json, the wanted class and the
transformers version.
"""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from loracheck.trees.fold import TreeFormatError, decode, encode
from loracheck.trees.model import FORMAT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.trees.model import ModuleTree


def folder() -> str:
    """The cache directory: LORACHECK_CACHE, else loracheck below XDG_CACHE_HOME or ~/.cache."""
    own = os.environ.get("LORACHECK_CACHE")
    if own:
        return own
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "loracheck")


def _path(name: str) -> str:
    return os.path.join(folder(), "trees", f"{name}.json")


def digest(data: object) -> str:
    """SHA-256 of the data as canonical JSON, in hexadecimal."""
    from hashlib import sha256

    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def key(config: dict[str, Any], heads: Sequence[str], num_labels: int | None, version: str) -> str:
    """File name for a tree: equal keys mean equal trees. It begins with the version."""
    return f"{version}-{digest([FORMAT, config, list(heads), num_labels])[:32]}"


def same_line(version: str | None, line: str) -> bool:
    """Whether a version belongs to a line: 4.57.6 is of 4.57 and of 4."""
    return version is not None and f"{version}.".startswith(f"{line}.")


def find(line: str, name: str) -> ModuleTree | None:
    """The tree that any version of the line has saved for the same request as `name`."""
    request = name.rpartition("-")[2]
    try:
        saved = sorted(os.listdir(os.path.dirname(_path(""))), reverse=True)
    except OSError:
        return None
    for entry in saved:
        stem = entry.removesuffix(".json")
        if stem.endswith(f"-{request}") and same_line(stem.rpartition("-")[0], line):
            return load(stem)
    return None


def load(name: str) -> ModuleTree | None:
    """The tree saved under the key, or None; a damaged file counts as absent."""
    path = _path(name)
    try:
        told = os.stat(path)
        return _read(path, told.st_mtime_ns, told.st_size)
    except (OSError, ValueError, TreeFormatError):
        return None


@lru_cache(maxsize=8)
def _read(path: str, written: int, size: int) -> ModuleTree:
    """The tree in a file of that age and size: a run's files often name one model."""
    with open(path, "rb") as file:
        return decode(json.load(file))


def save(name: str, tree: ModuleTree) -> None:
    """Save through a temporary file; a cache that cannot be written is no error."""
    from tempfile import NamedTemporaryFile

    where = os.path.dirname(_path(name))
    try:
        os.makedirs(where, exist_ok=True)
        with NamedTemporaryFile(
            "w", dir=where, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            json.dump(encode(tree), file, separators=(",", ":"))
        os.replace(file.name, _path(name))
    except OSError:
        return


def transformers_version(python: str | None = None) -> str | None:
    """Version of the transformers that would build, read without importing it; None where it is
    absent.
    """
    paths = sys.path if python is None else _paths_of(python)
    for entry in paths:
        try:
            names = os.listdir(entry or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith("transformers-") and name.endswith(".dist-info"):
                return name[len("transformers-") : -len(".dist-info")]
    return None


def _paths_of(python: str) -> list[str]:
    """sys.path of another interpreter, or nothing if it cannot be run."""
    import subprocess

    command = [python, "-I", "-c", "import sys, json; print(json.dumps(sys.path))"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        found: list[str] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return []
    return found
