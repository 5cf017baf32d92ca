"""LoRA variants (DoRA, MiCA, KaSA, ...): which may be asked of which layer, and what they add.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/lora/layer.py `resolve_lora_variant`,
tuners/lora/variants.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Mod, Par

from .initialisation import method

if TYPE_CHECKING:
    from loracheck.plan.config.lora_config import Lora

    from .lora_layers import Asked

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


def resolved(lora: Lora, owner: str, name: str) -> str | None:
    """The one variant asked for. Raises RefusedError for two, or one the layer does not know."""
    if not lora.has(releases.VARIANTS_EXCLUDE):
        return _first(lora, owner)
    asked = [field for field in FIELDS if getattr(lora, field)]
    if lora.init_lora_weights == "mica":
        asked.append("mica")
    if not asked:
        return None
    if len(asked) > 1 or asked[0] not in ALLOWED.get(owner, ()):
        keys = tuple(sorted(asked))
        text = f"Invalid or unsupported variant combination: {keys}"
        field = "init_lora_weights" if asked[0] == "mica" else asked[0]
        raise RefusedError("unsupported-variant", "ValueError", text, field, name)
    return asked[0]


def _first(lora: Lora, owner: str) -> str | None:
    """The variant that won where several were asked for, before they excluded each other.

    Convolutions and embeddings knew DoRA alone; attention and parameters looked for none.
    """
    if owner == "Linear":
        for field in ("arrow_config", "use_bdlora", "alora_invocation_tokens"):
            if getattr(lora, field) is not None:
                return field
    return "use_dora" if lora.use_dora and owner in ALLOWED else None


def applied(asked: Asked, layer: Mod, variant: str | None, inside: int, outside: int) -> None:
    """What the variant's `init` does to a lora.Linear."""
    if variant == "use_dora":
        _dora(asked, layer, inside, outside)
    elif variant == "kasa_config":
        _kasa(asked, layer, inside, outside)
    elif variant == "monteclora_config":
        _monteclora(asked, layer)
    elif variant == "use_bdlora":
        _bdlora(asked, layer, inside, outside)
    elif variant == "arrow_config":
        # A dict cannot set task_adapter_names (init=False); only create_arrow_model does.
        text = "'NoneType' object has no attribute 'copy'"
        if not asked.lora.has(releases.SUB_CONFIGS_BUILT):
            text = "'dict' object has no attribute 'top_k'"
        raise RefusedError("arrow-config", "AttributeError", text, "arrow_config", asked.name)


def frozen(lora: Lora) -> tuple[str, ...]:
    """Parts of the layer that a variant keeps from training: MiCA trains A alone."""
    mica = lora.init_lora_weights == "mica" and lora.has(releases.MICA)
    return ("lora_B", "lora_embedding_B") if mica else ()


def _dora(asked: Asked, layer: Mod, inside: int, outside: int) -> None:
    shape = asked.mod.pars["weight"].shape if "weight" in asked.mod.pars else (0, 0)
    if asked.mod.kind == "Conv1D" and shape[0] != shape[-1] and not _turned(asked.lora):
        text = f"The size of tensor a ({shape[0]}) must match the size of tensor b ({shape[-1]})"
        raise RefusedError(
            "init-shape-mismatch", "RuntimeError", text, "init_lora_weights", asked.name
        )
    if asked.mod.kind == "Linear":
        addable(asked, (outside, inside))
    magnitude(asked.lora, layer, (outside,))


def addable(asked: Asked, shape: tuple[int, int]) -> None:
    """DoRA adds what LoRA learns, which has the size the module states, to the module's weight.

    The two differ where the weight is tied to that of a module of another size. Raises
    RefusedError if torch cannot add them.
    """
    weight = asked.mod.pars.get("weight")
    if weight is None or len(weight.shape) != len(shape):
        return
    for own, other in zip(weight.shape, shape, strict=True):
        if own != other and 1 not in (own, other):
            text = f"The size of tensor a ({own}) must match the size of tensor b ({other})"
            raise RefusedError("init-shape-mismatch", "RuntimeError", text, "use_dora", asked.name)


