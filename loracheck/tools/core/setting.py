"""`Setting`: one LoRA configuration found in a file, in PEFT's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from loracheck.named_tuple import NamedTuple
from loracheck.records import field, record

from .lookup import get_block

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path, Unknown
    from loracheck.documents.python.own_modules import OwnModule
    from loracheck.documents.values import Value

    from .module_selection import Selection
    from .tool import Tool


class ConfigText(str):
    """Words for a config that stands where a number belongs."""

    __slots__ = ()

    help = "write the config's fields as arguments: r=..., lora_alpha=..., target_modules=[...]"


class PassedOver(NamedTuple):
    """A value of the file that the tool passes over, or takes for something else, in this file."""

    path: Path
    says: str
    """What becomes of it, after "the tool passes over `key: value`: "."""
    help: str
    source: str
    """File and function of the tool that was read."""


class Server(NamedTuple):
    """A server that takes the adapter of a setting.

    `engine` is a name that `--serve` knows; `rank` the one that it is started with, None for the
    engine's default; `sets_rank` says that whoever starts it gives it the adapter's own rank, or
    one that is not known; `version` is the engine's release, where the file tells it; `rank_option`
    is what the program that starts it calls the option for the rank.
    """

    engine: str
    rank: int | None = None
    sets_rank: bool = False
    version: str | None = None
    rank_option: str | None = None


class LoadedPart(NamedTuple):
    """A model that another one holds, as it is loaded; the attributes are those of `Setting`."""

    model: str
    revision: str | None
    heads: tuple[str, ...]
    num_labels: int | None
    part: str | None
    quantization: str | None


class OwnModel(NamedTuple):
    """A model that is an object of a class of the file's own."""

    module: OwnModule
    """What the class holds."""

    loaded: dict[int, LoadedPart]
    """The models that it loads, by the root of the call."""


@record
class Behaviour:
    """What the tool does beside handing LoraConfig its fields, as far as this file goes."""

    planned: dict[str, Any] = field(default_factory=dict)
    """Values to plan with instead of those in `Setting.fields`, where the tool patches PEFT so that
    it takes them.
    """

    lists_linear: bool = False
    """A target of "all-linear" is a list that the tool makes itself, of the last names of all
    linear layers: with fused experts PEFT does something else for its own "all-linear".
    """

    lists_head: bool = False
    """The list of `lists_linear` has the output head in it."""

    parts: dict[str, tuple[str, Path]] = field(default_factory=dict)
    """Entries of the file that do not stand in `Setting.fields` as such: each with the expression
    for whole names that it comes to, and its place.
    """

    passed_over: list[PassedOver] = field(default_factory=list)
    """Values without the effect that they seem to have."""

    model_config: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    """Keys of the base model's config.json with the values that it may have, where the tool trains
    some of the models of a class alone.
    """

    checkpoint: tuple[str, Path] | None = None
    """The checkpoint that the tool loads, with its place, where `Setting.model` is only one whose
    layers have the same names.
    """

    program: str = ""
    """The script that the command starts, without its folder and `.py`, or that the tool's surface
    starts for this file; empty where no script is known.
    """

    selection: Selection | None = None
    """How the tool chooses modules, where it has LoRA layers of its own and does not choose them as
    PEFT does; with it the setting is held against the model although `Setting.own_lora` is set.
    """

    excluded_by: dict[str, Path] = field(default_factory=dict)
    """The file's own keys by which the tool leaves modules out, where it makes `exclude_modules` of
    them, with their places.
    """

    saves_embeddings: bool = False
    """The tool trains the input and output embeddings in full, under the names that the model has
    for them.
    """

    served_rank: int | None = None
    """The highest rank that the engine takes which the tool itself starts for this run."""

    rank_handed_on: tuple[str, str] | None = None
    """The library that starts vLLM for this run, and its release before which it starts it with the
    adapter's own rank as the highest one.
    """

    server: Server | None = None
    """The server that the same file starts, or names, for the adapter."""

    wrapper: str = ""
    """What the names of the model's modules begin with, where the adapter is put on PEFT's wrapper
    around it: "base_model.model".
    """

    on_adapter: bool = False
    """The model is in PEFT's wrapper already, so that its names begin with the wrapper's."""

    own_layers: bool = False
    """The tool puts LoRA layers of its own where PEFT would put its, so that what PEFT refuses is
    no fault.
    """

    opened_classes: tuple[str, ...] = ()
    """Parts of the names of module classes inside of which the tool patches PEFT to look."""

    quantizes_experts: bool = False
    """The tool quantises fused experts by itself, or may."""

    adds_experts: bool = False
    """The tool adds the target_parameters of fused experts by itself."""


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

    options: dict[Any, Value] | None = None
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
    def mapping(self) -> dict[Any, Value]:
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
