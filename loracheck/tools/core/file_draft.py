"""A config in the words of a tool, as its module's `write` puts it together: the reverse of `read`.

The keys come from the tool's key map; what the map cannot say, the module changes in the draft. The
text is made of it by `explain/write/`.
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .key import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from loracheck.documents.values import Value

    from .tool import Tool

CAUSAL = ("ForCausalLM", "LMHeadModel")
"""How the names of plain causal model classes end."""


class WriteRequest(NamedTuple):
    """A config that is to be written."""

    values: Mapping[str, Any]
    """LoraConfig's field -> its value."""

    model: str | None = None
    """The base model's id or path."""

    cls: str | None = None
    """The model's class in transformers; None stands for AutoModelForCausalLM."""

    part: str | None = None
    """The folder of a pipeline of diffusers that the model stands in; None for transformers'."""

    quantization: str | None = None
    """"4bit", "8bit" or None."""

    reasons: Mapping[str, str] = {}  # never changed
    """Comments by field, for formats that have comments."""

    head: str | None = None
    """A comment for the top."""

    @property
    def bits(self) -> int | None:
        """The number of bits that the base model is loaded in; None for all."""
        return {"4bit": 4, "8bit": 8}.get(self.quantization or "")


ALWAYS_WRITTEN = ("r", "lora_alpha", "lora_dropout", "target_modules")
"""Written even where they are the default: a reader looks for them."""

NEVER_WRITTEN = frozenset({"peft_type", "base_model_name_or_path", "auto_mapping", "peft_version"})
"""Written by the formats themselves, or by PEFT when it saves."""


def select_fields(values: Mapping[str, Value], defaults: Mapping[str, Value]) -> dict[str, Any]:
    """The fields to write: the four that every config has, then what differs from the tool's
    default (PEFT's, where the tool passes none).
    """
    every = get_lora_fields()
    selected: dict[str, Any] = {}
    for name in (*ALWAYS_WRITTEN, *every):
        if name in selected or name in NEVER_WRITTEN:
            continue
        default = defaults.get(name, every[name].default)
        value = values.get(name, every[name].default)
        if value != default or (name in ALWAYS_WRITTEN and name in values):
            selected[name] = value
    return selected


class FileDraft:
    """A tool's file in the making."""

    def __init__(
        self, request: WriteRequest, tool: Tool, fixed: Mapping[str, Value] | None = None
    ) -> None:
        """`fixed` are fields that the tool sets itself, whatever the file says."""
        defaults = {k.field: k.default for k in tool.keys if k.field and k.default is not UNSET}
        self.values = select_fields(request.values, {**defaults, **(fixed or {})})
        """Field -> value, of the fields that are written."""
        self.names = {k.field: k.name for k in tool.keys if k.field}
        """Field -> the tool's key for it."""
        self.left_out = [name for name in self.values if name not in self.names]
        """Fields that the tool has no words for."""
        self.keys = {self.names[n]: v for n, v in self.values.items() if n in self.names}
        """The keys of the tool's block, with their values."""
        self.top: dict[str, Any] = {}
        """What stands above the block, at the top of the file."""
        self.block = tool.block
        """The keys that lead to the block."""
        for name, value in self.values.items():
            if value is None and name in self.names and defaults.get(name) is not None:
                self.leave_out(name)  # null is as good as nothing: the tool takes its own

    def leave_out(self, field: str) -> None:
        """The tool cannot say this value."""
        self.keys.pop(self.names[field], None)
        self.left_out.append(field)


class ScriptDraft(NamedTuple):
    """A Python script in the making."""

    imports: tuple[str, ...]
    """Import statements."""

    loading: str
    """What the call that loads the model begins with, up to its bracket."""

    load_arguments: tuple[str, ...]
    """Its arguments after the model."""

    opening: tuple[str, ...]
    """Lines up to the LoRA arguments."""

    values: Mapping[str, Any]
    """The LoRA arguments."""

    closing: tuple[str, ...]
    """Lines after them."""
