"""The table of known model ids: what public registries of training tools say of each.

`data/model-ids.bin` is a line of JSON, which says where the blocks begin, and the blocks. A look-up
reads that line and one block. `python -m bench.model_ids` writes it.
"""

from __future__ import annotations

import errno
import os
import zlib
from bisect import bisect_right
from functools import cache
from itertools import accumulate

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = os.path.join(os.path.dirname(__file__), "data", "model-ids.bin")

FORMAT = 1
"""Version of the file's layout."""


class ModelId(NamedTuple):
    """One id and what is known of it."""

    id: str
    """The id on the Hub or on ModelScope."""

    copy_of: str | None
    """The id of the checkpoint that it is a copy of, quantised or not."""

    architecture: str | None
    """The class of transformers or of the model's own code, where the source says it."""

    source: str
    """The repository and file that say so."""


class DamagedTableError(OSError):
    """The table cannot be read: its bytes are damaged, or of another version of loracheck."""

    def __init__(self, path: str, what: str = "model ids") -> None:
        reason = f"the table of {what} is damaged or of another version; install loracheck anew"
        super().__init__(errno.EINVAL, reason, path)


class _Header(NamedTuple):
    first_ids: list[str]
    offsets: list[int]
    """Where each block begins, and the end of the last."""


def find_id(model: str, path: str = PATH) -> ModelId | None:
    """What the table says of an id, in any case of letters; None where it does not hold it.

    Raises DamagedTableError.
    """
    small = model.lower()
    header = _read_header(path)
    block = bisect_right(header.first_ids, small) - 1
    if block < 0:
        return None
    return next((row for row in _read_block(path, block) if row.id.lower() == small), None)


def iter_ids(path: str = PATH) -> Iterator[ModelId]:
    """All rows, sorted by id without regard to case. Raises DamagedTableError."""
    for block in range(len(_read_header(path).first_ids)):
        yield from _read_block(path, block)


@cache
def _read_header(path: str) -> _Header:
    try:
        with open(path, "rb") as file:
            line = file.readline()
        data = json.loads(line)
        if data["format"] != FORMAT:
            raise DamagedTableError(path)
        ids = [str(name) for name, _ in data["blocks"]]
        lengths = [int(length) for _, length in data["blocks"]]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedTableError(path) from error
    return _Header(ids, list(accumulate(lengths, initial=len(line))))


def _read_block(path: str, block: int) -> list[ModelId]:
    start, end = _read_header(path).offsets[block : block + 2]
    try:
        with open(path, "rb") as file:
            file.seek(start)
            rows = json.loads(zlib.decompress(file.read(end - start)))
        return [ModelId(*row) for row in rows]
    except (ValueError, TypeError, zlib.error) as error:
        raise DamagedTableError(path) from error
