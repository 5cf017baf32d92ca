"""Numbers that stand for one number a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._plain import repeated

if TYPE_CHECKING:
    from collections.abc import Callable


def _ntuple(n: int, name: str = "parse") -> Callable[[Any], tuple[Any, ...]]:
    def parse(x: Any) -> tuple[Any, ...]:
        return repeated(x, n)

    parse.__name__ = name
    return parse


_single, _pair, _triple, _quadruple = (_ntuple(n) for n in (1, 2, 3, 4))
