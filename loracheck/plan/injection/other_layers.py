"""LoRA layers for embeddings, convolutions and bare parameters.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/layer.py (`Embedding`, `_ConvNd`,
`ParamWrapper`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Mod, Par
from loracheck.plan.peft_tables import tables

from .initialisation import FIELD, from_weight, initialised, method, simple
from .lora_layers import (
    Built,
    dropout,
    features,
    positive,
    put,
    scaled,
    shell,
    unknown_class,
    whole,
    without_bias,
)
from .variants import addable, magnitude, resolved

if TYPE_CHECKING:
    from loracheck.plan.config.lora_config import Lora

    from .lora_layers import Asked


def embedding(asked: Asked) -> Built:
    """lora.Embedding."""
    lora, mod, name = asked.lora, asked.mod, asked.name
    rows, width = features(mod)
    layer = shell(lora, mod, "Embedding")
    if lora.lora_bias:
        text = f"lora_bias={lora.lora_bias} is not supported for Embedding."
        raise RefusedError("lora-bias-on-embedding", "ValueError", text, "lora_bias", name)
    if lora.use_dora and not lora.has(releases.DORA_EMBEDDING):
        text = "Embedding does not support DoRA yet, please set it to False"
        raise RefusedError("dora-on-embedding", "ValueError", text, "use_dora", name)
    positive(asked.rank, name)
    variant = resolved(lora, "Embedding", name)
    dropout(lora, layer, name)
    rank = whole(asked.rank, name)
    layer.children["lora_embedding_A"].pars["default"] = Par((rank, rows), mod.group.count)
    layer.children["lora_embedding_B"].pars["default"] = Par((width, rank), mod.group.count)
    scaling = scaled(asked)
    _embedding_init(asked, rank, rows, width)
    if variant == "use_dora":
        addable(asked, (rows, width))
        magnitude(lora, layer, (width,))
    return Built(layer, scaling)


def _embedding_init(asked: Asked, rank: int, rows: int, width: int) -> None:
    if method(asked.lora) != "mica":
        simple(asked.lora, asked.name, checked=False)
        return
    if rank > min(rows, width):
        text = (
            f"MiCA requires `r` <= min(num_embeddings, embedding_dim) but got r={rank} for an "
            f"embedding layer with weight shape {(rows, width)}"
        )
        raise RefusedError("mica-rank", "ValueError", text, "r", asked.name)


def convolution(asked: Asked) -> Built:
    """lora.Conv1d, Conv2d and Conv3d."""
    lora, mod, name = asked.lora, asked.mod, asked.name
    inside, outside, groups, kernel = _shape(mod)
    _conv_checks(asked, groups)
    layer = shell(lora, mod, str(mod.kind))
    positive(asked.rank, name)
    without_bias(asked)
    variant = resolved(lora, "Conv", name)
    dropout(lora, layer, name)
    rank = whole(asked.rank, name)
    if lora.has(releases.CONV_OWN_CLASS):
        _constructor(mod, name)
    put(layer, "lora_A", str(mod.kind), weight=(rank, inside, *kernel))
    ones = (1,) * len(kernel)
    grouped, groups = groups, groups if lora.has(releases.CONV_GROUPS) else 1
    second = put(layer, "lora_B", str(mod.kind), weight=(outside, rank // groups, *ones))
    if lora.lora_bias:
        second.pars["bias"] = Par((outside,), mod.group.count)
    scaling = scaled(asked)
    simple(lora, name, checked=True)
    if variant == "use_dora":
        if grouped != groups:
            _dora_on_groups(mod, name)
        magnitude(lora, layer, (1, outside, *ones))
    return Built(layer, scaling)


def _dora_on_groups(mod: Mod, name: str) -> None:
    """DoRA adds the product of both sides to a weight that has an input channel for each group."""
    shape = list(mod.pars["weight"].shape) if "weight" in mod.pars else []
    text = f"shape '{shape}' is invalid for the product of lora_B and lora_A"
    raise RefusedError("dora-conv-groups", "RuntimeError", text, "use_dora", name)


def _shape(mod: Mod) -> tuple[int, int, int, tuple[int, ...]]:
    """in_channels, out_channels, groups and kernel_size."""
    weight = mod.pars.get("weight")
    shape = weight.shape if weight is not None else (0, 0, 0)
    node = mod.node
    given = dict(node.attributes) if node is not None else {}
    groups = given.get("groups", 1)
    kernel = tuple(given.get("kernel_size", shape[2:]))
    inside = given.get("in_channels", shape[1] * groups)
    return inside, given.get("out_channels", shape[0]), groups, kernel


def _constructor(mod: Mod, name: str) -> None:
    """PEFT builds the LoRA parts with the layer's own class, which may take other arguments."""
    if mod.node is None or mod.node.cls.startswith("torch."):
        return
    text = tables()["refused_convolutions"].get(mod.node.cls)
    if text is not None:
        raise RefusedError("conv-constructor", "TypeError", text, "target_modules", name)


