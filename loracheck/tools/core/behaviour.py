"""What a tool does with one file's settings beside handing LoraConfig its fields."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.records import field, record
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Path
    from loracheck.documents.python.own_modules import OwnModule
    from loracheck.documents.values import Value

    from .module_selection import Selection


class PassedOver(NamedTuple):
    """A value of the file that the tool passes over, or takes for something else, in this file."""

    path: Path
    effect: str
    """What becomes of it, after "the tool passes over `key: value`: "."""
    help: str
    source: str
    """File and function of the tool that was read."""


class Server(NamedTuple):
    """A server that takes the adapter of a setting."""

    engine: str
    """A name that `--serve` knows."""

    rank: int | None = None
    """The rank that it is started with; None for the engine's default."""

    sets_rank: bool = False
    """Whoever starts it gives it the adapter's own rank, or one that is not known."""

    version: str | None = None
    """The engine's release, where the file tells it."""

    rank_option: str | None = None
    """What the program that starts it calls the option for the rank."""


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

    own_names: str = ""
    """For a tool with LoRA layers of its own that is given whole paths inside a block of the model:
    the JSON file that says of each model type which names the tool's modules have and the model's
    have not. With it the setting is held against the model although `Setting.own_lora` is set.
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
    adapter's own rank as the highest one; empty where every release does.
    """

    server: Server | None = None
    """The server that the same file starts, or names, for the adapter."""

    wrapper: str = ""
    """What the names of the model's modules begin with, where the adapter is put on PEFT's wrapper
    around it: "base_model.model".
    """

    pipeline: str = ""
    """diffusers' class of the pipeline whose part the base model is, where the file names it."""

    companion: bool = False
    """The setting is of a further part of the checkpoint (a text encoder), which gets LoRA beside
    that of the setting before it.
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

    def is_held_against_model(self) -> bool:
        """Whether a tool that makes its LoRA layers itself chooses them in a way that is known."""
        return self.selection is not None or bool(self.own_names)
