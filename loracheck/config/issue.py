"""`Issue`: one thing wrong with the values of a LoraConfig."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Literal

    from loracheck.documents.values import Value

    Kind = Literal[
        "unknown-field", "wrong-type", "bad-choice", "out-of-range", "conflict", "ignored"
    ]
    Effect = Literal["raises", "fails", "warns", "silent"]
else:
    Kind = str
    Effect = str


class Issue(NamedTuple):
    """`id` is a stable name, `path` goes from the config down (`("loftq_config", "loftq_bits")`).

    `message` says what is wrong and what PEFT does with it, `help` how to mend it, `suggestion` is
    the right name or value where one is known, else None (`suggests` tells None from "write null").
    `effect` is how PEFT answers: "raises" (LoraConfig itself), "fails" (wrapping or running the
    model), "warns", "silent". `harmless` says that it does what was meant all the same.
    """

    kind: Kind
    id: str
    path: tuple[str | int, ...]
    message: str
    help: str
    suggestion: Any = None
    effect: Effect = "silent"
    harmless: bool = False


def make_conflict_issue(
    name: str, path: tuple[str | int, ...], message: str, help_: str, effect: Effect = "raises"
) -> Issue:
    """An issue of two fields that PEFT refuses together."""
    return Issue("conflict", name, path, message, help_, None, effect)


def format_value(value: Any) -> str:
    """A value as a message shows it: short, and in the spelling of the file where they agree."""
    text = _format_whole_value(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _format_whole_value(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Unknown):
        return value.text or "..."
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(
                f"{_format_whole_value(k)}: {_format_whole_value(v)}" for k, v in value.items()
            )
            + "}"
        )
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ", ".join(map(_format_whole_value, value)) + "]"
    return repr(value)


def join_names(names: Any) -> str:
    """ "a", "a and b", "a, b and c"."""
    *most, last = [str(name) for name in names] or [""]
    return f"{', '.join(most)} and {last}" if most else last
