"""The page of a name that tools have in their own files: `lora_target_linear`, `freeze_vit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.config import field_table
from loracheck.explain.text.style import Look

from .tool_key_index import tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Named(NamedTuple):
    """A tool's key of some name: `path` leads to it from the top of the file, `field` is the
    LoraConfig field that it becomes (None for the tool's own), `type` what it takes there.
    """

    tool: str
    path: str
    field: str | None
    type: str | None
    help: str | None


def find(topic: str) -> tuple[Named, ...]:
    """Every tool's key of that name, or of that path, in the order of the tools' names; empty where
    no tool has one.
    """
    low = topic.strip().lower()
    found = [
        Named(tool.title.partition(" (")[0], path, key.field, key.type, key.help)
        for tool in tools()
        for key in tool.keys
        for path in (".".join((*tool.block, key.name)),)
        if low in (key.name.lower(), path.lower())
    ]
    return tuple(sorted(found, key=lambda one: one.tool.lower()))


def page(topic: str, found: tuple[Named, ...], look: Look | None = None) -> str:
    """The page of keys that are no field of LoraConfig, as text."""
    return "\n".join(_lines(topic, found, look or Look()))


def _lines(topic: str, found: tuple[Named, ...], look: Look) -> Iterator[str]:
    tools = _listed(one.tool for one in found)
    head = f"{topic}: no field of LoraConfig, but a key of {tools}"
    yield from (look.paint.bold(line) for line in look.wrapped(head, "  ", ""))
    for one in found:
        yield ""
        kind = f" ({one.type.replace('|', ' or ')})" if one.type else ""
        yield from look.wrapped(f"{one.tool}: {one.path}{kind}", "  ", "")
        yield from look.wrapped(_told(one), "  ")


def _told(key: Named) -> str:
    """What the key does, in a sentence or two."""
    known = field_table.fields().get(key.field or "")
    becomes = f"Becomes LoraConfig's {key.field}." if key.field else ""
    return " ".join(filter(None, (becomes, key.help or (known.help if known else ""))))


def elsewhere(topic: str, field: str) -> str | None:
    """Who spells the field so, in a sentence; None where the topic is PEFT's own name."""
    if topic.strip() == field:
        return None
    tools = [one.tool for one in find(topic) if one.field == field]
    said = f" in the files of {_listed(tools)}" if tools else ""
    return f"{topic.strip()} is {field} of LoraConfig{said}"


def _listed(tools: Iterable[str]) -> str:
    """The tools with commas between them, so none within ("verl, FSDP")."""
    return ", ".join(dict.fromkeys(tool.replace(", ", "/") for tool in tools))


def data(topic: str, found: tuple[Named, ...]) -> dict[str, Any]:
    """The page as data, for JSON."""
    return {"name": topic, "tools": [one._asdict() for one in found]}
