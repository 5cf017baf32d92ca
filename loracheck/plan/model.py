"""What PEFT would do with a config and a model, as plain values."""

from __future__ import annotations

from itertools import product

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from loracheck.trees.groups import Group

    Stage = Literal["config", "before", "wrapping", "after"]
    """Where an error comes: in LoraConfig itself, before any module is touched, in the middle of
    the wrapping, or after it. From "wrapping" on the model is left half changed.
    """
    WrapperKind = Literal["linear", "embedding", "conv", "attention", "parameter", "other"]
else:
    Stage = str
    WrapperKind = str


class PlanError(NamedTuple):
    """The error that `LoraConfig(...)` or `get_peft_model` would raise.

    `code` is loracheck's stable name; `exception` the class as PEFT raises it; `message` PEFT's
    words (shortened where they print a whole module or set); `field` the config field to blame and
    `module` the module or parameter at hand, where there is one. The codes
    "unsafe-regex" and "long-regex" are loracheck's own: matching the pattern took too long, so it
    was stopped; the pattern is too long to be compiled.
    """

    code: str
    exception: str
    message: str
    field: str | None = None
    module: str | None = None
    stage: Stage = "before"


class PlanWarning(NamedTuple):
    """A warning that PEFT emits. `category` is the warning class's name."""

    code: str
    category: str
    message: str
    field: str | None = None


class WrappedModule(NamedTuple):
    """Modules (or parameters) that get LoRA layers, alike in everything the config can tell apart.

    `rank`, `alpha` and `scaling` are those PEFT's layers hold; `parameters` is what one module of
    the group adds to the model; `parameter` names the nn.Parameter for entries of
    `target_parameters`; `entries` are the entries of `field` that reached it. `tied` marks a layer
    whose LoRA weights are those of the input embedding.
    """

    group: Group
    kind: WrapperKind
    rank: int
    alpha: float
    scaling: float
    parameters: int
    entries: tuple[str, ...]
    field: Literal["target_modules", "target_parameters"] = "target_modules"
    parameter: str | None = None
    tied: bool = False

    def names(self) -> Iterator[str]:
        """Full names of the wrapped modules or parameters."""
        for name in self.group.names():
            yield f"{name}.{self.parameter}" if self.parameter else name


class SavedModule(NamedTuple):
    """Modules trained and saved in full: a copy of each is made, the original is frozen.

    `name` is the module's name in the wrapped model's base (it differs from `group.name` inside a
    LoRA layer), `parameters` the size of one copy, `entry` the one of modules_to_save that
    matched, `automatic` whether PEFT added that entry itself for the task_type. `tied` marks a
    layer that shares the input embedding's copy.
    """

    group: Group
    name: str
    parameters: int
    entry: str
    automatic: bool = False
    tied: bool = False

    def names(self) -> Iterator[str]:
        """Full names of the saved modules."""
        return list_member_names(self.name, self.group)


class Tokens(NamedTuple):
    """An embedding of which single rows train. `parameters` is what one such layer adds."""

    group: Group
    name: str
    entry: str
    indices: int
    parameters: int
    tied: bool = False

    def names(self) -> Iterator[str]:
        """Full names of the layers."""
        return list_member_names(self.name, self.group)


def list_member_names(name: str, group: Group) -> Iterator[str]:
    """The names of a group's members, where `name` is the first one's and may lie deeper."""
    if group.count == 1:
        yield name
        return
    parts = name.split(".")
    places: list[int] = []
    at = -1
    for part, first in zip(group.template.split("."), group.name.split("."), strict=True):
        at = parts.index(first, at + 1)
        if part == "*":
            places.append(at)
    for indices in product(*group.indices):
        for place, index in zip(places, indices, strict=True):
            parts[place] = str(index)
        yield ".".join(parts)


class EntryMatch(NamedTuple):
    """What one entry of a config field came to.

    `matched` counts modules (parameters for target_parameters) whose name the entry matches by the
    field's own rule; `effect` counts those where it decided something: wrapped through it
    (target_modules, target_parameters, layers_to_transform, layers_pattern), kept out by it though
    targeted (exclude_modules), trained in full through it (modules_to_save), given its rank or
    alpha (rank_pattern, alpha_pattern: the first matching key wins).
    """

    field: str
    entry: str | int
    matched: int
    effect: int


class Plan(NamedTuple):
    """Everything PEFT would do; with an `error`, only what the entries match by their names.

    `targeted` counts what PEFT lists as targeted_module_names and targeted_parameter_names;
    `trainable` and `total` are `get_nb_trainable_parameters()` (None where a value they rest on is
    unknown, or after an error). `unknown` names fields whose value could not be known and was
    taken as the default. `linears` counts all modules that `all-linear` could reach.
    """

    error: PlanError | None = None
    warnings: tuple[PlanWarning, ...] = ()
    wrapped: tuple[WrappedModule, ...] = ()
    saved: tuple[SavedModule, ...] = ()
    tokens: tuple[Tokens, ...] = ()
    entry_matches: tuple[EntryMatch, ...] = ()
    trainable: int | None = None
    total: int | None = None
    targeted: int = 0
    unknown: tuple[str, ...] = ()

    def list_matches(self, field: str) -> tuple[EntryMatch, ...]:
        """The reaches of one field, in the order of its entries."""
        return tuple(matches for matches in self.entry_matches if matches.field == field)
