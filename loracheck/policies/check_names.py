"""Names in a policy that no setting in normal form has: what is asked of them is never asked."""

from __future__ import annotations

from difflib import get_close_matches

from loracheck.engines import list_engine_names
from loracheck.named_tuple import NamedTuple
from loracheck.tools.core.field_names import get_field_names
from loracheck.tools.core.key_names import find_field_of_key
from loracheck.type_checking import TYPE_CHECKING

from .setting_schema import EFFECT
from .wording import describe_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    from loracheck.documents.model import Path

PARTS = ("fields", "config", "model", "dialect", "quantization", "effect", "engines")
"""The keys of a setting in normal form."""
OF_THE_SAME = ("not", "if", "then", "else")
"""Keywords with one schema that is held against the value itself."""
LIST_OF_THE_SAME = ("allOf", "anyOf", "oneOf")
"""Keywords with a list of such schemas."""
CLOSE = 0.8
"""How like a known name one must be to be taken for a slip of it: difflib's ratio."""
MAX_NAME = 64
"""Characters of a name for which one that was meant is looked for."""


class UnknownName(NamedTuple):
    """A key of `properties` that no setting has."""

    path: Path
    """Where it stands in the policy."""
    reason: str
    """What is wrong with it, and what to write."""


def find_unknown_names(policy: dict[str, Any]) -> Iterator[UnknownName]:
    """The unknown names of a policy that is a valid schema. What references lead to is not looked
    at, as it may be held against anything; a name that is forbidden (`false`) may be any.
    """
    for path, name, inner in _iterate_properties(policy, (0,)):
        if name not in PARTS:
            yield UnknownName(path, _explain_part(name))
        for below, key, _ in _iterate_properties(inner, path):
            reason = _explain_key(name, key)
            if reason is not None:
                yield UnknownName(below, reason)


def _iterate_properties(schema: Any, path: Path) -> Iterator[tuple[Path, str, Any]]:
    """Place, name and schema of each property that a schema speaks of."""
    if not isinstance(schema, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        if inner is not False:
            yield (*path, "properties", name), name, inner
    for keyword in LIST_OF_THE_SAME:
        for index, inner in enumerate(schema.get(keyword, ())):
            yield from _iterate_properties(inner, (*path, keyword, index))
    for keyword in OF_THE_SAME:
        yield from _iterate_properties(schema.get(keyword), (*path, keyword))


def _explain_part(name: str) -> str:
    """What is wrong with a key of a setting that there is none of."""
    fields = get_field_names()
    field = name if name in fields else find_field_of_key(name)
    if field is not None:
        return f"a setting has no {_quote(name)}: its `fields` have `{field}`"
    return f"a setting has no {_quote(name)}{_suggest(name, PARTS) or ': ' + _join(PARTS)}"


def _explain_key(part: str, name: str) -> str | None:
    """What is wrong with a key of a part; None where it may be right. `fields` may hold keys that
    are no fields of PEFT's, and `config` those of a later release.
    """
    if part in ("fields", "config"):
        if name in get_field_names():
            return None
        field, meant = find_field_of_key(name), _suggest(name, get_field_names())
        if field is not None:
            return f"{_quote(name)} is a tool's name: `{part}` has `{field}`, which is PEFT's"
        return f"LoraConfig has no {_quote(name)}{meant}" if meant else None
    known = {"effect": tuple(EFFECT), "engines": tuple(list_engine_names())}.get(part)
    if known is None or name in known:
        return None
    return f"`{part}` has no {_quote(name)}{_suggest(name, known) or ': ' + _join(known)}"


def _suggest(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, 1, CLOSE) if len(name) <= MAX_NAME else ()
    return f"; did you mean `{close[0]}`?" if close else ""


def _quote(name: str) -> str:
    return f"`{describe_value(name)[1:-1]}`"


def _join(names: Collection[str]) -> str:
    return f"it has {', '.join(names)}"
