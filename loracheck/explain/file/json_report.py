"""`explain --format json`: a versioned contract, described by schemas/explain.schema.json."""

from __future__ import annotations

from loracheck.findings import Finding
from loracheck.reporters.sinks import format_json
from loracheck.type_checking import TYPE_CHECKING

from .entries import to_json_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.explain.adapters.assess import AdapterSetReport
    from loracheck.explain.compare.difference import Comparison
    from loracheck.explain.lora_file.assess import LoraFileReport
    from loracheck.explain.model.overview import Overview

    from .impact import Impact

VERSION = 1

DERIVED_FIELDS = ("share", "parameters")
"""Properties of the named tuples that are written beside their fields."""


def format_settings_json(impacts: Sequence[Impact]) -> str:
    """The impacts of a file's settings as JSON."""
    return _format_json("settings", [to_plain(impact) for impact in impacts])


def format_lora_file_json(report: LoraFileReport) -> str:
    """The report of a LoRA file as JSON."""
    return _format_json("lora_file", to_plain(report))


def format_adapter_set_json(report: AdapterSetReport) -> str:
    """The report of a folder of adapters as JSON."""
    return _format_json("adapters", to_plain(report))


def format_model_json(overview: Overview) -> str:
    """A model's overview as JSON."""
    return _format_json("model", to_plain(overview))


def format_comparison_json(comparison: Comparison) -> str:
    """A comparison of two settings as JSON."""
    return _format_json("comparison", to_plain(comparison))


def format_page_json(kind: str, page: dict[str, Value]) -> str:
    """The page of a rule, field or key as JSON; `kind` names which."""
    return _format_json(kind, page)


def _format_json(kind: str, value: Any) -> str:
    return format_json({"version": VERSION, "kind": kind, kind: value})


def to_plain(value: Any) -> Any:
    """Named tuples as mappings, all else as JSON has it."""
    if isinstance(value, Finding):
        from loracheck.reporters.json_ import build_finding_data

        return build_finding_data(value)
    if hasattr(value, "_asdict"):
        plain = {name: to_plain(item) for name, item in value._asdict().items()}
        more = (n for n in DERIVED_FIELDS if isinstance(getattr(type(value), n, None), property))
        return {**plain, **{name: to_plain(getattr(value, name)) for name in more}}
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return to_json_value(value)
