"""LoRA layers for embeddings, convolutions and bare parameters.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/layer.py (`Embedding`, `_ConvNd`,
`ParamWrapper`).
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Module, Parameter
from loracheck.type_checking import TYPE_CHECKING

from .initialisation import (
    FIELD,
    check_simple_init,
    find_init_method,
    find_rank_after_init,
    replaces_factors,
)
from .layer_request import LoraLayer
from .lora_layers import (
    add_dropout,
    add_part,
    check_rank_positive,
    check_rank_whole,
    compute_scaling,
    get_features,
    make_empty_wrapper,
    warn_missing_bias,
    warn_unknown_class,
)
from .variants import add_magnitude, check_addable, resolve_variant

if TYPE_CHECKING:
    from loracheck.plan.config.effective_config import EffectiveConfig

    from .layer_request import LayerRequest


def build_embedding(request: LayerRequest) -> LoraLayer:
    """lora.Embedding."""
    config, module, name = request.config, request.module, request.name
    rows, width = get_features(module)
    layer = make_empty_wrapper(config, module, "Embedding")
    if config.lora_bias:
        text = f"lora_bias={config.lora_bias!r} is not supported for Embedding."
        raise RefusedError("lora-bias-on-embedding", "ValueError", text, "lora_bias", name)
    if config.use_dora and not config.has(releases.DORA_EMBEDDING):
        text = "Embedding does not support DoRA yet, please set it to False"
        raise RefusedError("dora-on-embedding", "ValueError", text, "use_dora", name)
    check_rank_positive(request.rank, name)
    variant = resolve_variant(config, "Embedding", name)
    add_dropout(config, layer, name)
    rank = check_rank_whole(request.rank, name)
    layer.children["lora_embedding_A"].parameters["default"] = Parameter(
        (rank, rows), module.group.count
    )
    layer.children["lora_embedding_B"].parameters["default"] = Parameter(
        (width, rank), module.group.count
    )
    scaling = compute_scaling(request)
    _check_embedding_init(request, rank, rows, width)
    if variant == "use_dora":
        check_addable(request, (rows, width))
        add_magnitude(config, layer, (width,))
    return LoraLayer(layer, scaling)


def _check_embedding_init(request: LayerRequest, rank: int, rows: int, width: int) -> None:
    if find_init_method(request.config) != "mica":
        check_simple_init(request.config, request.name, checked=False)
        return
    if rank > min(rows, width):
        text = (
            f"MiCA requires `r` <= min(num_embeddings, embedding_dim) but got r={rank} for an "
            f"embedding layer with weight shape {(rows, width)}"
        )
        raise RefusedError("mica-rank", "ValueError", text, "r", request.name)


def build_convolution(request: LayerRequest) -> LoraLayer:
    """lora.Conv1d, Conv2d and Conv3d."""
    config, module, name = request.config, request.module, request.name
    inside, outside, groups, kernel = _get_convolution_shape(module)
    _check_convolution(request, groups)
    layer = make_empty_wrapper(config, module, str(module.kind))
    check_rank_positive(request.rank, name)
    warn_missing_bias(request)
    variant = resolve_variant(config, "Conv", name)
    add_dropout(config, layer, name)
    rank = check_rank_whole(request.rank, name)
    if config.has(releases.CONV_OWN_CLASS):
        _check_constructor(module, name)
    add_part(layer, "lora_A", str(module.kind), weight=(rank, inside, *kernel))
    ones = (1,) * len(kernel)
    grouped, groups = groups, groups if config.has(releases.CONV_GROUPS) else 1
    second = add_part(layer, "lora_B", str(module.kind), weight=(outside, rank // groups, *ones))
    if config.lora_bias:
        second.parameters["bias"] = Parameter((outside,), module.group.count)
    scaling = compute_scaling(request)
    check_simple_init(config, name, checked=True)
    if variant == "use_dora":
        if grouped != groups:
            _refuse_dora_on_groups(module, name)
        add_magnitude(config, layer, (1, outside, *ones))
    return LoraLayer(layer, scaling)


def _refuse_dora_on_groups(module: Module, name: str) -> None:
    """DoRA adds the product of both sides to a weight that has an input channel for each group."""
    shape = list(module.parameters["weight"].shape) if "weight" in module.parameters else []
    text = f"shape '{shape}' is invalid for the product of lora_B and lora_A"
    raise RefusedError("dora-conv-groups", "RuntimeError", text, "use_dora", name)


def _get_convolution_shape(module: Module) -> tuple[int, int, int, tuple[int, ...]]:
    """in_channels, out_channels, groups and kernel_size."""
    weight = module.parameters.get("weight")
    shape = weight.shape if weight is not None else (0, 0, 0)
    node = module.node
    attributes = dict(node.attributes) if node is not None else {}
    groups = attributes.get("groups", 1)
    kernel = tuple(attributes.get("kernel_size", shape[2:]))
    inside = attributes.get("in_channels", shape[1] * groups)
    return inside, attributes.get("out_channels", shape[0]), groups, kernel


def _check_constructor(module: Module, name: str) -> None:
    """PEFT builds the LoRA parts with the layer's own class, which may take other arguments."""
    if module.node is None or module.node.cls.startswith("torch."):
        return
    text = module.node.attribute("constructor_error")
    if text is not None:
        raise RefusedError("conv-constructor", "TypeError", text, "target_modules", name)


