"""`Setting`: one LoRA configuration found in a file, in PEFT's own terms."""

from __future__ import annotations

from loracheck.records import field, record
from loracheck.type_checking import TYPE_CHECKING

from .behaviour import Behaviour, OwnModel
from .lookup import get_block

if TYPE_CHECKING:
    from typing import Any, Literal

    from loracheck.documents.model import Document, Path, Unknown
    from loracheck.documents.values import Table, Value

    from .tool import Tool


class ConfigText(str):
    """Words for a config that stands where a number belongs."""

    __slots__ = ()

    help = "write the config's fields as arguments: r=..., lora_alpha=..., target_modules=[...]"


@record
class Setting:
    """What a file asks PEFT for, and where each part of it stands."""

    tool_name: str
    """The tool whose file it is: `dialect` in reports."""

    document: Document
    """The file, or the part of one, that it was found in."""

    path: Path
    """Where the mapping of the tool's LoRA keys stands in the document."""

    fields: dict[str, Any]
    """LoraConfig's field -> the value that PEFT would be given; `Unknown` where that cannot be
    known.
    """

    places: dict[str, Path] = field(default_factory=dict)
    """Field -> its value's path in the document; a field without a place was set by the tool."""

    keys: dict[str, str] = field(default_factory=dict)
    """Field -> its key in the file, where that is not the field's own name (`r`: `lora_r`)."""

    unknown_keys: dict[str, Path] = field(default_factory=dict)
    """Keys that mean nothing to the tool, with their paths. Where the file uses PEFT's own names
    they stand in `fields` and `places` too.
    """

    unknown_key_effect: Literal["raises", "warns", "drops"] = "raises"
    """What the tool does with `unknown_keys`."""

    suggestions: dict[str, str] = field(default_factory=dict)
    """Unknown key -> the tool's key that was meant."""

    foreign_keys: set[str] = field(default_factory=set)
    """Unknown keys that say nothing of LoRA and are like no key of the tool's: a fork may have
    them.
    """

    method: str | None = None
    """The `peft_type` where it is another of PEFT's methods than LoRA: then `fields` has what
    chooses modules alone.
    """

    method_values: dict[str, Value] = field(default_factory=dict)
    """All values of a config of another method."""

    model: str | Unknown | None = None
    """The base model: a hub id or path as written."""

    assumed: bool = False
    """`model` is only the default of one of the script's options, so that whoever runs it may give
    another.
    """

    run_by: str = ""
    """The shell script of the repository that runs the file with `model`, where the file itself
    leaves it open.
    """

    assumed_fields: dict[str, Unknown] = field(default_factory=dict)
    """Fields whose value is only a default that the script gives, as `assumed`, and what they are
    where whoever runs it gives another.
    """

    taken_for_config: str | None = None
    """The class that is taken for LoraConfig, which it extends or wraps; None for LoraConfig
    itself.
    """

    model_place: Path | None = None
    """Where `model` stands."""

    trained_on: str | None = None
    """For a saved adapter that a script puts on a model of its own: the model that its config
    names, where that is another text.
    """

    revision: str | None = None
    """The revision of the base model on the hub."""

    part: str | None = None
    """The folder of the checkpoint that the base model stands in ("transformer" of a pipeline of
    diffusers); None for the checkpoint itself.
    """

    submodule: str = ""
    """The module inside of the model that the adapter is put on, by its full name; "" for the model
    itself.
    """

    own_model: OwnModel | None = None
    """What the base model holds, where it is an object of a class of the file's own; `model` is
    unknown then.
    """

    layout: str | None = None
    """The table of `trees/layouts.py` with the names of the model's layers, for a tool that loads
    the model as it was first published.
    """

    heads: tuple[str, ...] = ()
    """The model classes to try, best first: a suffix of an Auto class ("CausalLM",
    "SequenceClassification"; "Model" for AutoModel) or a class name ("LlamaForCausalLM").

    Empty means the class that the checkpoint's own config.json names, and is what task_type
    CAUSAL_LM gives: the own class is the causal one where there is one, and a vision-language model
    tuned as CAUSAL_LM is loaded as its own ...ForConditionalGeneration (AutoModelForCausalLM would
    give another class or none).
    """

    num_labels: int | None = None
    """The number of classes that the model's new head is made for."""

    class_given: bool = False
    """The file itself names the model's class of transformers, rather than task_type choosing it.
    """

    complete: bool = True
    """False where further fields may be set that cannot be read (`**kwargs`), so that an absent
    field is unknown, not default.
    """

    purpose: Literal["training", "saved"] = "training"
    """"saved" for a file that PEFT wrote beside adapter weights and for a config that weights are
    loaded with, "training" for one that starts a run.
    """

    peft_version: str | None = None
    """The release of PEFT that wrote the file."""

    quantization: str | None = None
    """How the base model is loaded: "4bit", "8bit", or a method's name ("gptq")."""

    tells_quantization: bool = False
    """`quantization` is all there is of it, so that None is none, where `Tool.tells_quantization`
    does not say so: the call that loads the model can be read whole.
    """

    own_lora: str | None = None
    """A sentence for a tool that has LoRA layers of its own and names modules in its own way: its
    values can be judged, a module tree of transformers says nothing about it.
    """

    tool: Tool | None = None
    """The key map that the file is read by; None for PEFT's own names."""

    form: Literal["tool", "adapter_config", "python", "mapping"] = "tool"
    """What holds it: a tool's own file, command or call; PEFT's adapter_config.json; a call of
    PEFT's in Python; or any mapping with LoraConfig's names, which a script reads.
    """

    behaviour: Behaviour = field(default_factory=Behaviour)
    """What the tool does beside handing LoraConfig its fields."""

    options: Table | None = None
    """For a command: its options, each with the value that the tool's parser makes of the words."""

    options_known: bool = True
    """Whether these are all options of the command."""

    calls: dict[str, int] = field(default_factory=dict)
    """For a tool's calls in Python: `lora` and `loader` -> the roots that are their arguments."""

    calls_known: bool = True
    """Whether all arguments of these calls are known."""

    def place(self, name: str) -> Path:
        """Where the field's value stands, or the whole setting where the file does not set it."""
        return self.places.get(name, self.path)

    @property
    def traps(self) -> tuple[str, ...]:
        """The rules of one tool's traps that speak of this file (`Tool.traps`)."""
        return self.tool.traps if self.tool is not None else ()

    @property
    def mapping(self) -> Table:
        """What the file gives at `path`; of a command the values that the tool's parser makes of
        the words. An empty mapping where that is no mapping.
        """
        if self.options is not None:
            return get_block(self.options, *map(str, self.path[1:]))
        value: Any = self.document.roots
        try:
            for step in self.path:
                value = value[step]
        except (KeyError, IndexError, TypeError):  # a section that the file does not have
            return {}
        return value if isinstance(value, dict) else {}
