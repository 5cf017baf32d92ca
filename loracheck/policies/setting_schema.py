"""The schema of a setting's normal form, which policies are held against:
`python -m loracheck.policies.setting_schema > schemas/setting.schema.json`.
"""

from __future__ import annotations

import json

from loracheck.config.schema import build_config_schema as config_schema
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

VERSION = 1

NUMBER = {"type": "integer", "minimum": 0}
NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}

EFFECT: dict[str, tuple[str, dict[str, Any]]] = {
    "targeted": ("Modules that LoRA wraps, each layer's counted.", NUMBER),
    "modules": ("The last parts of the wrapped modules' names, such as q_proj.", NAMES),
    "saved": ("The same of the modules that train in full (modules_to_save).", NAMES),
    "ranks": (
        "The ranks of the wrapped modules, each once; PEFT's default where none is set.",
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "uniqueItems": True},
    ),
    "reach": (
        "Share of the model's linear layers that LoRA wraps; the head does not count.",
        SHARE,
    ),
    "trainable": ("Parameters that train (those that would, for a saved adapter).", NUMBER),
    "share": ("Share of all parameters that train.", SHARE),
    "adapter_bytes": (
        "Size of adapter_model.safetensors: that of the file beside an adapter_config.json, else "
        "as PEFT saves it, LoRA weights in float32.",
        NUMBER,
    ),
}
"""Key of `effect` -> what it is, and its schema."""


def build_setting_schema() -> dict[str, Any]:
    """Draft 2020-12. A value that is not known is left out where a setting is printed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:loracheck:setting:{VERSION}",
        "title": f"A LoRA setting in normal form, version {VERSION}",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "fields": _build_fields_schema(),
            "config": _build_config_schema(),
            "model": {
                "type": ["string", "null"],
                "description": "The base model as the file names it: a Hub id or a path.",
            },
            "dialect": {
                "type": "string",
                "description": "The tool whose file it is, as reports name it.",
            },
            "quantization": {
                "type": ["string", "null"],
                "description": "How the base model is loaded: 4bit, 8bit, or the method of the "
                "checkpoint (gptq, awq); null for neither.",
            },
            "effect": _build_effect_schema(),
            "engines": {
                "type": "object",
                "description": "What each serving engine makes of the adapter, at the release that "
                "--serve names, else the newest known.",
                "additionalProperties": {
                    "enum": ["takes", "takes with an option", "takes in part", "refuses"]
                },
            },
        },
    }


def _build_fields_schema() -> dict[str, Any]:
    """LoraConfig's fields. Their types are not asked for: a file may hold what PEFT refuses."""
    return {
        "type": "object",
        "description": "LoraConfig's fields as the file or its tool sets them, under PEFT's names; "
        "what is not set is not there. Keys that are no fields stand here too where the file has "
        "PEFT's own names.",
        "properties": _describe_fields(),
    }


def _build_config_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "The same fields as PEFT gets them: those that are set, and for all others "
        "PEFT's defaults, at the release that judges. Not known where a tool has LoRA layers of "
        "its own.",
        "additionalProperties": False,
        "properties": _describe_fields(),
    }


def _describe_fields() -> dict[str, Any]:
    properties = config_schema("lora_config")["properties"]
    return {
        name: {key: part[key] for key in ("description", "default", "examples") if key in part}
        for name, part in properties.items()
    }


def _build_effect_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "What LoRA does to the model. Not known without the model's module tree, "
        "and where PEFT refuses the config.",
        "additionalProperties": False,
        "properties": {
            name: {"description": about, **part} for name, (about, part) in EFFECT.items()
        },
    }


def render() -> str:
    """The schema as it is kept in `schemas/setting.schema.json`."""
    return json.dumps(build_setting_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201
