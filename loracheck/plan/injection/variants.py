"""LoRA variants (DoRA, MiCA, KaSA, ...): which may be asked of which layer, and what they add.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/layer.py `resolve_lora_variant`,
tuners/lora/variants.py.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.config.module_lists import list_entries
from loracheck.plan.config.sub_configs import build_bdlora_config
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Module, Parameter
from loracheck.type_checking import TYPE_CHECKING

from .initialisation import find_init_method

if TYPE_CHECKING:
    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig

    from .layer_request import LayerRequest

FIELDS = (
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "monteclora_config",
    "use_bdlora",
    "use_dora",
    "velora_config",
)

ALLOWED = {
    "Linear": frozenset((*FIELDS, "mica")),
    "Embedding": frozenset({"use_dora", "mica"}),
    "Conv": frozenset({"use_dora"}),
}
"""One variant at most, of these; MultiheadAttention and ParamWrapper take none."""


def resolve_variant(config: EffectiveConfig, owner: str, name: str) -> str | None:
    """The one variant asked for. Raises RefusedError for two, or one the layer does not know."""
    if not config.has(releases.VARIANTS_EXCLUDE):
        return _find_first_variant(config, owner)
    request = [field for field in FIELDS if getattr(config, field)]
    if config.init_lora_weights == "mica":
        request.append("mica")
    if not request:
        return None
    if len(request) > 1 or request[0] not in ALLOWED.get(owner, ()):
        keys = tuple(sorted(request))
        text = f"Invalid or unsupported variant combination: {keys}"
        field = "init_lora_weights" if request[0] == "mica" else request[0]
        raise RefusedError("unsupported-variant", "ValueError", text, field, name)
    return request[0]


def _find_first_variant(config: EffectiveConfig, owner: str) -> str | None:
    """The variant that won where several were asked for, before they excluded each other.

    Convolutions and embeddings knew DoRA alone; attention and parameters looked for none.
    """
    if owner == "Linear":
        for field in ("arrow_config", "use_bdlora", "alora_invocation_tokens"):
            if getattr(config, field) is not None:
                return field
    return "use_dora" if config.use_dora and owner in ALLOWED else None


def apply_variant(
    request: LayerRequest, layer: Module, variant: str | None, inside: int, outside: int
) -> None:
    """What the variant's `init` does to a lora.Linear."""
    if variant == "use_dora":
        _apply_dora(request, layer, inside, outside)
    elif variant == "kasa_config":
        _apply_kasa(request, layer, inside, outside)
    elif variant == "monteclora_config":
        _apply_monteclora(request, layer)
    elif variant == "use_bdlora":
        _apply_bdlora(request, layer, inside, outside)
    elif variant == "arrow_config":
        # A dict cannot set task_adapter_names (init=False); only create_arrow_model does.
        text = "'NoneType' object has no attribute 'copy'"
        if not request.config.has(releases.SUB_CONFIGS_BUILT):
            text = "'dict' object has no attribute 'top_k'"
        raise RefusedError("arrow-config", "AttributeError", text, "arrow_config", request.name)


def list_frozen_parts(config: EffectiveConfig) -> tuple[str, ...]:
    """Parts of the layer that a variant keeps from training: MiCA trains A alone."""
    mica = config.init_lora_weights == "mica" and config.has(releases.MICA)
    return ("lora_B", "lora_embedding_B") if mica else ()


def _apply_dora(request: LayerRequest, layer: Module, inside: int, outside: int) -> None:
    shape = (
        request.module.parameters["weight"].shape
        if "weight" in request.module.parameters
        else (0, 0)
    )
    if (
        request.module.kind == "Conv1D"
        and shape[0] != shape[-1]
        and not _is_transposed(request.config)
    ):
        text = f"The size of tensor a ({shape[0]}) must match the size of tensor b ({shape[-1]})"
        raise RefusedError(
            "init-shape-mismatch", "RuntimeError", text, "init_lora_weights", request.name
        )
    if request.module.kind == "Linear":
        check_addable(request, (outside, inside))
    add_magnitude(request.config, layer, (outside,))


def check_addable(request: LayerRequest, shape: tuple[int, int]) -> None:
    """DoRA adds what LoRA learns, which has the size the module states, to the module's weight.

    The two differ where the weight is tied to that of a module of another size. Raises
    RefusedError if torch cannot add them.
    """
    weight = request.module.parameters.get("weight")
    if weight is None or len(weight.shape) != len(shape):
        return
    for size, other in zip(weight.shape, shape, strict=True):
        if size != other and 1 not in (size, other):
            text = f"The size of tensor a ({size}) must match the size of tensor b ({other})"
            raise RefusedError(
                "init-shape-mismatch", "RuntimeError", text, "use_dora", request.name
            )


def _is_transposed(config: EffectiveConfig) -> bool:
    """Whether the weights of a Conv1D and of its LoRA lie the same way when DoRA adds them."""
    used = find_init_method(config)
    if used == "olora":
        return False
    return config.has(releases.PISSA_CONV1D if used == "pissa" else releases.DORA_CONV1D)


