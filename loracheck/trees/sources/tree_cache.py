"""Built trees on disk, keyed by library, its version, and a digest of the config and the heads."""

from __future__ import annotations

import contextlib
import json
import os
from functools import lru_cache

from loracheck.documents.dependencies import note_look
from loracheck.documents.json_file import MAX_INDEX, load_json
from loracheck.named_tuple import NamedTuple
from loracheck.trees.fold import TreeFormatError, decode, encode
from loracheck.trees.model import FORMAT
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from loracheck.trees.model import ModuleTree


def find_cache_folder() -> str:
    """The cache directory: LORACHECK_CACHE, else loracheck below XDG_CACHE_HOME or ~/.cache."""
    folder = os.environ.get("LORACHECK_CACHE")
    if folder:
        return folder
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "loracheck")


class CacheKey(NamedTuple):
    """What a tree was built of: equal keys mean equal trees."""

    library: str
    """Library that builds it."""

    library_version: str
    """Version of the library."""

    request: str
    """Digest of the config, the heads and the number of labels."""

    @property
    def path(self) -> str:
        """Path of the tree's file. Files of transformers do not name the library: they were there
        before others were.
        """
        library = "" if self.library == "transformers" else f"{self.library}-"
        return os.path.join(
            _get_tree_folder(), f"{library}{self.library_version}-{self.request}.json"
        )


def _get_tree_folder() -> str:
    return os.path.join(find_cache_folder(), "trees")


def compute_digest(data: object) -> str:
    """SHA-256 of the data as canonical JSON, in hexadecimal."""
    from hashlib import sha256

    return sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def compute_key(
    config: dict[str, Any],
    heads: Sequence[str],
    num_labels: int | None,
    library: str,
    library_version: str,
) -> CacheKey:
    """The key of a tree that a release of a library builds."""
    request = compute_digest([FORMAT, config, list(heads), num_labels])[:32]
    return CacheKey(library, library_version, request)


def is_in_release_line(version: str | None, line: str) -> bool:
    """Whether a version belongs to a line: 4.57.6 is of 4.57 and of 4."""
    return version is not None and f"{version}.".startswith(f"{line}.")


def find_tree(line: str, key: CacheKey) -> ModuleTree | None:
    """The tree that any version of the line has saved, for the same library and request."""
    try:
        note_look(_get_tree_folder())
        saved = sorted(os.listdir(_get_tree_folder()), reverse=True)
    except OSError:
        return None
    start, _, end = os.path.basename(key._replace(library_version="*").path).partition("*")
    for name in saved:
        if name.startswith(start) and name.endswith(end):
            version = name[len(start) : -len(end)]
            if is_in_release_line(version, line):
                return load_tree(key._replace(library_version=version))
    return None


def load_tree(key: CacheKey) -> ModuleTree | None:
    """The tree saved under the key, or None; a damaged file counts as absent."""
    try:
        note_look(key.path)
        status = os.stat(key.path)
        return _read(key.path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError, TreeFormatError):
        return None


@lru_cache(maxsize=8)
def _read(path: str, modified: int, size: int) -> ModuleTree:
    """The tree in a file of that age and size: a run's files often name one model."""
    return decode(load_json(path, MAX_INDEX, anywhere=True))


def save_tree(key: CacheKey, tree: ModuleTree) -> None:
    """Save a tree; a cache that cannot be written is no error."""
    from loracheck.documents.replace_file import replace_file

    text = json.dumps(encode(tree), separators=(",", ":"))
    with contextlib.suppress(OSError):
        os.makedirs(_get_tree_folder(), exist_ok=True)
        replace_file(key.path, text.encode("utf-8"))
