"""JSON Schemas (draft 2020-12) of the tools' files, made from their key maps.

`python -m loracheck.tools.core.schema` writes them to `schemas/dialects/`. They name the LoRA keys
alone, with what an editor shows on hover; every other key of the tool is allowed, but where the
tool allows nothing else beside them, or where the key begins as the tool's LoRA keys do.
"""

from __future__ import annotations

import json
from pathlib import Path

from loracheck.config.field_table import get_lora_fields
from loracheck.type_checking import TYPE_CHECKING

from .index import list_tools_with_files
from .key import UNSET
from .registry import load_key_maps
from .schema_values import make_value_schema

if TYPE_CHECKING:
    from typing import Any

    from .key import Key
    from .tool import Tool

FOLDER = Path(__file__).parents[3] / "schemas" / "dialects"


def build_tool_schema(name: str) -> dict[str, Any]:
    """The schema of a tool's file. ModuleNotFoundError for an unknown name."""
    tools = load_key_maps(name)
    tool = tools[0]
    title = tool.title.partition(" (")[0]
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:loracheck:schema:dialects:{name}",
        "title": f"LoRA in a file of {title}",
        "description": f"The keys about LoRA; all others are allowed. Source: {tool.source}.",
        "type": "object",
        "errorMessage": f"A file of {title} is a mapping of keys to values.",
        "properties": {},
    }
    for one in tools:
        for block in (one.block, *one.blocks):
            _add_block(schema, (*one.inside, *block), one)
    return schema


def _add_block(node: dict[str, Any], block: tuple[str, ...], tool: Tool) -> None:
    for step in block:
        if step == "[]":
            node["type"] = ["array", "null"]
            node = node.setdefault("items", {"type": "object", "properties": {}})
        else:
            inner = node.setdefault("properties", {}).setdefault(step, {"title": step})
            inner.setdefault("type", ["object", "array", "string", "null"])
            inner.setdefault("errorMessage", f"`{step}` takes a block of keys.")
            node = inner
    properties = node.setdefault("properties", {})
    for key in tool.keys:
        properties.setdefault(key.name, _describe(key, tool))
    if tool.strict and not tool.shared:
        node["propertyNames"] = _restrict_names(list(properties), "", tool)
    elif tool.prefix:
        names = [*properties, *sorted(tool.near)]
        rest = [name.removeprefix(tool.prefix) for name in names if name.startswith(tool.prefix)]
        # A section may have any name (`[network_arguments]`), a value may not.
        pattern = f"^{tool.prefix}(?!({'|'.join(rest)})$)"
        node["if"] = {"patternProperties": {pattern: {"type": "object"}}}
        node["else"] = {"propertyNames": _restrict_names(names, tool.prefix, tool)}


def _restrict_names(allowed_names: list[str], prefix: str, tool: Tool) -> dict[str, Any]:
    """The names that a block may have, of those that begin with the prefix. An editor marks the
    key, and says what the tool does with it.
    """
    names = [name for name in allowed_names if name.startswith(prefix)]
    title = tool.title.partition(" (")[0]
    does = "which drops it without a word" if tool.unknown == "drops" else "which refuses it"
    begin = f" that begin with `{prefix}`" if prefix else " in this block"
    listing = ", ".join(f"`{name}`" for name in names)
    # `<<` is YAML's way to take the keys of another mapping in.
    pattern = f"^(?:{'|'.join(names)}" + (f")$|^(?!{prefix})" if prefix else "|<<)$")
    return {
        "pattern": pattern,
        "patternErrorMessage": f"This is no key of {title}, {does}. Its keys{begin}: {listing}.",
    }


def _describe(key: Key, tool: Tool) -> dict[str, Any]:
    field = get_lora_fields()[key.field] if key.field else None
    schema: dict[str, Any] = {"title": key.name}
    text = [key.help or (field.help if field is not None else "")]
    if field is not None and field.name != key.name:
        text.append(f"Becomes `{field.name}` of PEFT's LoraConfig.")
    schema["description"] = " ".join(text)
    if key.default is not UNSET and key.default is not None:
        schema["default"] = key.default
    return {**schema, **make_value_schema(key, tool.lenient)}


def render(name: str) -> str:
    """The schema as it stands in its file."""
    return json.dumps(build_tool_schema(name), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in list_tools_with_files():
        (FOLDER / f"{name}.schema.json").write_text(render(name), encoding="utf-8")


if __name__ == "__main__":
    main()
