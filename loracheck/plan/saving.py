"""modules_to_save: modules trained in full, as copies.

Source: PEFT 0.21.2, utils/other.py `_set_trainable`, `ModulesToSaveWrapper`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .errors import RefusedError, UnfoldError
from .modules import CONTAINERS, Mod, clone, unique

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ADAPTERS = ("lora", "parameter", "adapter")
"""Roles of PEFT's tuner layers (BaseTunerLayer)."""


class Hit(NamedTuple):
    """A module that `_set_trainable` wrapped, with the entry that matched it first."""

    name: str
    entry: str
    mod: Mod
    wrapper: Mod


Wrap = "Callable[[Mod], Mod]"


def set_trainable(
    root: Mod, entries: Sequence[str], role: str, wrap: Callable[[Mod], Mod], trains: bool
) -> list[Hit]:
    """Wrap every module whose full name ends with an entry; there is no dot boundary.

    `role` is the wrapper's, `wrap` makes one, `trains` is False in inference mode. Raises
    RefusedError for modules PEFT cannot wrap.
    """
    hits: list[Hit] = []
    endings = tuple(entries)
    for name in [name for name, _ in root.named(twice=True) if name.endswith(endings)]:
        parts = name.split(".")
        grand = root.submodule(".".join(parts[:-2]))
        parent = root.submodule(".".join(parts[:-1]))
        target = root.submodule(name)
        if target.group.count > 1 and _inside_saved(root, parts):
            raise UnfoldError
        if grand.role in ADAPTERS:
            raise RefusedError(
                "child-of-adapter",
                "ValueError",
                f"You are trying to target a module with {_SHOWN[role]} that is a child of "
                f"{grand.class_name}. This is almost certainly not the intended behavior.",
                _FIELD[role],
                name,
            )
        if grand.role == role:
            again(grand, trains)
        elif target.role == role:
            again(target, trains)
        else:
            made = wrap(target)
            activate(made, trains)
            parent.children[parts[-1]] = made
            entry = next(entry for entry in entries if name.endswith(entry))
            hits.append(Hit(name, entry, target, made))
    return hits


def _inside_saved(root: Mod, parts: list[str]) -> bool:
    """Whether the module lies in one that is saved already.

    Then PEFT freezes and thaws parts of the same copy in turn, module by module.
    """
    above = (root.submodule(".".join(parts[:end])) for end in range(1, len(parts)))
    return any(mod.role == "saved" for mod in above)


_SHOWN = {"saved": "ModulesToSaveWrapper", "tokens": "TrainableTokensWrapper"}
_FIELD = {"saved": "modules_to_save", "tokens": "trainable_token_indices"}


def check_module(target: Mod, field: str) -> None:
    """`AuxiliaryTrainingWrapper.check_module`: no containers, no tuner layers."""
    if target.role in ADAPTERS or target.kind in CONTAINERS:
        shown = target.class_name if target.role not in ADAPTERS else f"lora.{target.kind}"
        code = "container" if target.kind in CONTAINERS else "adapter"
        text = f"{field} cannot be applied to modules of type {shown}"
        raise RefusedError(f"{field.replace('_', '-')}-on-{code}", "TypeError", text, field)


def saved(target: Mod) -> Mod:
    """A ModulesToSaveWrapper around a copy."""
    return _saved(target, clone(target))


def saved_tied(target: Mod, source: Mod) -> Mod:
    """A ModulesToSaveWrapper whose trained module is a Linear that shares `source`'s weight."""
    twin = Mod("part", "Linear", target.group)
    if "weight" in source.pars:
        twin.pars["weight"] = source.pars["weight"]
    return _saved(target, twin)


def _saved(target: Mod, twin: Mod) -> Mod:
    wrapper = Mod("saved", target.kind, target.group, target.node)
    wrapper.base, wrapper.copy = target, twin
    holder = Mod("part", "ModuleDict", target.group)
    holder.children["default"] = twin
    wrapper.children = {"original_module": target, "modules_to_save": holder}
    target.freeze()
    twin.freeze(True)
    check_module(target, "modules_to_save")
    return wrapper


def again(wrapper: Mod, trains: bool) -> None:
    """`update` and `set_adapter` on a wrapper that is there already."""
    if wrapper.role == "saved" and wrapper.base is not None:
        wrapper.base.freeze()
    activate(wrapper, trains)


def activate(wrapper: Mod, trains: bool) -> None:
    """`set_adapter`: the trained copy, or the token rows, train unless in inference mode."""
    if wrapper.role == "saved" and wrapper.copy is not None:
        wrapper.copy.freeze(trains)
    elif wrapper.role == "tokens":
        for par in unique(wrapper.children["token_adapter"].children["trainable_tokens_delta"]):
            par.grad = trains