def _check_convolution(request: LayerRequest, groups: int) -> None:
    if request.config.velora_config is not None:
        text = "VeLoRA does not support adapting conv layers."
        raise RefusedError("conv-velora", "ValueError", text, "velora_config", request.name)
    in_config = request.config.has(releases.ALORA_IN_CONFIG)
    if request.config.alora_invocation_tokens is not None and not in_config:
        text = "aLoRA does not support adapting conv layers."
        raise RefusedError(
            "conv-alora", "ValueError", text, "alora_invocation_tokens", request.name
        )
    if not request.config.has(releases.CONV_GROUPS):
        return
    if groups > 1:
        text = "LoRA adapter added to ConvNd layer with groups > 1. Merging is not supported."
        request.log.add("conv-groups", text, field="target_modules")
    if not isinstance(request.rank, (int, float)):
        text = f"unsupported operand type(s) for %: '{type(request.rank).__name__}' and 'int'"
        raise RefusedError("rank-type", "TypeError", text, "r", request.name)
    if request.rank % groups:
        text = (
            f"Targeting a {request.module.class_name} with groups={groups} and rank "
            f"{request.rank}. Currently, support is limited to conv layers where the rank is "
            "divisible by groups. Either choose a different rank or do not target this specific "
            "layer."
        )
        raise RefusedError("conv-groups-rank", "ValueError", text, "r", request.name)


def build_parameter(request: LayerRequest, label: str, shape: tuple[int, ...]) -> LoraLayer:
    """lora.ParamWrapper around a module, for one of its nn.Parameters."""
    config, module, name = request.config, request.module, request.name
    if not config.has(releases.PARAMETER_OWN_FEATURES):
        warn_unknown_class(request.log, module.get_base_layer(), "target_parameters")
    if len(shape) not in (2, 3):
        if len(shape) < 2 and not config.has(releases.PARAMETER_DIMENSIONS):
            text = "tuple index out of range"
            raise RefusedError(
                "parameter-dimensions", "IndexError", text, "target_parameters", name
            )
        text = (
            f"lora.ParamWrapper was initialized with {len(shape)} dimensional Parameter, but only "
            "2d and 3d are supported."
        )
        raise RefusedError("parameter-dimensions", "ValueError", text, "target_parameters", name)
    _check_parameter(config, name)
    check_rank_positive(request.rank, name)
    resolve_variant(config, "ParamWrapper", name)
    layer = make_empty_wrapper(config, module, "ParamWrapper", "parameter")
    layer.label = label
    add_dropout(config, layer, name)
    experts = shape[0] if len(shape) == 3 else 1
    width = check_rank_whole(request.rank * experts, name)
    rows, columns = shape[-2:]
    scaling = compute_scaling(request)
    rank = _find_parameter_rank(request, width)
    add_part(layer, "lora_A", "Linear", weight=(rank, columns))
    add_part(layer, "lora_B", "Linear", weight=(rows, rank))
    return LoraLayer(layer, scaling)


def _check_parameter(config: EffectiveConfig, name: str) -> None:
    for field, ending in (
        ("lora_dropout", "work with lora_dropout != 0."),
        ("fan_in_fan_out", "work with fan_in_fan_out."),
        ("lora_bias", "work with lora_bias=True."),
        ("use_dora", "work with use_dora=True."),
        ("velora_config", "work when `velora_config` is set."),
        ("kasa_config", "work when `kasa_config` is set."),
    ):
        if getattr(config, field):
            text = f"lora.ParamWrapper does not {ending}"
            code = f"parameter-{field.removeprefix('lora_').replace('_', '-')}"
            raise RefusedError(code, "ValueError", text, field, name)


def _find_parameter_rank(request: LayerRequest, width: int) -> int:
    """Rows of lora_A after initialisation: r for every expert, save for the weight-based ones."""
    config = request.config
    init = config.init_lora_weights
    if find_init_method(config) == "mica":
        text = f"Unknown initialization {init!r}"
        raise RefusedError("unknown-init", "ValueError", text, FIELD, request.name)
    weight = request.module.get_base_layer().parameters.get("weight")
    rank = find_rank_after_init(config, request.name, int(request.rank), weight, request.dtype)
    if init == "loftq":
        text = "LoraLayer.loftq_init() missing 1 required positional argument: 'config'"
        raise RefusedError("loftq-on-layer", "TypeError", text, FIELD, request.name)
    if not replaces_factors(config):
        return width
    if init != "orthogonal" and weight is not None and len(weight.shape) > 2:
        text = f"the singular vectors of a weight of shape {weight.shape} do not fit"
        raise RefusedError("init-shape-mismatch", "RuntimeError", text, FIELD, request.name)
    return rank
