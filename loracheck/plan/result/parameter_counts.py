"""What trains: `_mark_only_adapters_as_trainable` and `get_nb_trainable_parameters`.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/tuners_utils.py, peft_model.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Mod, unique
from loracheck.plan.injection.variants import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.graph.module_graph import Par
    from loracheck.plan.injection.wrapping import Made

_TRAINED = (
    "lora_A",
    "lora_B",
    "lora_embedding_A",
    "lora_embedding_B",
    "lora_magnitude_vector",
    "lora_diag",
    "lora_monteclora_sampler",
)


def mark(lora: Lora, root: Mod, made: list[Made]) -> None:
    """Freeze everything but the LoRA weights, then let the biases train that `bias` names."""
    root.freeze()
    still = frozen(lora)
    for layer in layers(made):
        for name in _TRAINED:
            part = layer.children.get(name)
            if part is not None and (part.children or part.pars) and name not in still:
                part.freeze(not lora.inference_mode)
    biases(lora, root, made)
    if lora.inference_mode and not lora.has(releases.INFERENCE_BY_LAYER):
        for name, par in parameters(root):
            if "default" in name:
                par.grad = False


def biases(lora: Lora, root: Mod, made: list[Made]) -> None:
    """Let the biases train that `bias` names. Raises RefusedError for any other word."""
    bias = lora.bias
    if bias == "none":
        return
    any_only = lora.has(releases.ANY_ONLY_BIAS)
    if not isinstance(bias, str) and any_only:
        text = f"'{type(bias).__name__}' object has no attribute 'endswith'"
        raise RefusedError("bias-value", "AttributeError", text, "bias")
    if bias == "all":
        by_last_part = lora.has(releases.BIAS_BY_LAST_PART)
        for name, par in parameters(root):
            if "bias" in name and (not by_last_part or name.rpartition(".")[2] == "bias"):
                par.grad = True
    elif bias == "lora_only" or (any_only and bias.endswith("_only")):
        for layer in layers(made):
            own = layer.unwrapped().pars.get("bias")
            if own is not None:
                own.grad = True
    else:
        text = f"Requested bias: {bias}, is not implemented."
        raise RefusedError("bias-value", "NotImplementedError", text, "bias")


def layers(made: list[Made]) -> list[Mod]:
    """Every LoRA layer, the out_proj inside a MultiheadAttention too."""
    found: list[Mod] = []
    for one in made:
        layer = one.built.layer
        found.append(layer)
        if layer.kind == "MultiheadAttention" and layer.base is not None:
            found.append(layer.base.children["out_proj"])
    return found


def attention_intact(made: list[Made]) -> None:
    """lora.MultiheadAttention restores its weights whenever modules are listed, and fails where a
    layer below it was saved in full.
    """
    for one in made:
        layer = one.built.layer
        if layer.kind != "MultiheadAttention" or layer.base is None:
            continue
        for held in (layer, layer.base.children["out_proj"]):
            if held.children["base_layer"].role == "saved":
                text = "'ModulesToSaveWrapper' object has no attribute 'in_proj_weight'"
                name = one.asked.name
                raise RefusedError(
                    "missing-attribute", "AttributeError", text, "modules_to_save", name
                )


def parameters(root: Mod) -> Iterator[tuple[str, Par]]:
    """`named_parameters()`: a shared one goes by its first name."""
    seen: set[int] = set()
    for prefix, mod in root.named():
        for name, par in mod.pars.items():
            if id(par) not in seen:
                seen.add(id(par))
                yield f"{prefix}.{name}", par


def counts(root: Mod) -> tuple[int, int]:
    """(trainable, total) number of elements."""
    trainable = total = 0
    for par in unique(root):
        size = par.size * par.count
        total += size
        if par.grad:
            trainable += size
    return trainable, total
