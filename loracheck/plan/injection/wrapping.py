"""Wrapping one targeted module: rank and alpha, the layer PEFT chooses, the record of it.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/model.py `_create_and_replace`,
`_create_new_module`.
"""

from __future__ import annotations

from itertools import product

from loracheck.documents.model import Record
from loracheck.named_tuple import NamedTuple
from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.match import Patterns
from loracheck.type_checking import TYPE_CHECKING

from .layer_request import LayerRequest, LoraLayer
from .lora_layers import build_attention, build_linear, sync_fan_in_fan_out
from .other_methods import build_method_layer
from .weight_tying import find_embedding_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Module, Parameter
    from loracheck.plan.warning_log import WarningLog
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

WRAPPER_KINDS = {
    "Embedding": "embedding",
    "Conv1d": "conv",
    "Conv2d": "conv",
    "Conv3d": "conv",
    "MultiheadAttention": "attention",
    "Linear": "linear",
    "Conv1D": "linear",
}


def is_wrappable(config: EffectiveConfig, kind: str | None) -> bool:
    """Whether the release has a LoRA layer for this kind of module."""
    if kind == "Conv3d":
        return config.has(releases.CONV3D)
    if kind in ("Conv1d", "MultiheadAttention"):
        return config.has(releases.CONV1D_AND_ATTENTION)
    return kind in WRAPPER_KINDS


MAMBA_MODELS = frozenset({"falcon_h1", "mamba", "mamba2", "falcon_mamba", "nemotron_h"})
MAMBA_LEAVES = frozenset({"out_proj", "conv1d"})
"""`_check_lora_target_modules_mamba`: their weights are used past the module's forward."""

SUPPORTED = ("Linear", "Embedding", "Conv1d", "Conv2d", "Conv3d", "Conv1D", "MultiheadAttention")
"""In the order of PEFT's message."""


def describe_supported(config: EffectiveConfig) -> str:
    """The end of the message that a module is not supported."""
    long_names = {"Conv1D": "transformers.pytorch_utils.Conv1D"}
    names = [
        f"`{long_names.get(kind, f'torch.nn.{kind}')}`"
        for kind in SUPPORTED
        if is_wrappable(config, kind)
    ]
    return f"Currently, only the following modules are supported: {', '.join(names)}."


class WrappedLayer(NamedTuple):
    """One wrapped module, before it is told as a `WrappedModule`."""

    layer: LoraLayer
    request: LayerRequest
    parameter: str | None
    tied: bool


