"""From a config to the text of a tool's file: the tool's module drafts it, this one formats it."""

from __future__ import annotations

import json

from loracheck.named_tuple import NamedTuple
from loracheck.tools.core.file_draft import ScriptDraft, select_fields
from loracheck.tools.core.index import load_index
from loracheck.tools.core.registry import import_tool
from loracheck.type_checking import TYPE_CHECKING

from .python_text import format_script, write_peft_script
from .request import WriteResult, split_unknown
from .yaml_text import format_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.tools.core.file_draft import FileDraft, WriteRequest


class FileFormat(NamedTuple):
    """What can be written for a tool."""

    title: str
    """What it is called where people choose."""

    file: str
    """A name for the file."""

    comments: bool = True
    """Whether it has comments."""

    no_dropout: str | None = None
    """Why a first config should have no dropout there, where the tool has a reason."""

    @property
    def is_script(self) -> bool:
        """Whether it is Python, which runs as it is."""
        return self.file.endswith(".py")


WRITABLE_TOOLS: dict[str, FileFormat] = {
    "peft": FileFormat("Python (PEFT)", "lora.py"),
    "peft-json": FileFormat("adapter_config.json", "adapter_config.json", comments=False),
    **{
        name: FileFormat(title, file, no_dropout=no_dropout)
        for name, (title, file, no_dropout) in load_index().writers.items()
    },
}
"""What can be written, by the name that `loracheck init` takes: PEFT's own forms, then tools."""


def write(request: WriteRequest, tool: str) -> WriteResult:
    """The text of a file for the tool. Raises KeyError for a tool that is not in WRITABLE_TOOLS."""
    plain, unknown = split_unknown(request)
    result = _PEFT_FORMS[tool](plain) if tool in _PEFT_FORMS else _write_for_tool(plain, tool)
    omitted_fields = (name for name in result.unwritten_fields if name in request.values)
    return result._replace(unwritten_fields=tuple(dict.fromkeys((*omitted_fields, *unknown))))


def _write_for_tool(request: WriteRequest, tool: str) -> WriteResult:
    draft: FileDraft | ScriptDraft = import_tool(tool).write(request)
    if isinstance(draft, ScriptDraft):
        return WriteResult(format_script(draft, request))
    inner: dict[str, Any] = draft.keys
    for key in reversed(draft.block):
        inner = {key: inner}
    reasons = {
        ".".join((*draft.block, draft.names[field])): text
        for field, text in request.reasons.items()
        if field in draft.names
    }
    text = format_document({**draft.top, **inner}, reasons, request.head)
    return WriteResult(text, tuple(draft.left_out))


def _write_json(request: WriteRequest) -> WriteResult:
    values = select_fields(request.values, {})
    model = request.values.get("base_model_name_or_path", request.model)
    full = {"peft_type": "LORA", "base_model_name_or_path": model, **values}
    return WriteResult(json.dumps(full, indent=2, ensure_ascii=False) + "\n")


_PEFT_FORMS: dict[str, Callable[[WriteRequest], WriteResult]] = {
    "peft": write_peft_script,
    "peft-json": _write_json,
}
