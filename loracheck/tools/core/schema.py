"""JSON Schemas (draft 2020-12) of the tools' files, made from their key maps.

`python -m loracheck.tools.core.schema` writes them to `schemas/dialects/`. They name the LoRA keys
alone, with what an editor shows on hover; every other key of the tool is allowed, but where the
tool allows nothing else beside them, or where the key begins as the tool's LoRA keys do.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loracheck.config.field_table import fields
from loracheck.config.validators import field_limits

from .index import tools_with_files
from .registry import key_maps
from .tool import UNSET, Key, Tool

if TYPE_CHECKING:
    from loracheck.config.field_table import Field

FOLDER = Path(__file__).parents[3] / "schemas" / "dialects"

_WORDS = {"bool": "boolean", "int": "integer", "str": "string", "config": "object"}
_PLAIN = frozenset({*_WORDS.values(), "number", "null"})
_FILLED = {"type": "string", "pattern": r"\$\{"}
"""What is filled in before the tool reads it: `${model.name}` by OmegaConf, `${LORA_R}` by a shell.
"""


def schema(name: str) -> dict[str, Any]:
    """The schema of a tool's file. ModuleNotFoundError for an unknown name."""
    tools = key_maps(name)
    tool = tools[0]
    made: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:loracheck:schema:dialects:{name}",
        "title": f"LoRA in a file of {tool.title.partition(' (')[0]}",
        "description": f"The keys about LoRA; all others are allowed. Source: {tool.source}.",
        "type": "object",
        "properties": {},
    }
    for one in tools:
        for block in (one.block, *one.blocks):
            _add(made, (*one.inside, *block), one)
    return made


def _add(node: dict[str, Any], block: tuple[str, ...], tool: Tool) -> None:
    for step in block:
        if step == "[]":
            node["type"] = ["array", "null"]
            node = node.setdefault("items", {"type": "object", "properties": {}})
        else:
            inner = node.setdefault("properties", {}).setdefault(step, {"title": step})
            inner.setdefault("type", ["object", "array", "string", "null"])
            node = inner
    properties = node.setdefault("properties", {})
    for key in tool.keys:
        properties.setdefault(key.name, _property(key, tool))
    if tool.strict and not tool.shared:
        node["additionalProperties"] = False
    elif tool.prefix:
        known = [*properties, *sorted(tool.near)]
        rest = [name.removeprefix(tool.prefix) for name in known if name.startswith(tool.prefix)]
        # A section may have any name (kohya's `[network_arguments]`), a value may not.
        pattern = f"^{tool.prefix}(?!({'|'.join(rest)})$)"
        node["patternProperties"] = {pattern: {"type": "object"}}


def _property(key: Key, tool: Tool) -> dict[str, Any]:
    field = fields()[key.field] if key.field else None
    made: dict[str, Any] = {"title": key.name}
    text = [key.help or (field.help if field is not None else "")]
    if field is not None and field.name != key.name:
        text.append(f"Becomes `{field.name}` of PEFT's LoraConfig.")
    made["description"] = " ".join(text)
    if key.default is not UNSET and key.default is not None:
        made["default"] = key.default
    types = key.type or (field.type if field is not None else "str")
    kinds, items = _types(types)
    if tool.lenient and {"integer", "number", "boolean"} & set(kinds):
        kinds.append("string")  # a quoted number is converted
    value: dict[str, Any] = {"type": list(dict.fromkeys([*kinds, "null"]))}
    if items:
        value["items"] = items
    if field is not None:
        value.update(_bounds(field, key))
    if "string" in kinds and "enum" not in value:
        return {**made, **value}
    return {**made, "anyOf": [value, _FILLED]}


def _bounds(field: Field, key: Key) -> dict[str, Any]:
    """The field's own bounds where the tool hands the number on as it is; verl's rank of 0 is its
    way to say no LoRA.
    """
    names = {
        "min": "minimum",
        "max": "maximum",
        "above": "exclusiveMinimum",
        "below": "exclusiveMaximum",
    }
    if key.type is not None or (key.default == 0 and field.name == "r"):
        return {}
    made: dict[str, Any] = {names[name]: bound for name, bound in field_limits(field).items()}
    if field.name == "bias":
        made["enum"] = [*field.choices, None]
    return made


def _types(types: str) -> tuple[list[str], dict[str, Any]]:
    """JSON's names of the types, and what a list holds."""
    kinds: list[str] = []
    items: dict[str, Any] = {}
    for word in _parts(types):
        head, _, inner = word.partition("[")
        kind = _WORDS.get(head, head)
        if head in ("list", "bare"):
            kind = "array"
            member = _WORDS.get(inner[:-1], inner[:-1])
            items = {"type": member} if member in _PLAIN else {}
        elif head == "dict":
            kind = "object"
        kinds.append(kind)
    return kinds, items


def _parts(types: str) -> list[str]:
    """The alternatives of a type, not split inside brackets."""
    found = [""]
    depth = 0
    for char in types:
        depth += (char == "[") - (char == "]")
        if char == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += char
    return found


def render(name: str) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in tools_with_files():
        (FOLDER / f"{name}.schema.json").write_text(render(name), encoding="utf-8")


if __name__ == "__main__":
    main()
