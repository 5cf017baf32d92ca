"""What trains: `_mark_only_adapters_as_trainable` and `get_nb_trainable_parameters`.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/tuners_utils.py, peft_model.py.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Module, list_unique_parameters
from loracheck.plan.injection.variants import list_frozen_parts
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Parameter
    from loracheck.plan.injection.wrapping import WrappedLayer

_TRAINABLE_PARTS = (
    "lora_A",
    "lora_B",
    "lora_embedding_A",
    "lora_embedding_B",
    "lora_magnitude_vector",
    "lora_diag",
    "lora_monteclora_sampler",
)


def mark_trainable(config: EffectiveConfig, root: Module, layers: list[WrappedLayer]) -> None:
    """Freeze everything but the LoRA weights, then let the biases train that `bias` names."""
    root.set_trainable(False)
    still = list_frozen_parts(config)
    for layer in list_lora_modules(layers):
        for name in _TRAINABLE_PARTS:
            part = layer.children.get(name)
            if part is not None and (part.children or part.parameters) and name not in still:
                part.set_trainable(not config.inference_mode)
    mark_biases(config, root, layers)
    if config.inference_mode and not config.has(releases.INFERENCE_BY_LAYER):
        for name, parameter in named_parameters(root):
            if "default" in name:
                parameter.requires_grad = False


def mark_biases(config: EffectiveConfig, root: Module, layers: list[WrappedLayer]) -> None:
    """Let the biases train that `bias` names. Raises RefusedError for any other word."""
    bias = config.bias
    if bias == "none":
        return
    any_only = config.has(releases.ANY_ONLY_BIAS)
    if not isinstance(bias, str) and any_only:
        text = f"'{type(bias).__name__}' object has no attribute 'endswith'"
        raise RefusedError("bias-value", "AttributeError", text, "bias")
    if bias == "all":
        by_last_part = config.has(releases.BIAS_BY_LAST_PART)
        for name, parameter in named_parameters(root):
            if "bias" in name and (not by_last_part or name.rpartition(".")[2] == "bias"):
                parameter.requires_grad = True
    elif bias == "lora_only" or (any_only and str(bias).endswith("_only")):
        for layer in list_lora_modules(layers):
            base_bias = layer.get_base_layer().parameters.get("bias")
            if base_bias is not None:
                base_bias.requires_grad = True
    else:
        text = f"Requested bias: {bias}, is not implemented."
        raise RefusedError("bias-value", "NotImplementedError", text, "bias")


def list_lora_modules(layers: list[WrappedLayer]) -> list[Module]:
    """Every LoRA layer, the out_proj inside a MultiheadAttention too."""
    modules: list[Module] = []
    for one in layers:
        layer = one.layer.module
        modules.append(layer)
        if layer.kind == "MultiheadAttention" and layer.base is not None:
            modules.append(layer.base.children["out_proj"])
    return modules


def check_attention_layers(layers: list[WrappedLayer]) -> None:
    """lora.MultiheadAttention restores its weights whenever modules are listed, and fails where a
    layer below it was saved in full.
    """
    for one in layers:
        layer = one.layer.module
        if layer.kind != "MultiheadAttention" or layer.base is None:
            continue
        for part in (layer, layer.base.children["out_proj"]):
            if part.children["base_layer"].role == "saved":
                text = "'ModulesToSaveWrapper' object has no attribute 'in_proj_weight'"
                name = one.request.name
                raise RefusedError(
                    "missing-attribute", "AttributeError", text, "modules_to_save", name
                )


def named_parameters(root: Module) -> Iterator[tuple[str, Parameter]]:
    """`named_parameters()`: a shared one goes by its first name."""
    seen: set[int] = set()
    for prefix, module in root.named_modules():
        for name, parameter in module.parameters.items():
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield f"{prefix}.{name}", parameter


def count_parameters(root: Module) -> tuple[int, int]:
    """(trainable, total) number of elements."""
    trainable = total = 0
    for parameter in list_unique_parameters(root):
        size = parameter.size * parameter.count
        total += size
        if parameter.requires_grad:
            trainable += size
    return trainable, total
