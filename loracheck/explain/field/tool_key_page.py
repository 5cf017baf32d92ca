"""The page of a name that tools have in their own files: `lora_target_linear`, `freeze_vit`."""

from __future__ import annotations

from loracheck.config import field_table
from loracheck.explain.text.style import TextStyle
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .tool_key_index import iter_tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.documents.values import Value


class ToolKey(NamedTuple):
    """A tool's key of some name: `path` leads to it from the top of the file, `field` is the
    LoraConfig field that it becomes (None for the tool's own), `type` what it takes there.
    """

    tool: str
    path: str
    field: str | None
    type: str | None
    help: str | None


def find_tool_keys(topic: str) -> tuple[ToolKey, ...]:
    """Every tool's key of that name, or of that path, in the order of the tools' names; empty where
    no tool has one.
    """
    low = topic.strip().lower()
    keys = [
        ToolKey(tool.title.partition(" (")[0], path, key.field, key.type, key.help)
        for tool in iter_tools()
        for key in tool.keys
        for path in (".".join((*tool.block, key.name)),)
        if low in (key.name.lower(), path.lower())
    ]
    return tuple(sorted(keys, key=lambda one: one.tool.lower()))


def render_tool_keys(topic: str, keys: tuple[ToolKey, ...], style: TextStyle | None = None) -> str:
    """The page of keys that are no field of LoraConfig, as text."""
    return "\n".join(_format_lines(topic, keys, style or TextStyle()))


def _format_lines(topic: str, keys: tuple[ToolKey, ...], style: TextStyle) -> Iterator[str]:
    tools = _join_tools(one.tool for one in keys)
    head = f"{topic}: no field of LoraConfig, but a key of {tools}"
    yield from (style.paint.bold(line) for line in style.wrap(head, "  ", ""))
    for one in keys:
        yield ""
        kind = f" ({one.type.replace('|', ' or ')})" if one.type else ""
        yield from style.wrap(f"{one.tool}: {one.path}{kind}", "  ", "")
        yield from style.wrap(_describe(one), "  ")


def _describe(key: ToolKey) -> str:
    """What the key does, in a sentence or two."""
    field = field_table.get_lora_fields().get(key.field or "")
    becomes = f"Becomes LoraConfig's {key.field}." if key.field else ""
    return " ".join(filter(None, (becomes, key.help or (field.help if field else ""))))


def describe_other_spelling(topic: str, field: str) -> str | None:
    """Who spells the field so, in a sentence; None where the topic is PEFT's own name."""
    if topic.strip() == field:
        return None
    tools = [one.tool for one in find_tool_keys(topic) if one.field == field]
    tools_clause = f" in the files of {_join_tools(tools)}" if tools else ""
    return f"{topic.strip()} is {field} of LoraConfig{tools_clause}"


def _join_tools(tools: Iterable[str]) -> str:
    """The tools with commas between them, so none within ("verl, FSDP")."""
    return ", ".join(dict.fromkeys(tool.replace(", ", "/") for tool in tools))


def build_tool_keys_dict(topic: str, keys: tuple[ToolKey, ...]) -> dict[str, Value]:
    """The page as data, for JSON."""
    return {"name": topic, "tools": [one._asdict() for one in keys]}
