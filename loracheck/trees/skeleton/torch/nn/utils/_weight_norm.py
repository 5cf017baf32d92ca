"""The old weight norm: a weight becomes its length `_g` and its direction `_v`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..parameter import Parameter, fresh

if TYPE_CHECKING:
    from ..modules.module import Module


def norm_shape(shape: tuple[int, ...], dim: int | None) -> tuple[int, ...]:
    """Shape of the lengths over all dimensions but one; a scalar for none."""
    if dim is None or dim == -1:
        return ()
    return tuple(n if place == dim % len(shape) else 1 for place, n in enumerate(shape))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Split a parameter in two. Returns the module."""
    weight = getattr(module, name)
    delattr(module, name)
    module.register_parameter(
        f"{name}_g", fresh(norm_shape(weight.shape, dim), weight.dtype, weight.device)
    )
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    setattr(module, name, weight.detach())
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Join it again. Raises ValueError where it was not split."""
    if f"{name}_g" not in module._parameters:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    direction = module._parameters.pop(f"{name}_v")
    del module._parameters[f"{name}_g"]
    module.__dict__.pop(name, None)
    module.register_parameter(name, Parameter(direction))
    return module
