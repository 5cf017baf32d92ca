"""A LoraConfig field's page: what it means, what it takes, what is usual, how it acts on others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.config import facts
from loracheck.rules import catalogue

from .interplay import INTERPLAY
from .spelled import spelled
from .text.bars import bar
from .text.look import Look
from .usage import usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.config.facts import Field
    from loracheck.rules import Rule

_EXAMPLE = re.compile(r"```.*?```", re.DOTALL)


def find(topic: str) -> Field | None:
    """The field of that name, or the one that a known other spelling means."""
    known = facts.fields()
    return known.get(topic) or known.get(facts.closest(topic) or "")


def rules_about(field: Field) -> list[Rule]:
    """Rules whose page speaks of the field, examples aside."""
    # A name without an underscore is a word of English too.
    name = rf"\b{field.name}\b" if "_" in field.name else f"`{field.name}`"
    spoken = re.compile(name)
    return [rule for rule in catalogue() if spoken.search(_EXAMPLE.sub("", rule.page))]


def page(field: Field, look: Look | None = None) -> str:
    """The page as text."""
    look = look or Look()
    return "\n".join(_lines(field, look))


def _lines(field: Field, look: Look) -> Iterator[str]:
    head = f"{field.name}: {field.type.replace('|', ' or ')}, default {field.default!r}"
    yield look.paint.bold(head)
    yield ""
    yield from look.wrapped(field.help)
    yield ""
    yield from look.wrapped(
        f"in PEFT since {field.since}; PEFT's annotation: {field.peft}", "  ", ""
    )
    if field.choices:
        yield from look.wrapped("values: " + ", ".join(map(str, field.choices)), "  ", "")
    if field.typical:
        text = f"usual: {field.typical.text} ({field.typical.source})"
        yield from look.wrapped(text, "  ", "")
    if field.examples:
        yield from look.wrapped("examples: " + ", ".join(map(repr, field.examples)), "  ", "")
    if field.source:
        yield from look.wrapped(f"source: {field.source}", "  ", "")
    yield from _histogram(field, look)
    yield from _interplay(field, look)
    yield from _tools(field, look)
    yield from _rules(field, look)


def _histogram(field: Field, look: Look) -> Iterator[str]:
    found = usage(field.name)
    if found is None or not found.values:
        return
    yield ""
    yield look.title("In real configs")
    yield f"  {found.repositories} of {found.of} public repositories set it; by repositories:"
    width = min(max(len(value) for value, _ in found.values), look.width - 32)
    most = max(number for _, number in found.values)
    for value, number in found.values:
        text = value if len(value) <= width else value[: width - 2] + ".."
        yield f"    {text:<{width}} {bar(number / most, 20, look).rstrip('·.')} {number}"
    if found.others:
        yield f"    {found.others} more with other values"


def _interplay(field: Field, look: Look) -> Iterator[str]:
    if field.name in INTERPLAY:
        yield ""
        yield look.title("With other fields")
    for text in INTERPLAY.get(field.name, ()):
        yield from look.wrapped(text, "    ", "  - ")


def _tools(field: Field, look: Look) -> Iterator[str]:
    found = spelled(field.name)
    if not found:
        return
    yield ""
    yield look.title("In the tools' own files, with what they use where it is left out")
    width = max(len(one.tool) for one in found)
    keys = max(len(one.key) for one in found)
    for one in found:
        default = one.rule or (repr(one.default) if one.passed else "PEFT's default")
        room = look.width - width - keys - 6
        if len(default) > room:
            default = default[: max(room - 2, 8)] + ".."
        yield f"  {one.tool:<{width}}  {one.key:<{keys}}  {default}"


def _rules(field: Field, look: Look) -> Iterator[str]:
    rules = rules_about(field)
    if rules:
        yield ""
        yield look.title("Rules about it")
    for rule in rules:
        yield from look.wrapped(f"{rule.name}: {rule.summary}", "        ", f"  {rule.code} ")


def data(field: Field) -> dict[str, Any]:
    """The page as data, for JSON."""
    typical, used = field.typical, usage(field.name)
    return {
        "name": field.name,
        "type": field.type,
        "default": field.default,
        "since": field.since,
        "annotation": field.peft,
        "help": field.help,
        "choices": list(field.choices),
        "examples": list(field.examples),
        "typical": typical._asdict() if typical else None,
        "source": field.source,
        "usage": used._asdict() if used else None,
        "interplay": list(INTERPLAY.get(field.name, ())),
        "tools": [one._asdict() for one in spelled(field.name)],
        "rules": [rule.code for rule in rules_about(field)],
    }