def add_magnitude(config: EffectiveConfig, layer: Module, shape: tuple[int, ...]) -> None:
    """DoRA's magnitude vector."""
    if not config.has(releases.MAGNITUDE_MODULE):
        magnitude = Module("part", "ParameterDict", layer.group)
        magnitude.parameters["default"] = Parameter(shape, layer.group.count)
        layer.children["lora_magnitude_vector"] = magnitude
        return
    magnitude_layer = Module("part", "DoraLayer", layer.group)
    magnitude_layer.parameters["weight"] = Parameter(shape, layer.group.count)
    layer.children["lora_magnitude_vector"].children["default"] = magnitude_layer


def _apply_kasa(request: LayerRequest, layer: Module, inside: int, outside: int) -> None:
    if request.config.fan_in_fan_out:
        text = "KaSA does not support `fan_in_fan_out=True` layers (e.g. Conv1D)."
        raise RefusedError("kasa-conv1d", "ValueError", text, "kasa_config", request.name)
    smaller = min(inside, outside)
    if request.rank >= smaller:
        text = (
            f"KaSA requires `r` ({request.rank}) to be smaller than min(in_features, out_features) "
            f"({smaller}) so that at least one singular component of the base weight is preserved"
        )
        raise RefusedError("kasa-rank", "ValueError", text, "r", request.name)
    part = Module("part", "ParameterDict", layer.group)
    part.parameters["default"] = Parameter((request.rank,), layer.group.count)
    layer.children["lora_diag"] = part


def _apply_monteclora(request: LayerRequest, layer: Module) -> None:
    config = request.config.monteclora_config
    if not isinstance(config, dict):
        text = f"'{type(config).__name__}' object has no attribute 'num_samples'"
        field = "monteclora_config"
        raise RefusedError("subconfig-type", "AttributeError", text, field, request.name)
    samples = config["num_samples"]
    if type(samples) is not int or samples >= 2**63:
        text = f"rand(): argument 'size' must be tuple of ints, not {type(samples).__name__}"
        raise RefusedError("subconfig-type", "TypeError", text, "monteclora_config", request.name)
    sampler = Module("part", "MontecloraSampler", layer.group)
    sampler.parameters["std_prior"] = Parameter((request.rank,), layer.group.count)
    sampler.parameters["expert_weights_prior"] = Parameter((samples,), layer.group.count)
    part = Module("part", "ModuleDict", layer.group)
    part.children["default"] = sampler
    layer.children["lora_monteclora_sampler"] = part


def _apply_bdlora(request: LayerRequest, layer: Module, inside: int, outside: int) -> None:
    config, name = build_bdlora_config(request.config), request.name
    first, second = (_is_listed(config[f"target_modules_bd_{side}"], name) for side in "ab")
    if first and second:
        text = f"Target {name} matches both A and B block-diagonal patterns"
        raise RefusedError("bdlora-both", "ValueError", text, "use_bdlora", name)
    if not first and not second:
        if config["match_strict"]:
            text = f"Target {name} matches neither A nor B block-diagonal patterns."
            raise RefusedError("bdlora-neither", "ValueError", text, "use_bdlora", name)
        return
    if request.module.kind == "Conv1D":
        text = "'Conv1D' object has no attribute 'in_features'"
        raise RefusedError("without-features", "AttributeError", text, "use_bdlora", name)
    part = layer.children["lora_A" if first else "lora_B"].children["default"]
    # PEFT takes the sizes it asked for, whatever rank the initialisation left.
    inside, out = (inside, request.rank) if first else (request.rank, outside)
    blocks = _check_blocks(config["nblocks"], inside, out, name)
    part.parameters = {"weight": Parameter((out, inside // blocks), layer.group.count)}


def _is_listed(entries: Value, name: str) -> bool:
    """Whether an entry stands anywhere in the module's name."""
    for entry in list_entries(entries):
        if not isinstance(entry, str):
            text = f"'in <string>' requires string as left operand, not {type(entry).__name__}"
            raise RefusedError("wrong-type", "TypeError", text, "use_bdlora", name)
        if entry in name:
            return True
    return False


def _check_blocks(blocks: Value, inside: int, out: int, name: str) -> int:
    """The number of blocks. Raises RefusedError for one that does not divide both sizes, or of
    which no tensor can be made.
    """
    code, field = "bdlora-blocks", "use_bdlora"
    if not isinstance(blocks, (int, float)):
        text = f"unsupported operand type(s) for %: 'int' and '{type(blocks).__name__}'"
        raise RefusedError(code, "TypeError", text, field, name)
    if blocks == 0:
        raise RefusedError(code, "ZeroDivisionError", "integer modulo by zero", field, name)
    if inside % blocks or out % blocks:
        text = f"in_features={inside} or out_features={out} not divisible by {blocks}"
        raise RefusedError(code, "ValueError", text, field, name)
    if isinstance(blocks, float):
        text = "empty(): argument 'size' must be tuple of ints, but found element of type float"
        raise RefusedError(code, "TypeError", text, field, name)
    if blocks < 0:
        text = f"Trying to create tensor with negative dimension {inside // blocks}"
        raise RefusedError(code, "RuntimeError", text, field, name)
    return blocks
