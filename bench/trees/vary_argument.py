"""Other values for one argument of a model's constructor in diffusers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspect import Parameter

_NORMS = """
rms_norm rms_norm_across_heads layer_norm layer_norm_across_heads ada_norm ada_norm_zero
ada_norm_single ada_norm_continuous fp32_layer_norm group spatial none
"""
NORMS = tuple(_NORMS.split())
ACTIVATIONS = ("gelu", "geglu", "silu", "gelu-approximate", "swiglu", "linear-silu", "mish", "relu")
WORDS = {
    "class_embed_type": ("timestep", "identity", "projection", "simple_projection"),
    "addition_embed_type": ("text", "text_time", "image", "image_hint", "text_image"),
    "encoder_hid_dim_type": ("text_proj", "image_proj", "text_image_proj"),
    "mid_block_type": (
        "UNetMidBlock2DCrossAttn",
        "UNetMidBlock2DSimpleCrossAttn",
        "UNetMidBlock2D",
    ),
}
"""What `models/unets/unet_2d_condition.py` of diffusers 0.40.0 compares these with."""


def vary_argument(name: str, value: Any, parameter: Parameter) -> list[Any]:
    """Values of the same kind as `value`; none where there is nothing to go by."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value * 2, max(1, value // 2), value + 1] if value > 1 else [1 - value, 2, 4]
    if isinstance(value, str) or name in WORDS:
        return [word for word in _words(name) if word != value]
    if isinstance(value, (tuple, list)) and value:
        return _lists(list(value))
    return _unset(str(parameter.annotation)) if value is None else []


def _words(name: str) -> tuple[str, ...]:
    if name in WORDS:
        return WORDS[name]
    if "norm" in name:
        return NORMS
    return ACTIVATIONS if "act" in name else ()


def _lists(value: list[Any]) -> list[Any]:
    found: list[Any] = [value[:-1], [*value, value[-1]], value[::-1]]
    if all(isinstance(each, bool) for each in value):
        found.append([not each for each in value])
    elif all(type(each) is int for each in value):
        found.append([max(1, each * 2) for each in value])
    return found


def _unset(annotation: str) -> list[Any]:
    """For an argument that is None by default, by what its annotation allows."""
    if "bool" in annotation:
        return [True]
    if "int" not in annotation:
        return []
    return [[1, 2]] if "list" in annotation.lower() or "tuple" in annotation.lower() else [1, 64]
