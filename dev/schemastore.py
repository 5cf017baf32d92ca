"""What a catalogue of schemas (SchemaStore) takes, made from the schemas of this project.

`python -m dev.schemastore` writes `schemas/schemastore/`: each schema once more in draft-07, under
the address that it would have there, and `catalog.json` with an entry for each. The extension for
VS Code registers the same schemas for the same files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loracheck.config.schema import build_config_schema as config_schema
from loracheck.options.schema import build_settings_schema as settings_schema
from loracheck.tools.core.index import list_tools_with_files
from loracheck.tools.core.registry import load_key_maps
from loracheck.tools.core.schema import build_tool_schema as dialect_schema

FOLDER = Path(__file__).parent.parent / "schemas" / "schemastore"
EXTENSION = Path(__file__).parent.parent / "editors" / "vscode" / "package.json"
DRAFT = "http://json-schema.org/draft-07/schema#"
HOST = "https://www.schemastore.org"
EDITOR_WORDS = ("errorMessage", "patternErrorMessage")
"""Words that editors know and JSON Schema does not; the store's own check wants them listed, as
`options.json` does.
"""
YAML = (".yaml", ".yml")
OWN_FILES = {
    "peft-adapter-config": ("PEFT adapter_config.json", ["adapter_config.json"]),
    "loracheck": ("loracheck", ["loracheck.toml"]),
}
"""Schema -> its name in the catalogue, and the files it is for; tools' files are not among them."""


def make_files() -> dict[str, str]:
    """File name -> text of every file of the folder."""
    twins = {"peft-adapter-config": _adapter(), "loracheck": settings_schema()}
    twins |= {f"{name}-lora": dialect_schema(name) for name in list_tools_with_files()}
    made = {f"{name}.json": make_twin(schema, name) for name, schema in twins.items()}
    made["catalog.json"] = {"schemas": [_entry(name, made[f"{name}.json"]) for name in twins]}
    made["options.json"] = {
        f"{name}.json": {"unknownKeywords": list(EDITOR_WORDS)}
        for name, schema in twins.items()
        if "errorMessage" in write_json(schema)
    }
    return {name: write_json(value) for name, value in made.items()}


def make_twin(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The schema, which is of draft 2020-12, in draft-07 with an https `$id`."""
    twin = _rewrite(schema)
    return {**twin, "$schema": DRAFT, "$id": f"{HOST}/{name}.json"}


def _rewrite(node: Any) -> Any:
    """Draft-07 has `definitions`, `items` with a list, and no other words beside `$ref`."""
    if isinstance(node, list):
        return [_rewrite(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _rewrite(value) for key, value in node.items() if key != "x-source"}
    if "$defs" in made:
        made["definitions"] = made.pop("$defs")
    if "prefixItems" in made:
        rest = made.pop("items", None)
        made["items"] = made.pop("prefixItems")
        if rest is not None:
            made["additionalItems"] = rest
    reference = made.get("$ref")
    if isinstance(reference, str):
        made["$ref"] = reference.replace("#/$defs/", "#/definitions/")
        if len(made) > 1:
            made["allOf"] = [{"$ref": made.pop("$ref")}, *made.get("allOf", ())]
    return made


def _adapter() -> dict[str, Any]:
    """For every adapter_config.json, whose `peft_type` may name another method than LoRA."""
    lora = config_schema("adapter_config")
    is_lora = {"properties": {"peft_type": {"const": "LORA"}}, "required": ["peft_type"]}
    return {
        "title": "adapter_config.json of PEFT",
        "description": "The file that PEFT writes beside an adapter's weights; of LoRA every key.",
        "type": "object",
        "if": is_lora,
        "then": {"$ref": "#/$defs/lora"},
        "$defs": {
            "lora": {key: value for key, value in lora.items() if key[0] != "$"},
            **lora["$defs"],
        },
    }


def _entry(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The catalogue's entry. Only names that say whose file it is are matched: most tools take a
    file of any name.
    """
    shown, matches = OWN_FILES.get(name, ("", []))
    if not shown:
        tool = name.removesuffix("-lora")
        shown = f"{load_key_maps(tool)[0].title.partition(' (')[0]} LoRA"
        endings = _find_endings(tool)
        matches = [f"{stem}.{ending}" for stem in (tool, f"*.{tool}") for ending in endings]
    entry = {"name": shown, "description": f"{schema['title']}; keys, types and ranges"}
    named = {"fileMatch": matches} if matches else {}  # an editor's user can still choose it
    return {**entry, **named, "url": schema["$id"]}


def _find_endings(tool: str) -> list[str]:
    """How names of the tool's files end, by the row that the documentation has of it."""
    summary = load_key_maps(tool)[0].summary
    files = summary.files if summary is not None else ""
    known = {"YAML": ("yaml", "yml"), "JSON": ("json",), "TOML": ("toml",)}
    return [ending for format_, endings in known.items() if format_ in files for ending in endings]


def update_extension(text: str) -> str:
    """A package.json of the extension with the schemas registered for JSON and for YAML."""
    package = json.loads(text)
    entries = json.loads(make_files()["catalog.json"])["schemas"]
    for place, endings in {"jsonValidation": (".json",), "yamlValidation": YAML}.items():
        package["contributes"][place] = [
            {"fileMatch": matches, "url": f"./dist/schemas/{entry['url'].rpartition('/')[2]}"}
            for entry in entries
            if (matches := [name for name in entry.get("fileMatch", ()) if name.endswith(endings)])
        ]
    return write_json(package)


def write_json(value: Any) -> str:
    """JSON as the files are written."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the folder; a file that nothing makes any more goes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = make_files()
    for path in FOLDER.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    EXTENSION.write_text(update_extension(EXTENSION.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