class LoraWrapper:
    """Everything the wrapping of modules shares."""

    def __init__(
        self, config: EffectiveConfig, tree: ModuleTree, log: WarningLog, root: Module
    ) -> None:
        self.config = config
        self.tree = tree
        self.log = log
        self.root = root
        self.ranks = self._build_patterns("rank_pattern") if _has_keys(config) else None
        self.alphas: Patterns | None = None
        self.wrapped_layers: list[WrappedLayer] = []
        self.fan = config.fan_in_fan_out
        self.names: list[str] = []

    def _build_patterns(self, field: str) -> Patterns:
        config = self.config
        return Patterns(getattr(config, field), field, whole=config.has(releases.PATTERNS_WHOLE))

    def find_keys(self, name: str) -> tuple[str | None, str | None]:
        """The key of rank_pattern and that of alpha_pattern that give the module its values.

        PEFT asks all of rank_pattern before it looks at alpha_pattern, and so fails at it first.
        """
        if self.ranks is None:
            self.ranks = self._build_patterns("rank_pattern")
        ranks, apart = self.ranks, self.config.has(releases.PATTERNS_APART)
        rank_key = ranks.find_key(name) if apart and ranks.values else None
        if self.alphas is None:
            self.alphas = self._build_patterns("alpha_pattern")
        alphas = self.alphas
        if apart:
            return rank_key, alphas.find_key(name) if alphas.values else None
        key = ranks.find_first_match(name) or alphas.find_first_match(name) or name
        return key if key in ranks.values else None, key if key in alphas.values else None

    def make_request(self, module: Module, name: str) -> LayerRequest:
        """The layer to build, with the first matching rank and alpha."""
        config = self.config
        rank_key, alpha_key = self.find_keys(name)
        ranks, alphas = self.ranks, self.alphas
        rank = config.r if rank_key is None or ranks is None else ranks.values[rank_key]
        alpha = config.lora_alpha
        if alpha_key is not None and alphas is not None:
            alpha = alphas.values[alpha_key]
        _check_runtime_config(config)
        return LayerRequest(config, self.log, module, name, rank, alpha, self.tree.dtype)

    def check_compatible(self, leaf: str, name: str) -> None:
        """`_check_target_module_compatiblity`."""
        config, model = self.config, self.tree.model_type
        if config.method not in (None, "ADALORA", "RANDLORA"):
            return
        if model == "nemotron_h" and not config.has(releases.NEMOTRON_H_CHECKED):
            return
        checked = config.has(releases.MAMBA_CHECKED)
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
        parent = self.root.get_submodule(parent_name)
        target = parent.get(leaf) if name else parent
        self.check_compatible(leaf, name)
        request = self.make_request(target, name)
        tied = leaf in self.config.targets_to_tie
        if tied:
            request = request._replace(tied=self._get_embedding_weights(name))
        layer = self._build_layer(request)
        parent.children[leaf] = layer.module
        self.record(layer, request, tied=tied)

    def _build_layer(self, request: LayerRequest) -> LoraLayer:
        if self.config.method is not None:
            return build_method_layer(request, self.config.method)
        if self.config.megatron_config:
            refuse_megatron(self.config)
        kind = WRAPPER_KINDS.get(str(request.module.kind)) if not request.module.role else None
        if kind == "linear":
            return build_linear(request)
        if kind is None or not is_wrappable(self.config, request.module.kind):
            supported = describe_supported(self.config)
            text = f"Target module {request.module.class_name} is not supported. {supported}"
            raise RefusedError(
                "unsupported-module", "ValueError", text, "target_modules", request.name
            )
        from . import other_layers

        if kind == "embedding":
            return other_layers.build_embedding(request)
        return (
            build_attention(request)
            if kind == "attention"
            else other_layers.build_convolution(request)
        )

    def keep_only(self, remaining: set[int]) -> None:
        """Keep what is `remaining` still: a module that was saved may have been copied anew."""
        self.wrapped_layers = [
            layer for layer in self.wrapped_layers if id(layer.layer.module) in remaining
        ]

    def replay_fan_in_fan_out(self) -> None:
        """Replay fan_in_fan_out in the order of single modules.

        Each Linear and Conv1D turns the config's value to its own; a group stands for modules that
        others come between, so only where both kinds are wrapped the order has to be unfolded.
        """
        kinds = [(layer, layer.request.module.kind) for layer in self.wrapped_layers]
        if not {"Linear", "Conv1D"} <= {kind for _, kind in kinds}:
            return
        order = sorted(
            (place, kind == "Conv1D")
            for layer, kind in kinds
            if kind in ("Linear", "Conv1D")
            for place in list_positions(layer.request.module.group)
        )
        fan = bool(self.fan)
        for _, conv1d in order:
            if conv1d is not fan:
                fan = sync_fan_in_fan_out(self.log, conv1d)
        self.config.fan_in_fan_out = fan

    def _get_embedding_weights(self, name: str) -> tuple[Parameter, Parameter]:
        embedding = self.root.get_submodule(find_embedding_name(self.tree) or "")
        if embedding.role != "lora":
            text = f"'{embedding.class_name}' object has no attribute 'lora_embedding_A'"
            raise RefusedError(
                "tied-embedding", "AttributeError", text, "ensure_weight_tying", name
            )
        parts = (embedding.children[f"lora_embedding_{side}"] for side in "AB")
        first, second = (part.parameters["default"] for part in parts)
        return first, second

    def record(
        self,
        layer: LoraLayer,
        request: LayerRequest,
        parameter: str | None = None,
        *,
        tied: bool = False,
    ) -> None:
        """Note what was wrapped."""
        self.wrapped_layers.append(WrappedLayer(layer, request, parameter, tied))


def list_positions(group: Group) -> Iterator[tuple[int, ...]]:
    """Where each member of a group stands in `named_modules()`."""
    stars = [i for i, part in enumerate(group.template.split(".")) if part == "*"]
    for indices in product(*group.indices):
        place = list(group.position)
        for star, index in zip(stars, indices, strict=True):
            place[star] = index
        yield tuple(place)


def _check_runtime_config(config: EffectiveConfig) -> None:
    """The one attribute of a LoraRuntimeConfig that PEFT reads; it makes none of a mapping."""
    if not isinstance(config.runtime_config, Record):
        kind = type(config.runtime_config).__name__
        text = f"'{kind}' object has no attribute 'ephemeral_gpu_offload'"
        raise RefusedError("runtime-config-type", "AttributeError", text, "runtime_config")


def _has_keys(config: EffectiveConfig) -> bool:
    return hasattr(config.rank_pattern, "keys")


def refuse_megatron(config: EffectiveConfig) -> None:
    """`dispatch_megatron`, which comes before every layer of torch."""
    core: Any = config.megatron_core
    if not str(core).startswith("megatron."):
        text = f"config.megatron_core={core!r} does not start with a valid prefix (['megatron'])"
        raise RefusedError("megatron-prefix", "ValueError", text, "megatron_core")
    text = "No module named 'megatron'"
    raise RefusedError("megatron-missing", "ModuleNotFoundError", text, "megatron_config")
