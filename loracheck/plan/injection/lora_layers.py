"""LoRA layers: what PEFT builds around one module, which errors it raises, what it adds.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/layer.py (`update_layer` of each
class, `dispatch_default`). Checks stand in PEFT's order, for the first one that fails is the error
a user sees.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Module, Parameter
from loracheck.plan.numbers import compute_factor
from loracheck.type_checking import TYPE_CHECKING

from .initialisation import find_rank_after_init, replaces_factors
from .layer_request import LoraLayer
from .variants import apply_variant, resolve_variant

if TYPE_CHECKING:
    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.warning_log import WarningLog

    from .layer_request import LayerRequest

ADAPTER = "default"
"""The adapter's name where none is given."""


def build_linear(request: LayerRequest) -> LoraLayer:
    """lora.Linear around nn.Linear or transformers' Conv1D."""
    config, module = request.config, request.module
    conv1d = module.kind == "Conv1D"
    if conv1d is not bool(config.fan_in_fan_out):
        config.fan_in_fan_out = sync_fan_in_fan_out(request.log, conv1d)
    inside, outside = get_features(module)
    layer = make_empty_wrapper(config, module, "Linear")
    scaling = _add_factors(request, layer, inside, outside, "Linear")
    return LoraLayer(layer, scaling)


def get_features(module: Module) -> tuple[int, int]:
    """in_features and out_features of a Linear, Conv1D or Embedding."""
    weight = module.parameters.get("weight")
    shape = weight.shape if weight is not None and len(weight.shape) == 2 else (0, 0)
    if module.kind == "Conv1D":
        return shape[0], shape[1]
    if module.kind == "Embedding":
        names, sizes = ("num_embeddings", "embedding_dim"), shape
    else:
        names, sizes = ("in_features", "out_features"), (shape[1], shape[0])
    node = module.node
    if node is None or not node.attributes:
        return sizes[0], sizes[1]
    return node.attribute(names[0], sizes[0]), node.attribute(names[1], sizes[1])


def sync_fan_in_fan_out(log: WarningLog, conv1d: bool) -> bool:
    """The target decides over fan_in_fan_out; PEFT changes the config and says so."""
    if conv1d:
        text = "fan_in_fan_out is set to False but the target module is `Conv1D`. "
        log.add("fan-in-fan-out-conv1d", f"{text}Setting fan_in_fan_out to True.")
    else:
        text = "fan_in_fan_out is set to True but the target module is `torch.nn.Linear`. "
        log.add("fan-in-fan-out-linear", f"{text}Setting fan_in_fan_out to False.")
    return conv1d


def make_empty_wrapper(
    config: EffectiveConfig, module: Module, kind: str, role: str = "lora"
) -> Module:
    """An empty LoRA layer around `mod`, its parts named as in PEFT."""
    layer = Module(role, kind, module.group, module.node)
    layer.base = module
    children = layer.children
    children["base_layer"] = module
    for name in ("lora_dropout", "lora_A", "lora_B"):
        children[name] = Module("part", "ModuleDict", module.group)
    for name in ("lora_embedding_A", "lora_embedding_B"):
        children[name] = Module("part", "ParameterDict", module.group)
    if config.has(releases.MAGNITUDE_MODULE):
        children["lora_magnitude_vector"] = Module("part", "ModuleDict", module.group)
    return layer


KNOWN_CLASSES = frozenset({"Linear", "Embedding", "Conv1D", "Conv1d", "Conv2d", "Conv3d"})


def warn_unknown_class(log: WarningLog, base: Module, field: str) -> None:
    """`_get_in_out_features` warns of every class it does not know."""
    if base.role or base.kind not in KNOWN_CLASSES:
        text = f"Unsupported layer type '{base.class_name}' encountered, proceed at your own risk."
        log.add("unsupported-layer-type", text, field=field)


def add_part(layer: Module, part: str, kind: str, **shapes: tuple[int, ...]) -> Module:
    """Put a trainable module into one of the layer's dicts."""
    module = Module("part", kind, layer.group)
    for name, shape in shapes.items():
        module.parameters[name] = Parameter(shape, layer.group.count)
    layer.children[part].children[ADAPTER] = module
    return module


def check_rank_positive(rank: Value, name: str) -> None:
    """`if r <= 0: raise`."""
    if not isinstance(rank, (int, float)):
        kind = type(rank).__name__
        text = f"'<=' not supported between instances of '{kind}' and 'int'"
        raise RefusedError("rank-type", "TypeError", text, "r", name)
    if rank <= 0:
        text = f"`r` should be a positive integer value but the value passed is {rank}"
        raise RefusedError("rank-not-positive", "ValueError", text, "r", name)


def add_dropout(config: EffectiveConfig, layer: Module, name: str) -> None:
    """The dropout layer; a rate at or below zero, or NaN, is none."""
    rate = config.lora_dropout
    if not isinstance(rate, (int, float)):
        text = f"'>' not supported between instances of '{type(rate).__name__}' and 'float'"
        raise RefusedError("dropout-type", "TypeError", text, "lora_dropout", name)
    if rate > 1:
        text = f"dropout probability has to be between 0 and 1, but got {rate}"
        raise RefusedError("dropout-range", "ValueError", text, "lora_dropout", name)
    add_part(layer, "lora_dropout", "Dropout" if rate > 0 else "Identity")


