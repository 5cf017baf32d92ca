"""What came of one pair, in a form both sides can be brought to and compared."""

from __future__ import annotations

from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """`error` is (code, exception class) or None. `wrapped` maps names of modules and parameters to
    (rank, alpha, scaling); `saved` and `tokens` are names of fully trained modules and of
    embeddings with trained rows. `dead` are the entries (field, entry) that matched nothing, where
    that was asked.
    """

    error: tuple[str, str] | None
    warnings: frozenset[tuple[str, str]]
    wrapped: dict[str, tuple[Any, Any, float]]
    saved: frozenset[str]
    tokens: frozenset[str]
    counts: tuple[int, int] | None
    dead: frozenset[tuple[str, str]] = frozenset()


WRAPPER_PARTS = (
    "original_module",
    "modules_to_save.default",
    "token_adapter.base_layer",
    "base_layer",
)


def plain_name(name: str) -> str:
    """A module's name in the base model: without what PEFT's wrappers put between."""
    dotted = f".{name}."
    for part in WRAPPER_PARTS:
        while f".{part}." in dotted:
            dotted = dotted.replace(f".{part}.", ".")
    return dotted.strip(".")


def is_same(first: Any, second: Any) -> bool:
    """Equality in which NaN equals itself."""
    return bool(first == second) or repr(first) == repr(second)


def find_differences(peft: Outcome, plan: Outcome) -> dict[str, Any]:
    """Every part in which the two differ: name to (PEFT's, the plan's)."""
    found: dict[str, Any] = {}
    for field in Outcome._fields:
        first, second = getattr(peft, field), getattr(plan, field)
        if peft.error is not None and field not in ("error", "warnings", "dead"):
            continue
        if not _is_equal(first, second):
            found[field] = _shorten(first, second)
    return found


def _is_equal(first: Any, second: Any) -> bool:
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(is_same(first[k], second[k]) for k in first)
    return is_same(first, second)


def _shorten(first: Any, second: Any) -> Any:
    if isinstance(first, dict):
        keys = [k for k in {**first, **second} if not is_same(first.get(k), second.get(k))][:6]
        return {k: (first.get(k), second.get(k)) for k in keys}
    if isinstance(first, frozenset):
        return sorted(first - second)[:6], sorted(second - first)[:6]
    return first, second
