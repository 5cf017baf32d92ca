"""init_lora_weights: which values fail where, and which leave a smaller layer than asked for.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/layer.py (`update_layer`,
`pissa_init`, `olora_init`, ...).
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Parameter

FIELD = "init_lora_weights"
FLOATS = ("float32", "float16", "bfloat16")


def find_init_method(config: EffectiveConfig) -> str | None:
    """Which of PEFT's branches the value takes: "gaussian" for all that end in
    `reset_lora_parameters`, None for no string.

    Strings that a release has no branch for end there too.
    """
    init = config.init_lora_weights
    if not isinstance(init, str):
        return None
    lower_case = init.lower()
    for name, since, hit in (
        ("pissa", releases.PISSA, init.startswith("pissa")),
        ("corda", releases.CORDA, init.startswith("corda")),
        ("olora", releases.OLORA, lower_case == "olora"),
        ("mica", releases.MICA, lower_case == "mica"),
        ("orthogonal", releases.ORTHOGONAL, init == "orthogonal"),
        ("lora_ga", releases.LORA_GA, init == "lora_ga"),
        ("eva", releases.EVA, init == "eva"),
    ):
        if hit and config.has(since):
            return name
    return "loftq" if init == "loftq" else "gaussian"


def find_rank_after_init(
    config: EffectiveConfig, name: str, rank: int, weight: Parameter | None, dtype: str
) -> int:
    """The rank that lora_A and lora_B have after initialisation of a Linear-like layer.

    PiSSA and OLoRA take singular vectors of the weight, so they end with at most min(in, out)
    rows however large `r` is. Raises RefusedError as PEFT would.
    """
    init = config.init_lora_weights
    if not isinstance(init, str):
        if init and init is not True:
            text = f"'{type(init).__name__}' object has no attribute 'lower'"
            raise RefusedError("init-type", "AttributeError", text, FIELD, name)
        return rank
    lower_case = init.lower()
    used = find_init_method(config)
    if used not in ("gaussian", "eva"):
        if weight is None:
            text = "the targeted module has no attribute 'weight'"
            raise RefusedError("without-weight", "AttributeError", text, FIELD, name)
        return _find_rank_from_weight(config, init, name, rank, weight, weight.dtype or dtype)
    if init and used != "eva" and lower_case != "gaussian":
        raise RefusedError(
            "unknown-init", "ValueError", f"Unknown initialization {init!r}", FIELD, name
        )
    return rank


def replaces_factors(config: EffectiveConfig) -> bool:
    """Whether the initialisation puts tensors of its own in place of lora_A and lora_B."""
    return find_init_method(config) in ("pissa", "olora", "orthogonal")


def _find_rank_from_weight(
    config: EffectiveConfig, init: str, name: str, rank: int, weight: Parameter, dtype: str
) -> int:
    floats = dtype in FLOATS
    used = find_init_method(config)
    if used in ("lora_ga", "loftq", "orthogonal"):
        _check_without_svd(config, init, name, rank)
        return rank
    if not floats:
        text = f"Please initialize under float32, float16, or bfloat16, got {dtype}."
        raise RefusedError("init-dtype", "TypeError", text, FIELD, name)
    if used == "corda":
        text = "`eigens` attribute not found for layer, please run `preprocess_corda` first. "
        raise RefusedError("corda-not-preprocessed", "ValueError", text, FIELD, name)
    smaller = min(weight.shape) if weight.shape else 0
    if used == "pissa":
        _check_pissa(init, name)
        return min(rank, smaller)
    if used == "olora":
        return min(rank, smaller)
    if rank > smaller:
        text = (
            f"MiCA requires `r` <= min(in_features, out_features) but got r={rank} for a layer "
            f"with weight shape {weight.shape} (max usable r is {smaller})."
        )
        raise RefusedError("mica-rank", "ValueError", text, "r", name)
    return rank


def _check_pissa(init: str, name: str) -> None:
    if init == "pissa":
        return
    parts = init.split("_niter_")
    if len(parts) != 2:
        text = (
            "init_lora_weights should be 'pissa' or 'pissa_niter_[number of iters]', "
            f"got {init} instead."
        )
        raise RefusedError("unknown-init", "ValueError", text, FIELD, name)
    try:
        int(parts[1])
    except ValueError as error:
        raise RefusedError("unknown-init", "ValueError", str(error), FIELD, name) from None


def _check_without_svd(config: EffectiveConfig, init: str, name: str, rank: int) -> None:
    if init == "orthogonal" and rank % 2:
        text = f"Orthogonal initialization requires the LoRA rank to be even, got {rank} instead."
        raise RefusedError("orthogonal-odd-rank", "ValueError", text, "r", name)
    if init == "loftq":
        check_loftq_config(config.loftq_config, name)


def check_loftq_config(config: Any, name: str) -> None:
    """The keys LoftQ reads. Whether bitsandbytes is there is the machine's affair."""
    for key in ("loftq_bits", "loftq_iter"):
        if key not in config:
            raise RefusedError("loftq-key-missing", "KeyError", f"'{key}'", "loftq_config", name)


def check_simple_init(config: EffectiveConfig, name: str, *, checked: bool) -> None:
    """`reset_lora_parameters` where nothing is read from the weight: ConvNd and Embedding.

    `checked` is False for an Embedding, which takes any value without looking at it.
    """
    init = config.init_lora_weights
    if init == "loftq":
        text = "LoraLayer.loftq_init() missing 1 required positional argument: 'config'"
        raise RefusedError("loftq-on-layer", "TypeError", text, FIELD, name)
    if not checked or find_init_method(config) == "lora_ga" or not init or init is True:
        return
    if not isinstance(init, str):
        text = f"'{type(init).__name__}' object has no attribute 'lower'"
        raise RefusedError("init-type", "AttributeError", text, FIELD, name)
    if init.lower() != "gaussian":
        raise RefusedError(
            "unknown-init", "ValueError", f"Unknown initialization {init!r}", FIELD, name
        )
