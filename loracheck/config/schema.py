"""JSON Schemas (draft 2020-12) made from the models, for editors and for `loracheck schema`.

They say what to write, so they are a little narrower than what PEFT takes: a flag is true, false or
null (PEFT also takes 0 and 1), and a name of `init_lora_weights` is in lower case.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from . import models
from .post_init import CHECKS
from .read_models import get_field_facts, get_plain_default, iterate_model_fields
from .release_timeline import (
    LATEST_PATCH,
    get_release_default,
    is_in_release,
    list_release_choices,
    number,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .post_init import PostInitCheck
    from .post_init.value_tests import ValueTest

NAMES = ("lora_config", "adapter_config")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build_config_schema(name: str) -> dict[str, Any]:
    """The schema of `LoraConfig` ("lora_config") or of an adapter_config.json ("adapter_config").

    KeyError for another name.
    """
    return {"lora_config": _build_lora_schema, "adapter_config": _build_adapter_schema}[name]()


def build_release_schema(release: str) -> dict[str, Any]:
    """The schema of the LoraConfig of a minor release, "0.3" to "0.21"."""
    schema = _build_lora_schema()
    schema["$id"] = f"urn:loracheck:schema:lora_config:{release}"
    schema["title"] = f"LoraConfig of PEFT {release}"
    schema["description"] = f"LoraConfig as PEFT {LATEST_PATCH[release]} has it."
    _trim(schema["properties"], models.LoraConfig, release)
    schema["allOf"] = _list_conditions(release)
    if not schema["allOf"]:
        del schema["allOf"]
    for name, model in models.SUB_CONFIGS.items():
        if name in schema["$defs"]:
            _trim(schema["$defs"][name]["properties"], model, release)
            if not schema["$defs"][name]["properties"]:
                del schema["$defs"][name]
    return schema


def _trim(properties: dict[str, Any], model: type[models.Model], release: str) -> None:
    for name, field, _ in iterate_model_fields(model):
        if not is_in_release(get_field_facts(field)["since"], release):
            del properties[name]
        elif name in properties:
            old = get_release_default(model, name, release)
            if old != get_plain_default(field):
                properties[name]["default"] = old
            if get_field_facts(field)["choices_since"]:
                _narrow(properties[name], list_release_choices(model, name, release))


def _narrow(node: dict[str, Any], allowed: list[Any]) -> None:
    node["examples"] = [
        example
        for example in node["examples"]
        if isinstance(example, bool) or str(example).partition("_niter_")[0] in allowed
    ]
    for part in [node, *node.get("anyOf", ())]:
        if "enum" in part:
            part["enum"] = [c for c in part["enum"] if c is None or c in allowed]
    if "anyOf" in node:
        node["anyOf"] = [
            part
            for part in node["anyOf"]
            if part.get("enum") != [] and ("pattern" not in part or "pissa" in allowed)
        ]


def _build_lora_schema() -> dict[str, Any]:
    schema = models.LoraConfig.model_json_schema()
    properties = {name: schema["properties"][name] for name in sorted(schema["properties"])}
    for name, field, _ in iterate_model_fields(models.LoraConfig):
        _polish(properties[name], name, field)
    for class_name, definition in schema["$defs"].items():
        for name, field, _ in iterate_model_fields(models.SUB_CONFIGS[class_name]):
            _polish(definition["properties"][name], name, field)
        definition["title"] = class_name
    return {
        "$schema": DIALECT,
        "$id": "urn:loracheck:schema:lora_config",
        "title": "LoraConfig of PEFT 0.21.2",
        "description": "Keyword arguments of peft.LoraConfig.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "allOf": _list_conditions(),
        "$defs": schema["$defs"],
    }


def _build_adapter_schema() -> dict[str, Any]:
    schema = _build_lora_schema()
    schema["$id"] = "urn:loracheck:schema:adapter_config"
    schema["title"] = "adapter_config.json of a LoRA adapter (PEFT 0.21.2)"
    schema["description"] = "The file that PEFT writes beside the weights of a LoRA adapter."
    schema["properties"]["peft_type"] = {
        **schema["properties"]["peft_type"],
        "const": "LORA",
        "default": "LORA",
    }
    for key in ("anyOf", "enum", "type"):
        schema["properties"]["peft_type"].pop(key, None)
    # PEFT never saves the options of a process and drops them from a file.
    del schema["properties"]["runtime_config"]
    schema["$defs"].pop("LoraRuntimeConfig", None)
    schema["required"] = ["peft_type"]
    return schema


def _polish(node: dict[str, Any], name: str, field: Any) -> None:
    """Flatten what pydantic nests, and say in the description what an editor should show."""
    del node["facts"]
    facts = get_field_facts(field)
    node["title"] = name
    node["default"] = get_plain_default(field)
    text = [node.pop("description")]
    if facts["typical"]:
        text.append(f"Typical: {facts['typical'].text}.")
    if facts["since"] != "0.0.1":
        text.append(f"Since PEFT {facts['since']}.")
    node["description"] = " ".join(text)
    node["x-source"] = facts["source"]
    _flatten(node)


def _flatten(node: dict[str, Any]) -> None:
    parts = node.get("anyOf")
    if parts is None:
        return
    if len(parts) == 2 and parts[1] == {"type": "null"} and "$ref" not in parts[0]:
        del node["anyOf"]
        kind = parts[0].pop("type", None)
        if "enum" in parts[0]:
            parts[0]["enum"] = [*parts[0]["enum"], None]
        elif "const" in parts[0]:
            parts[0]["enum"] = [parts[0].pop("const"), None]
        node.update(type=[kind, "null"] if kind else None, **parts[0])


def _list_conditions(release: str = "0.21") -> list[dict[str, Any]]:
    """What `LoraConfig.__post_init__` of the release refuses and a schema can say."""
    return [
        _build_condition(check)
        for check in CHECKS
        if check.schema_comment is not None and check.is_in(number(release))
    ]


def _build_condition(check: PostInitCheck) -> dict[str, Any]:
    comment, when = {"$comment": check.schema_comment}, _build_properties(check.when)
    if not check.unless:
        return {**comment, "not": when}
    return {**comment, "if": when, "then": _build_properties(check.unless)}


def _build_properties(tests: Mapping[str, ValueTest]) -> dict[str, Any]:
    return {
        "properties": {name: test.schema for name, test in tests.items()},
        "required": sorted(tests),
    }
