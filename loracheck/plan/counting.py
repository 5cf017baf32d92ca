"""What trains: `_mark_only_adapters_as_trainable` and `get_nb_trainable_parameters`.

Source: PEFT 0.21.2, tuners/tuners_utils.py, peft_model.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import RefusedError
from .modules import Mod, unique
from .variants import frozen

if TYPE_CHECKING:
    from .settings import Lora
    from .wrapping import Made

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
            if part is not None and name not in still:
                part.freeze(not lora.inference_mode)
    bias = lora.bias
    if bias == "none":
        return
    if not isinstance(bias, str):
        text = f"'{type(bias).__name__}' object has no attribute 'endswith'"
        raise RefusedError("bias-value", "AttributeError", text, "bias")
    if bias == "all":
        _all_biases(root)
    elif bias.endswith("_only"):
        for layer in layers(made):
            par = layer.unwrapped().pars.get("bias")
            if par is not None:
                par.grad = True
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


def _all_biases(root: Mod) -> None:
    """Parameters named `bias`; a shared one goes by its first name, as in `named_parameters`."""
    seen: set[int] = set()
    for _, mod in root.named():
        for name, par in mod.pars.items():
            if id(par) not in seen:
                seen.add(id(par))
                if name == "bias":
                    par.grad = True


def counts(root: Mod) -> tuple[int, int]:
    """(trainable, total) number of elements."""
    trainable = total = 0
    for par in unique(root):
        size = par.size * par.count
        total += size
        if par.grad:
            trainable += size
    return trainable, total
