"""Wrapping one targeted module: rank and alpha, the layer PEFT chooses, the record of it.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/model.py `_create_and_replace`,
`_create_new_module`.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents.model import Record
from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.match import Patterns

from .lora_layers import Asked, Built, attention, flip, linear
from .weight_tying import accessed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.graph.module_graph import Mod, Par
    from loracheck.plan.result.warning_log import Warned
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

KINDS = {
    "Embedding": "embedding",
    "Conv1d": "conv",
    "Conv2d": "conv",
    "Conv3d": "conv",
    "MultiheadAttention": "attention",
    "Linear": "linear",
    "Conv1D": "linear",
}


def wrappable(lora: Lora, kind: str | None) -> bool:
    """Whether the release has a LoRA layer for this kind of module."""
    if kind == "Conv3d":
        return lora.has(releases.CONV3D)
    if kind in ("Conv1d", "MultiheadAttention"):
        return lora.has(releases.CONV1D_AND_ATTENTION)
    return kind in KINDS


MAMBA_MODELS = frozenset({"falcon_h1", "mamba", "mamba2", "falcon_mamba", "nemotron_h"})
MAMBA_LEAVES = frozenset({"out_proj", "conv1d"})
"""`_check_lora_target_modules_mamba`: their weights are used past the module's forward."""

SUPPORTED = ("Linear", "Embedding", "Conv1d", "Conv2d", "Conv3d", "Conv1D", "MultiheadAttention")
"""In the order of PEFT's message."""


def supported(lora: Lora) -> str:
    """The end of the message that a module is not supported."""
    shown = {"Conv1D": "transformers.pytorch_utils.Conv1D"}
    names = [
        f"`{shown.get(kind, f'torch.nn.{kind}')}`" for kind in SUPPORTED if wrappable(lora, kind)
    ]
    return f"Currently, only the following modules are supported: {', '.join(names)}."


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
        self.ranks = self._patterns("rank_pattern") if _usable(lora) else None
        self.alphas: Patterns | None = None
        self.made: list[Made] = []
        self.fan = lora.fan_in_fan_out
        self.names: list[str] = []

    def _patterns(self, field: str) -> Patterns:
        lora = self.lora
        return Patterns(getattr(lora, field), field, whole=lora.has(releases.PATTERNS_WHOLE))

    def keys(self, name: str) -> tuple[str | None, str | None]:
        """The key of rank_pattern and that of alpha_pattern that give the module its values.

        PEFT asks all of rank_pattern before it looks at alpha_pattern, and so fails at it first.
        """
        if self.ranks is None:
            self.ranks = self._patterns("rank_pattern")
        ranks, apart = self.ranks, self.lora.has(releases.PATTERNS_APART)
        rank_key = ranks.key(name) if apart and ranks.values else None
        if self.alphas is None:
            self.alphas = self._patterns("alpha_pattern")
        alphas = self.alphas
        if apart:
            return rank_key, alphas.key(name) if alphas.values else None
        key = ranks.first(name) or alphas.first(name) or name
        return key if key in ranks.values else None, key if key in alphas.values else None

    def asked(self, mod: Mod, name: str) -> Asked:
        """The layer to build, with the first matching rank and alpha."""
        lora = self.lora
        rank_key, alpha_key = self.keys(name)
        rank = lora.r if rank_key is None else lora.rank_pattern[rank_key]
        alpha = lora.lora_alpha if alpha_key is None else lora.alpha_pattern[alpha_key]
        _runtime(lora)
        return Asked(lora, self.warned, mod, name, rank, alpha, self.tree.dtype)

    def compatible(self, leaf: str, name: str) -> None:
        """`_check_target_module_compatiblity`."""
        lora, model = self.lora, self.tree.model_type
        if model == "nemotron_h" and not lora.has(releases.NEMOTRON_H_CHECKED):
            return
        checked = lora.has(releases.MAMBA_CHECKED)
        if checked and model in MAMBA_MODELS and leaf in MAMBA_LEAVES:
            text = (
                f"[PEFT:PeftType.LORA] Module '{leaf}' is incompatible with Mamba-based models "
                f"(model_type='{model}'). "
                "Please remove it from `target_modules` to avoid compatibility issues."
            )
            raise RefusedError("mamba-module", "ValueError", text, "target_modules", name)

    def wrap(self, name: str) -> None:
        """Replace the module of that name by its LoRA layer."""
        self.names.append(name)
        parent_name, _, leaf = name.rpartition(".")
        parent = self.root.submodule(parent_name)
        target = parent.get(leaf) if name else parent
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
        if kind is None or not wrappable(self.lora, asked.mod.kind):
            text = f"Target module {asked.mod.class_name} is not supported. {supported(self.lora)}"
            raise RefusedError(
                "unsupported-module", "ValueError", text, "target_modules", asked.name
            )
        from . import other_layers

        if kind == "embedding":
            return other_layers.embedding(asked)
        return attention(asked) if kind == "attention" else other_layers.convolution(asked)

    def forget(self, there: set[int]) -> None:
        """Keep what is `there` still: a module that was saved may have been copied anew."""
        self.made = [made for made in self.made if id(made.built.layer) in there]

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
        embedding = self.root.submodule(accessed(self.tree) or "")
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


def _runtime(lora: Lora) -> None:
    """The one attribute of a LoraRuntimeConfig that PEFT reads; it makes none of a mapping."""
    if not isinstance(lora.runtime_config, Record):
        kind = type(lora.runtime_config).__name__
        text = f"'{kind}' object has no attribute 'ephemeral_gpu_offload'"
        raise RefusedError("runtime-config-type", "AttributeError", text, "runtime_config")


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
