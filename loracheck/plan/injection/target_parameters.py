"""target_parameters: LoRA on bare nn.Parameters.

Source: PEFT 0.21.2, tuners/tuners_utils.py `_inject_parameters`.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.config.module_lists import list_entries
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

from .other_layers import build_parameter
from .wrapping import refuse_megatron

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.plan.graph.module_graph import Module

    from .layer_request import LoraLayer
    from .wrapping import LoraWrapper

FIELD = "target_parameters"


def inject_parameters(wrapping: LoraWrapper, root: Module) -> None:
    """Wrap every parameter whose name an entry matches, in `named_modules()` order."""
    entries = _sort_entries(list_entries(wrapping.config.target_parameters))
    names = [str(entry) for entry in entries]
    suffixes = tuple(f".{name}" for name in names)
    for module_name, module in list(root.named_modules()):
        plain = strip_base_layer(module_name)
        for parameter_name, parameter in _list_own_parameters(module, module_name, entries):
            key = f"{plain}.{parameter_name}"
            if key in names or key.endswith(suffixes):
                _wrap_parameter(wrapping, root, module_name, parameter_name, parameter.shape, key)


def _sort_entries(entries: Iterable[Any]) -> list[Value]:
    """The entries sorted, as PEFT sorts them. Raises RefusedError where their types do not sort."""
    try:
        return sorted(entries)
    except TypeError as error:
        raise RefusedError("wrong-type", "TypeError", str(error), FIELD) from None


def strip_base_layer(name: str) -> str:
    """The name without the `.base_layer` parts that wrapping put in."""
    return name.replace(".base_layer", "")


def _list_own_parameters(
    module: Module, name: str, entries: list[Any]
) -> Iterator[tuple[str, Any]]:
    """The module's own parameters; of a parametrised one those named in full by an entry."""
    parametrizations = module.children.get("parametrizations")
    if parametrizations is None:
        yield from module.parameters.items()
        return
    for entry in entries:
        if not isinstance(entry, str):
            text = f"'{type(entry).__name__}' object has no attribute 'rpartition'"
            raise RefusedError("wrong-type", "AttributeError", text, FIELD)
        owner, _, parameter_name = entry.rpartition(".")
        original = parametrizations.children.get(parameter_name)
        if owner == name and original is not None and original.parameters:
            yield parameter_name, next(iter(original.parameters.values()))
        elif owner == name and parameter_name in module.parameters:
            yield parameter_name, module.parameters[parameter_name]


def _wrap_parameter(
    wrapping: LoraWrapper,
    root: Module,
    name: str,
    parameter_name: str,
    shape: tuple[int, ...],
    key: str,
) -> None:
    if not name and wrapping.config.has(releases.ROOT_PARAMETER_REFUSED):
        text = "Targeting an nn.Parameter on the top-level module is not supported "
        raise RefusedError(
            "parameter-on-root", "ValueError", f"{text}(parameter '{parameter_name}'). ", FIELD, key
        )
    parent_name, _, leaf = name.rpartition(".")
    parent, target = root.get_submodule(parent_name), root.get_submodule(name)
    plain = strip_base_layer(name)
    owner = root.get_submodule(plain)
    if owner.role == "lora" or owner.role == "adapter":
        text = (
            f"Trying to wrap an `nn.Parameter` of layer '{plain}' of type {target.class_name}, "
            "which is not a valid target. Make sure that this layer is not also targeted with "
            "`target_modules`. For some models, PEFT will do this automatically, try setting "
            "`target_modules=[]` to prevent it."
        )
        raise RefusedError("parameter-of-wrapped-module", "ValueError", text, FIELD, key)
    wrapping.check_compatible(leaf, plain)
    request = wrapping.make_request(target, key)
    if wrapping.config.megatron_config:
        refuse_megatron(wrapping.config)
    layer: LoraLayer = build_parameter(request, parameter_name, shape)
    parent.children[leaf] = layer.module
    wrapping.record(layer, request, parameter=parameter_name)
