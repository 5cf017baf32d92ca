"""`Setting`: one LoRA configuration found in a file, in PEFT's own terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path, Unknown

    from .tool import Tool


@dataclass
class Setting:
    """What a file asks PEFT for, and where each part of it stands.

    `fields` maps LoraConfig field names to the values PEFT would be given (`Unknown` where a value
    cannot be known); `places` maps the same names to the value's path in the document (a field
    without a place was set by the tool). `complete` is False where further fields may be set that
    cannot be read (`**kwargs`), so that an absent field is unknown, not default. `keys` gives the
    spelling in the file where it differs from PEFT's (`lora_r` for `r`). `unknown_keys` are keys
    that mean nothing to the tool, with what the tool does with them in `unknown_key_effect`; where
    the file uses PEFT's own names they stand in `fields` and `places` too. `suggestions` maps such
    a key to the tool's key that was meant.

    `model` is a hub id or path as written, `assumed` where it is only the default of one of the
    file's options, so that whoever runs it may give another; `heads` are the model classes to try,
    best first: a suffix of an Auto class ("CausalLM", "SequenceClassification"; "Model" for
    AutoModel) or a class name ("LlamaForCausalLM"). Empty means the class that the checkpoint's own
    config.json names, and is what task_type CAUSAL_LM gives: the own class is the causal one where
    there is one, and a vision-language model tuned as CAUSAL_LM is loaded as its own
    ...ForConditionalGeneration (AutoModelForCausalLM would give another class or none).
    `class_given` tells whether the file itself names the class (rather than task_type choosing it).
    `quantization` is how the base model is loaded: "4bit", "8bit", or a method's name ("gptq").
    `purpose` is "saved" for a file PEFT wrote beside adapter weights and for a config that weights
    are loaded with, "training" for one that starts a run. `own_lora` is a sentence for a tool that
    has LoRA layers of its own and names modules in its own way: its values can be judged, a module
    tree of transformers says nothing about it. `tool` is the key map of the tool whose file it is.
    `planned` holds values to plan with instead of those in `fields`, where the tool patches PEFT so
    that it takes them. `lists_linear` says that a target of "all-linear" is a list that the tool
    makes itself, of the last names of all linear layers: with fused experts PEFT does something
    else for its own "all-linear". `parts` are entries of the file that do not stand in `fields` as
    such: each with the expression for whole names that it comes to, and its place. `served_rank` is
    the highest rank that the engine takes which the tool itself starts for this run.
    """

    dialect: str
    document: Document
    path: Path
    fields: dict[str, Any]
    places: dict[str, Path] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    unknown_keys: dict[str, Path] = field(default_factory=dict)
    unknown_key_effect: Literal["raises", "warns", "drops"] = "raises"
    suggestions: dict[str, str] = field(default_factory=dict)
    model: str | Unknown | None = None
    assumed: bool = False
    model_place: Path | None = None
    revision: str | None = None
    heads: tuple[str, ...] = ()
    num_labels: int | None = None
    class_given: bool = False
    complete: bool = True
    purpose: Literal["training", "saved"] = "training"
    peft_version: str | None = None
    quantization: str | None = None
    own_lora: str | None = None
    tool: Tool | None = None
    planned: dict[str, Any] = field(default_factory=dict)
    lists_linear: bool = False
    served_rank: int | None = None
    parts: dict[str, tuple[str, Path]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def place(self, name: str) -> Path:
        """Where the field's value stands, or the whole setting where the file does not set it."""
        return self.places.get(name, self.path)

    @property
    def mapping(self) -> dict[Any, Any]:
        """What stands in the file at `path`; an empty mapping where that is no mapping."""
        value: Any = self.document.roots
        for step in self.path:
            value = value[step]
        return value if isinstance(value, dict) else {}
