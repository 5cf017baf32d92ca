"""How often real configs set a field, and to which values: counted by `python -m bench.usage`."""

from __future__ import annotations

import json
from functools import cache
from os.path import dirname, join

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Usage(NamedTuple):
    """Numbers of one field: repositories that set it (of `of`), and pairs of a value and the
    number of repositories that use it, the most common first; `others` are all further pairs.
    """

    repositories: int
    of: int
    values: tuple[tuple[str, int], ...]
    others: int


def find_usage(field: str) -> Usage | None:
    """The numbers of a field, None where no config set it."""
    data = _load()
    usage = data["fields"].get(field)
    if usage is None:
        return None
    values = tuple((str(value), int(number)) for value, number in usage["values"])
    return Usage(usage["repositories"], data["repositories"], values, usage["others"])


@cache
def _load() -> dict[str, Any]:
    with open(join(dirname(__file__), "usage.json"), encoding="utf-8") as file:
        data: dict[str, Any] = json.load(file)
    return data
