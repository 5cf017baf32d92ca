"""target_parameters: LoRA on bare nn.Parameters.

Source: PEFT 0.21.2, tuners/tuners_utils.py `_inject_parameters`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError

from .other_layers import parameter
from .wrapping import megatron

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.plan.graph.module_graph import Mod

    from .lora_layers import Built
    from .wrapping import Wrapping

FIELD = "target_parameters"


def inject(wrapping: Wrapping, root: Mod) -> None:
    """Wrap every parameter whose name an entry matches, in `named_modules()` order."""
    wanted = _in_order(wrapping.lora.target_parameters)
    names = [str(entry) for entry in wanted]
    suffixes = tuple(f".{name}" for name in names)
    for module_name, mod in list(root.named()):
        plain = without_base(module_name)
        for own, par in _own(mod, module_name, wanted):
            key = f"{plain}.{own}"
            if key in names or key.endswith(suffixes):
                _wrap(wrapping, root, module_name, own, par.shape, key)


def _in_order(wanted: Iterable[Any]) -> list[Any]:
    """The entries sorted, as PEFT sorts them. Raises RefusedError where their types do not sort."""
    try:
        return sorted(wanted)
    except TypeError as error:
        raise RefusedError("wrong-type", "TypeError", str(error), FIELD) from None


def without_base(name: str) -> str:
    """The name without the `.base_layer` parts that wrapping put in."""
    return name.replace(".base_layer", "")


def _own(mod: Mod, name: str, wanted: list[Any]) -> Iterator[tuple[str, Any]]:
    """The module's own parameters; of a parametrised one those named in full by an entry."""
    held = mod.children.get("parametrizations")
    if held is None:
        yield from mod.pars.items()
        return
    for entry in wanted:
        if not isinstance(entry, str):
            text = f"'{type(entry).__name__}' object has no attribute 'rpartition'"
            raise RefusedError("wrong-type", "AttributeError", text, FIELD)
        owner, _, own = entry.rpartition(".")
        original = held.children.get(own)
        if owner == name and original is not None and original.pars:
            yield own, next(iter(original.pars.values()))
        elif owner == name and own in mod.pars:
            yield own, mod.pars[own]


def _wrap(
    wrapping: Wrapping, root: Mod, name: str, own: str, shape: tuple[int, ...], key: str
) -> None:
    if not name and wrapping.lora.has(releases.ROOT_PARAMETER_REFUSED):
        text = "Targeting an nn.Parameter on the top-level module is not supported "
        raise RefusedError(
            "parameter-on-root", "ValueError", f"{text}(parameter '{own}'). ", FIELD, key
        )
    parent_name, _, leaf = name.rpartition(".")
    parent, target = root.submodule(parent_name), root.submodule(name)
    plain = without_base(name)
    owner = root.submodule(plain)
    if owner.role == "lora" or owner.role == "adapter":
        text = (
            f"Trying to wrap an `nn.Parameter` of layer '{plain}' of type {target.class_name}, "
            "which is not a valid target. Make sure that this layer is not also targeted with "
            "`target_modules`. For some models, PEFT will do this automatically, try setting "
            "`target_modules=[]` to prevent it."
        )
        raise RefusedError("parameter-of-wrapped-module", "ValueError", text, FIELD, key)
    wrapping.compatible(leaf, plain)
    asked = wrapping.asked(target, key)
    if wrapping.lora.megatron_config:
        megatron(wrapping.lora)
    built: Built = parameter(asked, own, shape)
    parent.children[leaf] = built.layer
    wrapping.record(built, asked, parameter=own)
