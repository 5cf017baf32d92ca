"""LoRA layers: what PEFT builds around one module, which errors it raises, what it adds.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/layer.py (`update_layer` of each
class, `dispatch_default`). Checks stand in PEFT's order, for the first one that fails is the error
a user sees.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Mod, Par

from .initialisation import from_weight, initialised
from .variants import applied, resolved

if TYPE_CHECKING:
    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.result.warning_log import Warned

ADAPTER = "default"
"""The adapter's name where none is given."""


class Asked(NamedTuple):
    """One layer to build: for which module, with which rank and alpha."""

    lora: Lora
    warned: Warned
    mod: Mod
    name: str
    rank: Any
    alpha: Any
    dtype: str
    tied: tuple[Par, Par] | None = None


class Built(NamedTuple):
    """A LoRA layer, and the scaling it holds."""

    layer: Mod
    scaling: float


def linear(asked: Asked) -> Built:
    """lora.Linear around nn.Linear or transformers' Conv1D."""
    lora, mod = asked.lora, asked.mod
    conv1d = mod.kind == "Conv1D"
    if conv1d is not bool(lora.fan_in_fan_out):
        lora.fan_in_fan_out = flip(asked.warned, conv1d)
    inside, outside = features(mod)
    layer = shell(lora, mod, "Linear")
    scaling = _rows(asked, layer, inside, outside, "Linear")
    return Built(layer, scaling)


def features(mod: Mod) -> tuple[int, int]:
    """in_features and out_features of a Linear, Conv1D or Embedding."""
    weight = mod.pars.get("weight")
    shape = weight.shape if weight is not None and len(weight.shape) == 2 else (0, 0)
    if mod.kind == "Conv1D":
        return shape[0], shape[1]
    if mod.kind == "Embedding":
        names, sizes = ("num_embeddings", "embedding_dim"), shape
    else:
        names, sizes = ("in_features", "out_features"), (shape[1], shape[0])
    node = mod.node
    if node is None or not node.attributes:
        return sizes[0], sizes[1]
    return node.attribute(names[0], sizes[0]), node.attribute(names[1], sizes[1])


def flip(warned: Warned, conv1d: bool) -> bool:
    """The target decides over fan_in_fan_out; PEFT changes the config and says so."""
    if conv1d:
        text = "fan_in_fan_out is set to False but the target module is `Conv1D`. "
        warned.add("fan-in-fan-out-conv1d", f"{text}Setting fan_in_fan_out to True.")
    else:
        text = "fan_in_fan_out is set to True but the target module is `torch.nn.Linear`. "
        warned.add("fan-in-fan-out-linear", f"{text}Setting fan_in_fan_out to False.")
    return conv1d


def shell(lora: Lora, mod: Mod, kind: str, role: str = "lora") -> Mod:
    """An empty LoRA layer around `mod`, its parts named as in PEFT."""
    layer = Mod(role, kind, mod.group, mod.node)
    layer.base = mod
    children = layer.children
    children["base_layer"] = mod
    for name in ("lora_dropout", "lora_A", "lora_B"):
        children[name] = Mod("part", "ModuleDict", mod.group)
    for name in ("lora_embedding_A", "lora_embedding_B"):
        children[name] = Mod("part", "ParameterDict", mod.group)
    if lora.has(releases.MAGNITUDE_MODULE):
        children["lora_magnitude_vector"] = Mod("part", "ModuleDict", mod.group)
    return layer


KNOWN = frozenset({"Linear", "Embedding", "Conv1D", "Conv1d", "Conv2d", "Conv3d"})


def unknown_class(warned: Warned, base: Mod, field: str) -> None:
    """`_get_in_out_features` warns of every class it does not know."""
    if base.role or base.kind not in KNOWN:
        text = f"Unsupported layer type '{base.class_name}' encountered, proceed at your own risk."
        warned.add("unsupported-layer-type", text, field=field)


def put(layer: Mod, part: str, kind: str, **shapes: tuple[int, ...]) -> Mod:
    """Put a trainable module into one of the layer's dicts."""
    made = Mod("part", kind, layer.group)
    for name, shape in shapes.items():
        made.pars[name] = Par(shape, layer.group.count)
    layer.children[part].children[ADAPTER] = made
    return made


def positive(rank: Any, name: str) -> None:
    """`if r <= 0: raise`."""
    if not isinstance(rank, (int, float)):
        kind = type(rank).__name__
        text = f"'<=' not supported between instances of '{kind}' and 'int'"
        raise RefusedError("rank-type", "TypeError", text, "r", name)
    if rank <= 0:
        text = f"`r` should be a positive integer value but the value passed is {rank}"
        raise RefusedError("rank-not-positive", "ValueError", text, "r", name)


def dropout(lora: Lora, layer: Mod, name: str) -> None:
    """The dropout layer; a rate at or below zero, or NaN, is none."""
    rate = lora.lora_dropout
    if not isinstance(rate, (int, float)):
        text = f"'>' not supported between instances of '{type(rate).__name__}' and 'float'"
        raise RefusedError("dropout-type", "TypeError", text, "lora_dropout", name)
    if rate > 1:
        text = f"dropout probability has to be between 0 and 1, but got {rate}"
        raise RefusedError("dropout-range", "ValueError", text, "lora_dropout", name)
    put(layer, "lora_dropout", "Dropout" if rate > 0 else "Identity")


