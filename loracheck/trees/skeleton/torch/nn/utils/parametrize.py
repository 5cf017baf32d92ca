"""Parametrizations: a parameter moves into `module.parametrizations.<name>` and the module gets a
class of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._tensor import Tensor
from ..modules.container import ModuleDict, ModuleList
from ..parameter import Parameter

if TYPE_CHECKING:
    from ..modules.module import Module


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, and the originals it is computed from."""

    def __init__(self, modules: list[Module], original: Tensor, unsafe: bool = False) -> None:
        super().__init__(modules)
        first = modules[0]
        parts = first.right_inverse(original) if hasattr(first, "right_inverse") else original
        self.is_tensor = isinstance(parts, Tensor)
        self.ntensors = 1 if self.is_tensor else len(parts)
        named = (
            {"original": parts}
            if self.is_tensor
            else {f"original{i}": part for i, part in enumerate(parts)}
        )
        for name, part in named.items():
            if isinstance(original, Parameter):
                self.register_parameter(name, Parameter(part.detach(), original.requires_grad))
            else:
                self.register_buffer(name, part)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether the module, or one of its tensors, is parametrized."""
    found = module._modules.get("parametrizations")
    if not isinstance(found, ModuleDict):
        return False
    return len(found) > 0 if tensor_name is None else tensor_name in found


def _own_class(module: Module) -> None:
    base = type(module)
    name = f"Parametrized{base.__name__}"
    made = type(name, (base,), {"__module__": __name__, "__qualname__": name})
    object.__setattr__(module, "__class__", made)


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Parametrize one tensor. Returns the module."""
    if is_parametrized(module, tensor_name):
        module.parametrizations[tensor_name].append(parametrization)
        return module
    original: Any = getattr(module, tensor_name)
    parts = ParametrizationList([parametrization], original)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        _own_class(module)
        module.parametrizations = ModuleDict()
    module.parametrizations[tensor_name] = parts
    setattr(type(module), tensor_name, property(lambda self: original))
    return module


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make the tensor a parameter again. Returns the module."""
    value = getattr(module, tensor_name)
    del module.parametrizations[tensor_name]
    delattr(type(module), tensor_name)
    if not len(module.parametrizations):
        delattr(module, "parametrizations")
        object.__setattr__(module, "__class__", type(module).__mro__[1])
    module.register_parameter(tensor_name, Parameter(value.detach()))
    return module
