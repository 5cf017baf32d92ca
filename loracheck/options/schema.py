"""The JSON Schema of the settings: `python -m loracheck.options.schema > schemas/...`."""

from __future__ import annotations

import json

from loracheck.rules import list_all_rules
from loracheck.type_checking import TYPE_CHECKING

from .settings_keys import KEYS, Key

if TYPE_CHECKING:
    from typing import Any

_CODE = {"type": "string", "pattern": "^(ALL|LC[0-9]{0,3}|[a-z]+(-[a-z]+)+)$"}
_TEXT = {"type": "string"}
_PATHS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}


def build_settings_schema() -> dict[str, Any]:
    """Draft 2020-12, for loracheck.toml and for the table [tool.loracheck]."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:loracheck:settings:1",
        "title": "Settings of loracheck: loracheck.toml, or [tool.loracheck] in pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"description": key.help, **_build_value_schema(key)}
            for name, key in KEYS.items()
        },
    }


def _build_value_schema(key: Key) -> dict[str, Any]:
    if key.kind == "rules":
        return _build_rules_schema()
    of: dict[str, dict[str, Any]] = {
        "codes": {"type": "array", "items": _CODE},
        "strings": {"type": "array", "items": _TEXT},
        "engines": {"type": "array", "items": {"type": "string", "pattern": "^[^=]+(==[^=]+)?$"}},
        "string": _TEXT,
        "specifier": _TEXT,
        "peft": _TEXT,
        "transformers": _TEXT,
        "flag": {"type": "boolean"},
        "choice": {"enum": list(key.choices)},
        "codes-by-path": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": _CODE},
        },
        "string-by-path": {"type": "object", "additionalProperties": _TEXT},
        "paths": _PATHS,
        "paths-by-path": {"type": "object", "additionalProperties": _PATHS},
    }
    return of[key.kind]


def _build_rules_schema() -> dict[str, Any]:
    """One table for each rule that has options."""
    tables = {
        rule.code: {
            "type": "object",
            "description": f"{rule.name}: {rule.summary}.",
            "additionalProperties": False,
            "properties": {
                name: {"type": "number", "description": text} for name, text in rule.options.items()
            },
        }
        for rule in list_all_rules()
        if rule.options
    }
    return {"type": "object", "additionalProperties": False, "properties": tables}


def render() -> str:
    """The schema as it is kept in `schemas/loracheck.schema.json`."""
    return json.dumps(build_settings_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201