def _conv_checks(asked: Asked, groups: int) -> None:
    if asked.lora.velora_config is not None:
        text = "VeLoRA does not support adapting conv layers."
        raise RefusedError("conv-velora", "ValueError", text, "velora_config", asked.name)
    in_config = asked.lora.has(releases.ALORA_IN_CONFIG)
    if asked.lora.alora_invocation_tokens is not None and not in_config:
        text = "aLoRA does not support adapting conv layers."
        raise RefusedError("conv-alora", "ValueError", text, "alora_invocation_tokens", asked.name)
    if not asked.lora.has(releases.CONV_GROUPS):
        return
    if groups > 1:
        text = "LoRA adapter added to ConvNd layer with groups > 1. Merging is not supported."
        asked.warned.add("conv-groups", text, field="target_modules")
    if not isinstance(asked.rank, (int, float)):
        text = f"unsupported operand type(s) for %: '{type(asked.rank).__name__}' and 'int'"
        raise RefusedError("rank-type", "TypeError", text, "r", asked.name)
    if asked.rank % groups:
        text = (
            f"Targeting a {asked.mod.class_name} with groups={groups} and rank {asked.rank}. "
            "Currently, support is limited to conv layers where the rank is divisible by groups. "
            "Either choose a different rank or do not target this specific layer."
        )
        raise RefusedError("conv-groups-rank", "ValueError", text, "r", asked.name)


def parameter(asked: Asked, label: str, shape: tuple[int, ...]) -> Built:
    """lora.ParamWrapper around a module, for one of its nn.Parameters."""
    lora, mod, name = asked.lora, asked.mod, asked.name
    if not lora.has(releases.PARAMETER_OWN_FEATURES):
        unknown_class(asked.warned, mod.unwrapped(), "target_parameters")
    if len(shape) not in (2, 3):
        if len(shape) < 2 and not lora.has(releases.PARAMETER_DIMENSIONS):
            text = "tuple index out of range"
            raise RefusedError(
                "parameter-dimensions", "IndexError", text, "target_parameters", name
            )
        text = (
            f"lora.ParamWrapper was initialized with {len(shape)} dimensional Parameter, but only "
            "2d and 3d are supported."
        )
        raise RefusedError("parameter-dimensions", "ValueError", text, "target_parameters", name)
    _parameter_checks(lora, name)
    positive(asked.rank, name)
    resolved(lora, "ParamWrapper", name)
    layer = shell(lora, mod, "ParamWrapper", "parameter")
    layer.label = label
    dropout(lora, layer, name)
    experts = shape[0] if len(shape) == 3 else 1
    width = whole(asked.rank * experts, name)
    rows, columns = shape[-2:]
    scaling = scaled(asked)
    kept = _parameter_init(asked, width)
    put(layer, "lora_A", "Linear", weight=(kept, columns))
    put(layer, "lora_B", "Linear", weight=(rows, kept))
    return Built(layer, scaling)


def _parameter_checks(lora: Lora, name: str) -> None:
    for field, ending in (
        ("lora_dropout", "work with lora_dropout != 0."),
        ("fan_in_fan_out", "work with fan_in_fan_out."),
        ("lora_bias", "work with lora_bias=True."),
        ("use_dora", "work with use_dora=True."),
        ("velora_config", "work when `velora_config` is set."),
        ("kasa_config", "work when `kasa_config` is set."),
    ):
        if getattr(lora, field):
            text = f"lora.ParamWrapper does not {ending}"
            code = f"parameter-{field.removeprefix('lora_').replace('_', '-')}"
            raise RefusedError(code, "ValueError", text, field, name)


def _parameter_init(asked: Asked, width: int) -> int:
    """Rows of lora_A after initialisation: r for every expert, save for the weight-based ones."""
    lora = asked.lora
    init = lora.init_lora_weights
    if method(lora) == "mica":
        text = f"Unknown initialization {init!r}"
        raise RefusedError("unknown-init", "ValueError", text, FIELD, asked.name)
    weight = asked.mod.unwrapped().pars.get("weight")
    kept = initialised(lora, asked.name, int(asked.rank), weight, asked.dtype)
    if init == "loftq":
        text = "LoraLayer.loftq_init() missing 1 required positional argument: 'config'"
        raise RefusedError("loftq-on-layer", "TypeError", text, FIELD, asked.name)
    if not from_weight(lora):
        return width
    if init != "orthogonal" and weight is not None and len(weight.shape) > 2:
        text = f"the singular vectors of a weight of shape {weight.shape} do not fit"
        raise RefusedError("init-shape-mismatch", "RuntimeError", text, FIELD, asked.name)
    return kept
