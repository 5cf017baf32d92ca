"""Wrapping one targeted module: rank and alpha, the layer PEFT chooses, the record of it.

Source: PEFT 0.21.2, tuners/lora/model.py `_create_and_replace`, `_create_new_module`.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import RefusedError
from .layers import Asked, Built, attention, flip, linear
from .matching import Patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

    from .modules import Mod, Par
    from .settings import Lora
    from .warned import Warned

KINDS = {
    "Embedding": "embedding",
    "Conv1d": "conv",
    "Conv2d": "conv",
    "Conv3d": "conv",
    "MultiheadAttention": "attention",
    "Linear": "linear",
    "Conv1D": "linear",
}

MAMBA_MODELS = frozenset({"falcon_h1", "mamba", "mamba2", "falcon_mamba", "nemotron_h"})
MAMBA_LEAVES = frozenset({"out_proj", "conv1d"})
"""`_check_lora_target_modules_mamba`: their weights are used past the module's forward."""

SUPPORTED = (
    "Currently, only the following modules are supported: `torch.nn.Linear`, `torch.nn.Embedding`, "
    "`torch.nn.Conv1d`, `torch.nn.Conv2d`, `torch.nn.Conv3d`, `transformers.pytorch_utils.Conv1D`, "
    "`torch.nn.MultiheadAttention.`."
)


class Made(NamedTuple):
    """One wrapped module, before it is told as a `Wrapped`."""

    built: Built
    asked: Asked
    parameter: str | None
    tied: bool


class Wrapping:
    """Everything the wrapping of modules shares."""

    def __init__(self, lora: Lora, tree: ModuleTree, warned: Warned, root: Mod) -> None:
        self.lora = lora
        self.tree = tree
        self.warned = warned
        self.root = root
        self.ranks = Patterns(lora.rank_pattern, "rank_pattern") if _usable(lora) else None
        self.alphas: Patterns | None = None
        self.made: list[Made] = []
        self.fan = lora.fan_in_fan_out
        self.names: list[str] = []

    def asked(self, mod: Mod, name: str) -> Asked:
        """The layer to build, with the first matching rank and alpha."""
        lora = self.lora
        if self.ranks is None:
            self.ranks = Patterns(lora.rank_pattern, "rank_pattern")
        if self.alphas is None:
            self.alphas = Patterns(lora.alpha_pattern, "alpha_pattern")
        key = self.ranks.key(name) if lora.rank_pattern else None
        rank = lora.r if key is None else self.ranks.values[key]
        key = self.alphas.key(name) if lora.alpha_pattern else None
        alpha = lora.lora_alpha if key is None else self.alphas.values[key]
        return Asked(lora, self.warned, mod, name, rank, alpha, self.tree.dtype)

    def compatible(self, leaf: str, name: str) -> None:
        """`_check_target_module_compatiblity`."""
        if self.tree.model_type in MAMBA_MODELS and leaf in MAMBA_LEAVES:
            text = (
                f"[PEFT:PeftType.LORA] Module '{leaf}' is incompatible with Mamba-based models "
                f"(model_type='{self.tree.model_type}'). "
                "Please remove it from `target_modules` to avoid compatibility issues."
            )
            raise RefusedError("mamba-module", "ValueError", text, "target_modules", name)

    def wrap(self, name: str) -> None:
        """Replace the module of that name by its LoRA layer."""
        self.names.append(name)
        parent_name, _, leaf = name.rpartition(".")
        parent, target = self.root.submodule(parent_name), self.root.submodule(name)
        self.compatible(leaf, name)
        asked = self.asked(target, name)
        tied = leaf in self.lora.targets_to_tie
        if tied:
            asked = asked._replace(tied=self._embedding_weights(name))
        built = self._new(asked)
        parent.children[leaf] = built.layer
        self.record(built, asked, tied=tied)

    def _new(self, asked: Asked) -> Built:
        if self.lora.megatron_config:
            megatron(self.lora)
        kind = KINDS.get(str(asked.mod.kind)) if not asked.mod.role else None
        if kind == "linear":
            return linear(asked)
        if kind is None:
            text = f"Target module {asked.mod.class_name} is not supported. {SUPPORTED}"
            raise RefusedError(
                "unsupported-module", "ValueError", text, "target_modules", asked.name
            )
        from . import other_layers

        if kind == "embedding":
            return other_layers.embedding(asked)
        return attention(asked) if kind == "attention" else other_layers.convolution(asked)

    def settle_fan(self) -> None:
        """Replay fan_in_fan_out in the order of single modules.

        Each Linear and Conv1D turns the config's value to its own; a group stands for modules that
        others come between, so only where both kinds are wrapped the order has to be unfolded.
        """
        kinds = [(made, made.asked.mod.kind) for made in self.made]
        if not {"Linear", "Conv1D"} <= {kind for _, kind in kinds}:
            return
        order = sorted(
            (place, kind == "Conv1D")
            for made, kind in kinds
            if kind in ("Linear", "Conv1D")
            for place in places(made.asked.mod.group)
        )
        fan = bool(self.fan)
        for _, conv1d in order:
            if conv1d is not fan:
                fan = flip(self.warned, conv1d)
        self.lora.fan_in_fan_out = fan

    def _embedding_weights(self, name: str) -> tuple[Par, Par]:
        embedding = self.root.submodule(self.tree.input_embeddings or "")
        if embedding.role != "lora":
            text = f"'{embedding.class_name}' object has no attribute 'lora_embedding_A'"
            raise RefusedError(
                "tied-embedding", "AttributeError", text, "ensure_weight_tying", name
            )
        parts = (embedding.children[f"lora_embedding_{side}"] for side in "AB")
        first, second = (part.pars["default"] for part in parts)
        return first, second

    def record(
        self, built: Built, asked: Asked, parameter: str | None = None, *, tied: bool = False
    ) -> None:
        """Note what was wrapped."""
        self.made.append(Made(built, asked, parameter, tied))


def places(group: Group) -> Iterator[tuple[int, ...]]:
    """Where each member of a group stands in `named_modules()`."""
    stars = [i for i, part in enumerate(group.template.split(".")) if part == "*"]
    for chosen in product(*group.indices):
        place = list(group.position)
        for star, index in zip(stars, chosen, strict=True):
            place[star] = index
        yield tuple(place)


def _usable(lora: Lora) -> bool:
    return hasattr(lora.rank_pattern, "keys")


def megatron(lora: Lora) -> None:
    """`dispatch_megatron`, which comes before every layer of torch."""
    core: Any = lora.megatron_core
    if not str(core).startswith("megatron."):
        text = f"config.megatron_core={core!r} does not start with a valid prefix (['megatron'])"
        raise RefusedError("megatron-prefix", "ValueError", text, "megatron_core")
    text = "No module named 'megatron'"
    raise RefusedError("megatron-missing", "ModuleNotFoundError", text, "megatron_config")
