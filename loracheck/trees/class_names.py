"""The module names that a model class may have, whatever its config says and whichever known
release of transformers builds it.

`data/class-names.bin` is a line of JSON, which says where each class stands, and the compressed
trees. `python -m bench.class_names` writes it, from trees of default configs and of variations.
"""

from __future__ import annotations

import os
import zlib
from functools import cache, lru_cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .model_ids import DamagedTableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import ModuleTree

PATH = os.path.join(os.path.dirname(__file__), "data", "class-names.bin")

FORMAT = 2
"""Version of the file's layout."""


class ClassNames(NamedTuple):
    """What is known of the names of a class."""

    tree: ModuleTree
    """Every module that one of its configs makes; lists of layers are as long as no model has them.
    """

    stable: bool
    """Whether every config makes all of them, but for the number of layers."""

    own_code: bool = False
    """Whether the class is no class of transformers: its code comes with the checkpoint, and its
    names are those of that code.
    """


class _Header(NamedTuple):
    places: dict[str, list[int]]
    start: int


@lru_cache(maxsize=16)
def find_class(cls: str, path: str = PATH) -> ClassNames | None:
    """The names of a class of transformers, or of one whose code comes with the checkpoint; None
    where they are not known. Raises DamagedTableError.
    """
    from .fold import TreeFormatError, decode

    header = _read_header(path)
    place = header.places.get(cls)
    if place is None:
        return None
    offset, length, stable, own_code = place
    try:
        with open(path, "rb") as file:
            file.seek(header.start + offset)
            tree = decode(json.loads(zlib.decompress(file.read(length))))
    except (ValueError, zlib.error, TreeFormatError) as error:
        raise DamagedTableError(path, "class names") from error
    return ClassNames(tree, bool(stable), bool(own_code))


def knows_class(cls: str, path: str = PATH) -> bool:
    """Whether the names of a class are known. Raises DamagedTableError."""
    return cls in _read_header(path).places


def iter_classes(path: str = PATH) -> Iterator[tuple[str, ClassNames]]:
    """Every class with its names. Raises DamagedTableError."""
    for cls in _read_header(path).places:
        names = find_class(cls, path)
        if names is not None:
            yield cls, names


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
