"""Writes the config on screen in the words of another tool."""

from __future__ import annotations

from loracheck.explain.write import WRITABLE_TOOLS, WriteRequest, WriteResult, write
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from .view import View

__all__ = ["WRITABLE_TOOLS", "describe_left_out", "export_config"]


def export_config(view: View, tool: str) -> WriteResult:
    """The text of a file for one of the tools in FORMS, for the model that is looked at."""
    setting = view.context.setting
    model = view.lint_settings.model or (setting.model if isinstance(setting.model, str) else None)
    values = {k: v for k, v in setting.fields.items() if k not in setting.unknown_keys}
    if model is not None and "base_model_name_or_path" in values:
        values["base_model_name_or_path"] = model
    quantization = setting.quantization if setting.quantization in ("4bit", "8bit") else None
    return write(WriteRequest(values, model, view.impact.cls, quantization=quantization), tool)


def describe_left_out(result: WriteResult) -> str:
    """What the tool has no words for, as a sentence; empty where it can say all."""
    names = ", ".join(result.unwritten_fields)
    return f"left out, for this tool cannot say it: {names}" if names else ""