def whole(rank: Any, name: str) -> int:
    """The rank as a tensor size."""
    if not isinstance(rank, int) or isinstance(rank, bool) or rank >= 2**63:
        text = (
            "empty(): argument 'size' must be tuple of ints, but found element of type "
            f"{type(rank).__name__}"
        )
        raise RefusedError("rank-type", "TypeError", text, "r", name)
    return rank


def scaled(asked: Asked) -> float:
    """`scaling`: alpha / r, or alpha / sqrt(r) with rsLoRA (arXiv:2312.03732)."""
    alpha = asked.alpha
    if not isinstance(alpha, (int, float)):
        text = f"unsupported operand type(s) for /: '{type(alpha).__name__}' and 'int'"
        raise RefusedError("alpha-type", "TypeError", text, "lora_alpha", asked.name)
    rank = math.sqrt(asked.rank) if asked.lora.use_rslora else asked.rank
    try:
        return float(alpha / rank)
    except OverflowError as error:
        raise RefusedError(
            "alpha-type", "OverflowError", str(error), "lora_alpha", asked.name
        ) from None


def without_bias(asked: Asked) -> None:
    """lora_bias on a layer that has none: PEFT warns that it cannot be merged."""
    warns = asked.lora.has(releases.MISSING_BIAS_WARNS)
    if asked.lora.lora_bias and warns and "bias" not in asked.mod.pars:
        asked.warned.add(
            "lora-bias-without-bias",
            f"`lora_bias=True` was passed but the targeted layer of type {asked.mod.class_name} "
            "has no bias. This means that merging LoRA weights won't be possible.",
            category="PeftWarning",
            field="lora_bias",
        )


def _rows(asked: Asked, layer: Mod, inside: int, outside: int, owner: str) -> float:
    """`LoraLayer.update_layer`: lora.Linear and the in_proj of lora.MultiheadAttention."""
    lora, name = asked.lora, asked.name
    positive(asked.rank, name)
    without_bias(asked)
    variant = resolved(lora, owner, name)
    dropout(lora, layer, name)
    rank = whole(asked.rank, name)
    scaling = scaled(asked)
    weight = asked.mod.pars.get("weight")
    kept = initialised(lora, name, rank, weight, asked.dtype)
    sides = _sides(asked, kept, inside, outside)
    put(layer, "lora_A", "Linear", weight=sides[0])
    second = put(layer, "lora_B", "Linear", weight=sides[1])
    if lora.lora_bias:
        second.pars["bias"] = Par((outside,), layer.group.count)
    applied(asked, layer, variant, inside, outside)
    return scaling


def _sides(
    asked: Asked, rank: int, inside: int, outside: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes of A and B; a tied layer takes the embedding's, turned round."""
    if asked.tied is None or from_weight(asked.lora):
        return (rank, inside), (outside, rank)
    first, second = asked.tied
    return second.shape[::-1], first.shape[::-1]


def attention(asked: Asked) -> Built:
    """lora.MultiheadAttention: LoRA on in_proj and on out_proj."""
    lora, mod, name = asked.lora, asked.mod, asked.name
    _attention_checks(lora, mod, name)
    width = _width(mod)
    layer = shell(lora, mod, "MultiheadAttention")
    out = mod.children.get("out_proj")
    if out is None or out.kind != "Linear":
        text = "out_proj must be an instance of nn.Linear for MultiheadAttention."
        exception = "TypeError" if lora.has(releases.OUT_PROJ_TYPE_ERROR) else "ValueError"
        raise RefusedError("attention-out-proj", exception, text, "target_modules", name)
    fan = lora.fan_in_fan_out
    lora.fan_in_fan_out = False
    inner = linear(asked._replace(mod=out))
    lora.fan_in_fan_out = fan
    mod.children["out_proj"] = inner.layer
    scaling = _rows(asked, layer, width, 3 * width, "MultiheadAttention")
    return Built(layer, scaling)


def _attention_checks(lora: Lora, mod: Mod, name: str) -> None:
    width = _width(mod)
    node = mod.node
    sizes = (node.attribute("kdim", width), node.attribute("vdim", width)) if node else ()
    if any(size is not None and size != width for size in sizes):
        text = "Only same embed for query/key/value is supported as of now for MultiheadAttention."
        raise RefusedError("attention-dimensions", "ValueError", text, "target_modules", name)
    for field, shown in (
        ("use_dora", "does not support DoRA (yet), please set use_dora to False"),
        ("velora_config", "does not support VeLoRA, please set `velora_config=None`."),
        ("kasa_config", "does not support KaSA, please set `kasa_config=None`."),
    ):
        if getattr(lora, field):
            text = f"MultiheadAttention {shown}"
            raise RefusedError("attention-variant", "ValueError", text, field, name)
    if lora.alora_invocation_tokens is not None and not lora.has(releases.ALORA_IN_CONFIG):
        text = "MultiheadAttention does not support aLoRA (yet), please set use_alora to False"
        raise RefusedError("attention-variant", "ValueError", text, "alora_invocation_tokens", name)


def _width(mod: Mod) -> int:
    weight = mod.pars.get("in_proj_weight")
    given = mod.node.attribute("embed_dim") if mod.node is not None else None
    return int(given) if given is not None else (weight.shape[1] if weight else 0)
