"""`schemas/explain.schema.json`, made from the named tuples that `--format json` writes.

`python -m loracheck.explain.schema` writes it anew.
"""

from __future__ import annotations

import json
import types
from pathlib import Path
from sys import modules
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from loracheck.findings import Finding

from .adapters.assess import AdapterSetReport
from .compare.difference import Comparison
from .file.impact import Impact
from .file.json_report import DERIVED_FIELDS, VERSION
from .lora_file.assess import LoraFileReport
from .model.overview import Overview

PATH = Path(__file__).parent.parent.parent / "schemas" / "explain.schema.json"

_PLAIN: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}
KINDS = {
    "settings": [Impact],
    "model": Overview,
    "comparison": Comparison,
    "lora_file": LoraFileReport,
    "adapters": AdapterSetReport,
}
"""The value under each `kind`; the pages of fields, rules and keys are plain dictionaries."""


def build_schema() -> dict[str, Any]:
    """The schema of everything that `explain --format json` prints."""
    defs: dict[str, Any] = {"Finding": _build_finding_schema()}
    kinds = []
    for name, what in KINDS.items():
        one = what[0] if isinstance(what, list) else what
        reference = _build_reference(one, defs)
        kinds.append(
            _build_kind_schema(
                name, {"type": "array", "items": reference} if what is not one else reference
            )
        )
    kinds += [
        _build_kind_schema(name, {"type": "object", "required": [key]})
        for name, key in _PAGES.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:loracheck:explain:{VERSION}",
        "title": f"What loracheck explain --format json prints, version {VERSION}",
        "oneOf": kinds,
        "$defs": dict(sorted(defs.items())),
    }


_PAGES = {"field": "name", "rule": "code", "key": "name"}


def _build_kind_schema(name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["version", "kind", name],
        "additionalProperties": False,
        "properties": {"version": {"const": VERSION}, "kind": {"const": name}, name: content},
    }


def _build_finding_schema() -> dict[str, Any]:
    """A finding, as in the report of `check`."""
    path = PATH.parent / "report.schema.json"
    report = json.loads(path.read_text(encoding="utf-8"))["$defs"]
    names = report["finding"]["required"]
    return {"type": "object", "required": names, "description": "As in report.schema.json."}


def _build_type_schema(hint: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        return _build_any_of([_build_type_schema(one, defs) for one in inner])
    if origin in (tuple, list):
        return {"type": "array", "items": _build_type_schema(inner[0], defs)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _build_type_schema(inner[1], defs)}
    return {"$ref": "#/$defs/Finding"} if hint is Finding else _build_reference(hint, defs)


def _build_any_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if all(set(part) == {"type"} for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _build_reference(cls: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """A reference to the definition of a named tuple, which is made when first met."""
    # Two tuples may share a name (the Kind of a comparison): the module tells them apart.
    name = f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"
    if name not in defs:
        defs[name] = {}
        namespace = {"Any": Any, **vars(modules[cls.__module__]), "Finding": Finding}
        hints = get_type_hints(cls, namespace)
        properties = {field: _build_type_schema(hints[field], defs) for field in cls._fields}
        for extra in DERIVED_FIELDS:
            member = getattr(cls, extra, None)
            if isinstance(member, property):
                properties[extra] = _build_type_schema(get_type_hints(member.fget)["return"], defs)
        defs[name] = {
            "type": "object",
            "description": " ".join((cls.__doc__ or "").replace("`", "").split()),
            "required": list(properties),
            "additionalProperties": False,
            "properties": properties,
        }
    return {"$ref": f"#/$defs/{name}"}


def render() -> str:
    """The schema as it stands in its file."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it."""
    PATH.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
