"""The module names that a model class may have, whatever its config says and whichever known
release of transformers builds it.

`data/class-names.bin` is a line of JSON, which says where each class stands, and the compressed
trees. `python -m bench.class_names` writes it, from trees of default configs and of variations.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from loracheck.named_tuple import NamedTuple

from .model_ids import DamagedTableError

if TYPE_CHECKING:
    from .model import ModuleTree

PATH = os.path.join(os.path.dirname(__file__), "data", "class-names.bin")

FORMAT = 1
"""Version of the file's layout."""


class ClassNames(NamedTuple):
    """What is known of the names of a class."""

    tree: ModuleTree
    """Every module that one of its configs makes; lists of layers are as long as no model has them.
    """

    stable: bool
    """Whether every config makes all of them, but for the number of layers."""


class _Header(NamedTuple):
    places: dict[str, list[int]]
    start: int


@lru_cache(maxsize=16)
def find_class(cls: str, path: str = PATH) -> ClassNames | None:
    """The names of a class of transformers; None where they are not known. Raises
    DamagedTableError.
    """
    from .fold import TreeFormatError, decode

    header = _read_header(path)
    place = header.places.get(cls)
    if place is None:
        return None
    offset, length, stable = place
    try:
        with open(path, "rb") as file:
            file.seek(header.start + offset)
            tree = decode(json.loads(zlib.decompress(file.read(length))))
    except (ValueError, zlib.error, TreeFormatError) as error:
        raise DamagedTableError(path, "class names") from error
    return ClassNames(tree, bool(stable))


def knows_class(cls: str, path: str = PATH) -> bool:
    """Whether the names of a class are known. Raises DamagedTableError."""
    return cls in _read_header(path).places


@cache
def _read_header(path: str) -> _Header:
    try:
        with open(path, "rb") as file:
            line = file.readline()
        data = json.loads(line)
        if data["format"] != FORMAT:
            raise DamagedTableError(path, "class names")
        places = {str(cls): [int(n) for n in place] for cls, place in data["classes"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedTableError(path, "class names") from error
    return _Header(places, len(line))
