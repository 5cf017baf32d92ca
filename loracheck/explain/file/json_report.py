"""`explain --format json`: a versioned contract, described by schemas/explain.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from loracheck.findings import Finding

from .entries import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.explain.compare.difference import Comparison
    from loracheck.explain.model.overview import Overview

    from .impact import Effect

VERSION = 1

WORKED_OUT = ("share", "parameters")
"""Properties that are written beside the fields."""


def settings_json(effects: Sequence[Effect]) -> str:
    """What the settings of a file do."""
    return _text("settings", [plain(effect) for effect in effects])


def model_json(found: Overview) -> str:
    """A model's overview."""
    return _text("model", plain(found))


def comparison_json(found: Comparison) -> str:
    """How two settings differ."""
    return _text("comparison", plain(found))


def text_json(kind: str, found: dict[str, Any]) -> str:
    """A rule's or a field's page."""
    return _text(kind, found)


def _text(kind: str, value: Any) -> str:
    return json.dumps({"version": VERSION, "kind": kind, kind: value}, indent=2, ensure_ascii=False)


def plain(value: Any) -> Any:
    """Named tuples as mappings, all else as JSON has it."""
    if isinstance(value, Finding):
        from loracheck.reporters.json_ import finding_data

        return finding_data(value)
    if hasattr(value, "_asdict"):
        found = {name: plain(item) for name, item in value._asdict().items()}
        more = (n for n in WORKED_OUT if isinstance(getattr(type(value), n, None), property))
        return {**found, **{name: plain(getattr(value, name)) for name in more}}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return shown(value)