def check_rank_whole(rank: Value, name: str) -> int:
    """The rank as a tensor size."""
    if not isinstance(rank, int) or isinstance(rank, bool) or rank >= 2**63:
        text = (
            "empty(): argument 'size' must be tuple of ints, but found element of type "
            f"{type(rank).__name__}"
        )
        raise RefusedError("rank-type", "TypeError", text, "r", name)
    return rank


def compute_scaling(request: LayerRequest) -> float:
    """`scaling`. Raises RefusedError for an alpha that no number comes of."""
    alpha = request.alpha
    if not isinstance(alpha, (int, float)):
        text = f"unsupported operand type(s) for /: '{type(alpha).__name__}' and 'int'"
        raise RefusedError("alpha-type", "TypeError", text, "lora_alpha", request.name)
    try:
        return compute_factor(alpha, request.rank, use_rslora=bool(request.config.use_rslora))
    except OverflowError as error:
        raise RefusedError(
            "alpha-type", "OverflowError", str(error), "lora_alpha", request.name
        ) from None


def warn_missing_bias(request: LayerRequest) -> None:
    """lora_bias on a layer that has none: PEFT warns that it cannot be merged."""
    warns = request.config.has(releases.MISSING_BIAS_WARNS)
    if request.config.lora_bias and warns and "bias" not in request.module.parameters:
        request.log.add(
            "lora-bias-without-bias",
            "`lora_bias=True` was passed but the targeted layer of type "
            f"{request.module.class_name} has no bias. This means that merging LoRA weights won't "
            "be possible.",
            category="PeftWarning",
            field="lora_bias",
        )


def _add_factors(
    request: LayerRequest, layer: Module, inside: int, outside: int, owner: str
) -> float:
    """`LoraLayer.update_layer`: lora.Linear and the in_proj of lora.MultiheadAttention."""
    config, name = request.config, request.name
    check_rank_positive(request.rank, name)
    warn_missing_bias(request)
    variant = resolve_variant(config, owner, name)
    add_dropout(config, layer, name)
    rank = check_rank_whole(request.rank, name)
    scaling = compute_scaling(request)
    weight = request.module.parameters.get("weight")
    width = find_rank_after_init(config, name, rank, weight, request.dtype)
    sides = _find_factor_shapes(request, width, inside, outside)
    add_part(layer, "lora_A", "Linear", weight=sides[0])
    second = add_part(layer, "lora_B", "Linear", weight=sides[1])
    if config.lora_bias:
        second.parameters["bias"] = Parameter((outside,), layer.group.count)
    apply_variant(request, layer, variant, inside, outside)
    return scaling


def _find_factor_shapes(
    request: LayerRequest, rank: int, inside: int, outside: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes of A and B; a tied layer takes the embedding's, turned round."""
    if request.tied is None or replaces_factors(request.config):
        return (rank, inside), (outside, rank)
    first, second = request.tied
    return second.shape[::-1], first.shape[::-1]


def build_attention(request: LayerRequest) -> LoraLayer:
    """lora.MultiheadAttention: LoRA on in_proj and on out_proj."""
    config, module, name = request.config, request.module, request.name
    _check_attention(config, module, name)
    width = _get_attention_width(module)
    layer = make_empty_wrapper(config, module, "MultiheadAttention")
    out = module.children.get("out_proj")
    if out is None or out.kind != "Linear":
        text = "out_proj must be an instance of nn.Linear for MultiheadAttention."
        exception = "TypeError" if config.has(releases.OUT_PROJ_TYPE_ERROR) else "ValueError"
        raise RefusedError("attention-out-proj", exception, text, "target_modules", name)
    fan = config.fan_in_fan_out
    config.fan_in_fan_out = False
    inner = build_linear(request._replace(module=out))
    config.fan_in_fan_out = fan
    module.children["out_proj"] = inner.module
    scaling = _add_factors(request, layer, width, 3 * width, "MultiheadAttention")
    return LoraLayer(layer, scaling)


def _check_attention(config: EffectiveConfig, module: Module, name: str) -> None:
    width = _get_attention_width(module)
    node = module.node
    sizes = (node.attribute("kdim", width), node.attribute("vdim", width)) if node else ()
    if any(size is not None and size != width for size in sizes):
        text = "Only same embed for query/key/value is supported as of now for MultiheadAttention."
        raise RefusedError("attention-dimensions", "ValueError", text, "target_modules", name)
    for field, message in (
        ("use_dora", "does not support DoRA (yet), please set use_dora to False"),
        ("velora_config", "does not support VeLoRA, please set `velora_config=None`."),
        ("kasa_config", "does not support KaSA, please set `kasa_config=None`."),
    ):
        if getattr(config, field):
            text = f"MultiheadAttention {message}"
            raise RefusedError("attention-variant", "ValueError", text, field, name)
    if config.alora_invocation_tokens is not None and not config.has(releases.ALORA_IN_CONFIG):
        text = "MultiheadAttention does not support aLoRA (yet), please set use_alora to False"
        raise RefusedError("attention-variant", "ValueError", text, "alora_invocation_tokens", name)


def _get_attention_width(module: Module) -> int:
    weight = module.parameters.get("in_proj_weight")
    width = module.node.attribute("embed_dim") if module.node is not None else None
    return int(width) if width is not None else (weight.shape[1] if weight else 0)
