"""The explorer's head line, and what the terminal says of its colours."""

from __future__ import annotations

import os

from textual.content import Content

from .state import State
from .view import View

WIDE = 110
"""Columns from which on the head line has room for more."""


def format_header(state: State, view: View, width: int) -> Content:
    """File, dialect, model, and how it is looked at."""
    setting = view.context.setting
    name = (os.path.basename(state.path) or "new config") + ("*" if state.is_changed else "")
    if view.settings > 1:
        name += f" {state.number + 1}/{view.settings} (Ctrl+N)"
    other = view.lint_settings.model
    model = f"{other} (looked at)" if other else view.model or "no model"
    parts = [name, setting.tool_name, model]
    parts += [f"PEFT {view.lint_settings.peft}"] if view.lint_settings.peft else []
    parts += [", ".join(view.lint_settings.serve)] if view.lint_settings.serve else []
    if width >= WIDE and view.impact.transformers:
        parts.append(f"transformers {view.impact.transformers}")
    return Content("  │  ".join(parts))


def format_preview(view: View) -> str:
    """How many modules the names match that are tried out, or why none."""
    if view.preview is None:
        return ""
    if view.preview.reason:
        return view.preview.reason.partition(",")[0]
    return f"{view.preview.modules:,} match"


def is_light_terminal() -> bool:
    """Whether the terminal says that its background is light (COLORFGBG, as rxvt sets it)."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
