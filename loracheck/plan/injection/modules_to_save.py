"""modules_to_save: modules trained in full, as copies.

Source: PEFT 0.21.2 (older releases: releases.py), utils/other.py `_set_trainable`,
`ModulesToSaveWrapper`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError, UnfoldError
from loracheck.plan.graph.module_graph import CONTAINERS, Mod, clone, unique

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loracheck.plan.config.lora_config import Lora

ADAPTERS = ("lora", "parameter", "adapter")
"""Roles of PEFT's tuner layers (BaseTunerLayer)."""


class Hit(NamedTuple):
    """A module that `_set_trainable` wrapped, with the entry that matched it first."""

    name: str
    entry: str
    mod: Mod
    wrapper: Mod


Wrap = "Callable[[Mod], Mod]"


class Saving:
    """One pass of `_set_trainable`.

    `role` is the wrapper's, `wrap` makes one for a module.
    """

    def __init__(
        self, lora: Lora, root: Mod, entries: Sequence[str], role: str, wrap: Callable[[Mod], Mod]
    ) -> None:
        self.lora = lora
        self.root = root
        self.entries = entries
        self.role = role
        self.wrap = wrap
        self.hits: list[Hit] = []
        self.trains = not (lora.inference_mode and lora.has(releases.SAVE_MINDS_INFERENCE))

    def all(self) -> list[Hit]:
        """Wrap every module whose full name ends with an entry; there is no dot boundary.

        Raises RefusedError for modules PEFT cannot wrap.
        """
        endings = tuple(self.entries)
        every = self.lora.has(releases.SAVE_UNDER_EVERY_NAME)
        try:
            listed = [name for name, _ in self.root.named(twice=every)]
        except RecursionError as error:  # a parameter of the whole model was wrapped
            code = "model-in-itself"
            raise RefusedError(code, "RecursionError", str(error), _FIELD[self.role]) from None
        for name in listed if endings else ():
            if not name.endswith(endings):
                continue
            self.one(name)
        return self.hits

    def one(self, name: str) -> None:
        """Wrap one module, or look after the wrapper that is there."""
        root, lora, role = self.root, self.lora, self.role
        parts = name.split(".")
        grand = root.submodule(".".join(parts[:-2]))
        parent = root.submodule(".".join(parts[:-1]))
        target = root.submodule(name)
        if target.group.count > 1 and _inside_saved(root, parts):
            raise UnfoldError
        if grand.role in ADAPTERS and lora.has(releases.SAVE_REFUSES_PARTS):
            text = (
                f"You are trying to target a module with {_SHOWN[role]} that is a child of "
                f"{grand.class_name}. This is almost certainly not the intended behavior."
            )
            raise RefusedError("child-of-adapter", "ValueError", text, _FIELD[role], name)
        if grand.role == role and lora.has(releases.SAVE_KNOWS_ITS_PARTS):
            again(lora, grand, self.trains)
        elif target.role == role:
            again(lora, target, self.trains)
        else:
            made = self.wrap(target)
            activate(made, self.trains)
            parent.children[parts[-1]] = made
            entry = next(entry for entry in self.entries if name.endswith(entry))
            self.hits.append(Hit(name, entry, target, made))


def _inside_saved(root: Mod, parts: list[str]) -> bool:
    """Whether the module lies in one that is saved already.

    Then PEFT freezes and thaws parts of the same copy in turn, module by module.
    """
    above = (root.submodule(".".join(parts[:end])) for end in range(1, len(parts)))
    return any(mod.role == "saved" for mod in above)


_SHOWN = {"saved": "ModulesToSaveWrapper", "tokens": "TrainableTokensWrapper"}
_FIELD = {"saved": "modules_to_save", "tokens": "trainable_token_indices"}


def check_module(lora: Lora, target: Mod, field: str) -> None:
    """`AuxiliaryTrainingWrapper.check_module`: no containers, no tuner layers."""
    adapter = target.role in ADAPTERS and lora.has(releases.SAVE_REFUSES_ADAPTERS)
    if adapter or (target.kind in CONTAINERS and target.role not in ADAPTERS):
        shown = target.class_name if not adapter else f"lora.{target.kind}"
        code = "adapter" if adapter else "container"
        text = f"{field} cannot be applied to modules of type {shown}"
        raise RefusedError(f"{field.replace('_', '-')}-on-{code}", "TypeError", text, field)


def saved(lora: Lora, target: Mod) -> Mod:
    """A ModulesToSaveWrapper around a copy."""
    return _saved(lora, target, clone(target))


def saved_tied(lora: Lora, target: Mod, source: Mod) -> Mod:
    """A ModulesToSaveWrapper whose trained module is a Linear that shares `source`'s weight."""
    twin = Mod("part", "Linear", target.group)
    if "weight" in source.pars:
        twin.pars["weight"] = source.pars["weight"]
    return _saved(lora, target, twin)


def _saved(lora: Lora, target: Mod, twin: Mod) -> Mod:
    wrapper = Mod("saved", target.kind, target.group, target.node)
    wrapper.base, wrapper.copy = target, twin
    wrapper.opaque = not lora.has(releases.SAVE_FORWARDS)
    holder = Mod("part", "ModuleDict", target.group)
    holder.children["default"] = twin
    wrapper.children = {"original_module": target, "modules_to_save": holder}
    target.freeze()
    twin.freeze(True)
    check_module(lora, target, "modules_to_save")
    return wrapper


def again(lora: Lora, wrapper: Mod, trains: bool) -> None:
    """`update` and `set_adapter` on a wrapper that is there already."""
    if wrapper.role == "saved" and wrapper.base is not None:
        if not lora.has(releases.SAVE_KEEPS_COPY):
            wrapper.copy = clone(wrapper.base)
            wrapper.children["modules_to_save"].children["default"] = wrapper.copy
        wrapper.base.freeze()
    activate(wrapper, trains)


def activate(wrapper: Mod, trains: bool) -> None:
    """`set_adapter`: the trained copy, or the token rows, train unless in inference mode."""
    if wrapper.role == "saved" and wrapper.copy is not None:
        wrapper.copy.freeze(trains)
    elif wrapper.role == "tokens":
        for par in unique(wrapper.children["token_adapter"].children["trainable_tokens_delta"]):
            par.grad = trains
