"""What is recorded of a module that is a layer, beyond the shapes of its parameters, for `dump`
and for `trees/live/`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

KINDS = """
Linear Embedding Conv1d Conv2d Conv3d MultiheadAttention ModuleList ModuleDict Sequential
ParameterList ParameterDict
"""
_CONV = ("groups", "kernel_size", "in_channels", "out_channels")
_RECORDED = {
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "Conv3d": _CONV,
    "MultiheadAttention": ("embed_dim", "kdim", "vdim"),
}
_CONVOLUTIONS = {"Conv1d": 1, "Conv2d": 2, "Conv3d": 3}
_UNUSUAL = (("dilation", 1), ("padding_mode", "zeros"))
"""Attributes of a convolution that PEFT's LoRA layers do not copy, recorded where they differ."""
_SHAPED = {
    "Linear": ("out_features", "in_features"),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "Conv1D": ("nx", "nf"),
}


def get_dtype_name(tensor: Any) -> str:
    """The name of a tensor's dtype, as "float32"."""
    return str(tensor.dtype).removeprefix("torch.")


def describe_attributes(kind: str | None, module: Any) -> dict[str, Any]:
    """What the shapes alone do not tell, and whether PEFT could make a layer of that class."""
    attributes = describe_layer(kind, module)
    return (
        attributes | _find_constructor_error(module.__class__, kind)
        if kind in _RECORDED
        else attributes
    )


def describe_layer(kind: str | None, module: Any) -> dict[str, Any]:
    """What the shapes alone do not tell."""
    if kind in _RECORDED:
        sizes = {name: _convert_tuple(getattr(module, name)) for name in _RECORDED[kind]}
        return sizes | _collect_unusual(module)
    weight = module._parameters.get("weight") if kind in _SHAPED else None
    if kind is None or weight is None:
        return {}
    expected = dict(zip(_SHAPED[kind], weight.shape, strict=False))
    sizes = {name: _convert_tuple(getattr(module, name, size)) for name, size in expected.items()}
    return {name: size for name, size in sizes.items() if size != expected[name]}


def _collect_unusual(module: Any) -> dict[str, Any]:
    unusual = {name: getattr(module, name, usual) for name, usual in _UNUSUAL}
    return {
        name: _convert_tuple(unusual[name])
        for name, usual in _UNUSUAL
        if unusual[name] not in (usual, (usual,) * len(getattr(module, "kernel_size", ())))
    }


@cache
def _find_constructor_error(cls: Any, kind: str) -> dict[str, str]:
    """`{"constructor_error": text}` for a convolution of a library's own that cannot be made as
    PEFT makes lora_A and lora_B of its class (peft/tuners/lora/layer.py `_ConvNd.update_layer`).
    """
    is_library = cls.__module__.startswith(("transformers.", "diffusers."))
    if kind not in _CONVOLUTIONS or not is_library:
        return {}
    sides = _CONVOLUTIONS[kind]
    ones = (1,) * sides
    try:
        cls(4, 8, (3,) * sides, ones, (0,) * sides, bias=False)
        cls(8, 4, ones, ones, groups=1, bias=False)
    except TypeError as error:
        return {"constructor_error": str(error)}
    return {}


def _convert_tuple(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