def _turned(lora: Lora) -> bool:
    """Whether the weights of a Conv1D and of its LoRA lie the same way when DoRA adds them."""
    used = method(lora)
    if used == "olora":
        return False
    return lora.has(releases.PISSA_CONV1D if used == "pissa" else releases.DORA_CONV1D)


def magnitude(lora: Lora, layer: Mod, shape: tuple[int, ...]) -> None:
    """DoRA's magnitude vector."""
    if not lora.has(releases.MAGNITUDE_MODULE):
        held = Mod("part", "ParameterDict", layer.group)
        held.pars["default"] = Par(shape, layer.group.count)
        layer.children["lora_magnitude_vector"] = held
        return
    made = Mod("part", "DoraLayer", layer.group)
    made.pars["weight"] = Par(shape, layer.group.count)
    layer.children["lora_magnitude_vector"].children["default"] = made


def _kasa(asked: Asked, layer: Mod, inside: int, outside: int) -> None:
    if asked.lora.fan_in_fan_out:
        text = "KaSA does not support `fan_in_fan_out=True` layers (e.g. Conv1D)."
        raise RefusedError("kasa-conv1d", "ValueError", text, "kasa_config", asked.name)
    smaller = min(inside, outside)
    if asked.rank >= smaller:
        text = (
            f"KaSA requires `r` ({asked.rank}) to be smaller than min(in_features, out_features) "
            f"({smaller}) so that at least one singular component of the base weight is preserved"
        )
        raise RefusedError("kasa-rank", "ValueError", text, "r", asked.name)
    part = Mod("part", "ParameterDict", layer.group)
    part.pars["default"] = Par((asked.rank,), layer.group.count)
    layer.children["lora_diag"] = part


def _monteclora(asked: Asked, layer: Mod) -> None:
    config = asked.lora.monteclora_config
    if not isinstance(config, dict):
        text = f"'{type(config).__name__}' object has no attribute 'num_samples'"
        field = "monteclora_config"
        raise RefusedError("subconfig-type", "AttributeError", text, field, asked.name)
    samples = config["num_samples"]
    sampler = Mod("part", "MontecloraSampler", layer.group)
    sampler.pars["std_prior"] = Par((asked.rank,), layer.group.count)
    sampler.pars["expert_weights_prior"] = Par((samples,), layer.group.count)
    part = Mod("part", "ModuleDict", layer.group)
    part.children["default"] = sampler
    layer.children["lora_monteclora_sampler"] = part


def _bdlora(asked: Asked, layer: Mod, inside: int, outside: int) -> None:
    config, name = asked.lora.use_bdlora, asked.name
    if not asked.lora.has(releases.SUB_CONFIGS_BUILT):
        from loracheck.plan.config.sub_configs import bdlora

        config = bdlora(config)
    first = any(pattern in name for pattern in config["target_modules_bd_a"] or ())
    second = any(pattern in name for pattern in config["target_modules_bd_b"] or ())
    if first and second:
        text = f"Target {name} matches both A and B block-diagonal patterns"
        raise RefusedError("bdlora-both", "ValueError", text, "use_bdlora", name)
    if not first and not second:
        if config["match_strict"]:
            text = f"Target {name} matches neither A nor B block-diagonal patterns."
            raise RefusedError("bdlora-neither", "ValueError", text, "use_bdlora", name)
        return
    if asked.mod.kind == "Conv1D":
        text = "'Conv1D' object has no attribute 'in_features'"
        raise RefusedError("without-features", "AttributeError", text, "use_bdlora", name)
    part = layer.children["lora_A" if first else "lora_B"].children["default"]
    # PEFT takes the sizes it asked for, whatever rank the initialisation left.
    inside, out = (inside, asked.rank) if first else (asked.rank, outside)
    blocks = config["nblocks"]
    if blocks == 0:
        text = "integer modulo by zero"
        raise RefusedError("bdlora-blocks", "ZeroDivisionError", text, "use_bdlora", name)
    if inside % blocks or out % blocks:
        text = f"in_features={inside} or out_features={out} not divisible by {blocks}"
        raise RefusedError("bdlora-blocks", "ValueError", text, "use_bdlora", name)
    part.pars = {"weight": Par((out, inside // blocks), layer.group.count)}
