"""modules_to_save: modules trained in full, as copies.

Source: PEFT 0.21.2 (older releases: releases.py), utils/other.py `_set_trainable`,
`ModulesToSaveWrapper`.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError, UnfoldError
from loracheck.plan.graph.module_graph import (
    CONTAINERS,
    Module,
    copy_module,
    list_unique_parameters,
)
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loracheck.plan.config.effective_config import EffectiveConfig

ADAPTERS = ("lora", "parameter", "adapter")
"""Roles of PEFT's tuner layers (BaseTunerLayer)."""


class AuxiliaryModule(NamedTuple):
    """A module that `_set_trainable` wrapped, with the entry that matched it first."""

    name: str
    entry: str
    module: Module
    wrapper: Module


class AuxiliaryWrapper:
    """One pass of `_set_trainable`.

    `role` is the wrapper's, `wrap` makes one for a module.
    """

    def __init__(
        self,
        config: EffectiveConfig,
        root: Module,
        entries: Sequence[str],
        role: str,
        wrap: Callable[[Module], Module],
    ) -> None:
        self.config = config
        self.root = root
        self.entries = entries
        self.role = role
        self.wrap = wrap
        self.hits: list[AuxiliaryModule] = []
        self.trains = not (config.inference_mode and config.has(releases.SAVE_MINDS_INFERENCE))

    def wrap_all(self) -> list[AuxiliaryModule]:
        """Wrap every module whose full name ends with an entry; there is no dot boundary.

        Raises RefusedError for modules PEFT cannot wrap.
        """
        endings = tuple(self.entries)
        every = self.config.has(releases.SAVE_UNDER_EVERY_NAME)
        try:
            named_modules = [name for name, _ in self.root.named_modules(twice=every)]
        except RecursionError as error:  # a parameter of the whole model was wrapped
            code = "model-in-itself"
            raise RefusedError(code, "RecursionError", str(error), _FIELDS[self.role]) from None
        for name in named_modules if endings else ():
            if not name.endswith(endings):
                continue
            self.wrap_one(name)
        return self.hits

    def wrap_one(self, name: str) -> None:
        """Wrap one module, or look after the wrapper that is there."""
        root, config, role = self.root, self.config, self.role
        parts = name.split(".")
        grand = root.get_submodule(".".join(parts[:-2]))
        parent = root.get_submodule(".".join(parts[:-1]))
        target = root.get_submodule(name)
        if target.group.count > 1 and _is_inside_saved(root, parts):
            raise UnfoldError
        if grand.role in ADAPTERS and config.has(releases.SAVE_REFUSES_PARTS):
            text = (
                f"You are trying to target a module with {_WRAPPER_CLASSES[role]} that is a child "
                f"of {grand.class_name}. This is almost certainly not the intended behavior."
            )
            raise RefusedError("child-of-adapter", "ValueError", text, _FIELDS[role], name)
        if grand.role == role and config.has(releases.SAVE_KNOWS_ITS_PARTS):
            update_wrapper(config, grand, self.trains)
        elif target.role == role:
            update_wrapper(config, target, self.trains)
        else:
            wrapper = self.wrap(target)
            set_adapter(wrapper, self.trains)
            parent.children[parts[-1]] = wrapper
            entry = next(entry for entry in self.entries if name.endswith(entry))
            self.hits.append(AuxiliaryModule(name, entry, target, wrapper))


def _is_inside_saved(root: Module, parts: list[str]) -> bool:
    """Whether the module lies in one that is saved already.

    Then PEFT freezes and thaws parts of the same copy in turn, module by module.
    """
    above = (root.get_submodule(".".join(parts[:end])) for end in range(1, len(parts)))
    return any(module.role == "saved" for module in above)


_WRAPPER_CLASSES = {"saved": "ModulesToSaveWrapper", "tokens": "TrainableTokensWrapper"}
_FIELDS = {"saved": "modules_to_save", "tokens": "trainable_token_indices"}


def check_module(config: EffectiveConfig, target: Module, field: str) -> None:
    """`AuxiliaryTrainingWrapper.check_module`: no containers, no tuner layers."""
    adapter = target.role in ADAPTERS and config.has(releases.SAVE_REFUSES_ADAPTERS)
    if adapter or (target.kind in CONTAINERS and target.role not in ADAPTERS):
        class_name = target.class_name if not adapter else f"lora.{target.kind}"
        code = "adapter" if adapter else "container"
        text = f"{field} cannot be applied to modules of type {class_name}"
        raise RefusedError(f"{field.replace('_', '-')}-on-{code}", "TypeError", text, field)


def wrap_saved(config: EffectiveConfig, target: Module) -> Module:
    """A ModulesToSaveWrapper around a copy."""
    return _wrap_with_copy(config, target, copy_module(target))


def wrap_saved_tied(config: EffectiveConfig, target: Module, source: Module) -> Module:
    """A ModulesToSaveWrapper whose trained module is a Linear that shares `source`'s weight."""
    twin = Module("part", "Linear", target.group)
    if "weight" in source.parameters:
        twin.parameters["weight"] = source.parameters["weight"]
    return _wrap_with_copy(config, target, twin)


def _wrap_with_copy(config: EffectiveConfig, target: Module, twin: Module) -> Module:
    wrapper = Module("saved", target.kind, target.group, target.node)
    wrapper.base, wrapper.copy = target, twin
    wrapper.opaque = not config.has(releases.SAVE_FORWARDS)
    holder = Module("part", "ModuleDict", target.group)
    holder.children["default"] = twin
    wrapper.children = {"original_module": target, "modules_to_save": holder}
    target.set_trainable(False)
    twin.set_trainable(True)
    check_module(config, target, "modules_to_save")
    return wrapper


def update_wrapper(config: EffectiveConfig, wrapper: Module, trains: bool) -> None:
    """`update` and `set_adapter` on a wrapper that is there already."""
    if wrapper.role == "saved" and wrapper.base is not None:
        if not config.has(releases.SAVE_KEEPS_COPY):
            wrapper.copy = copy_module(wrapper.base)
            wrapper.children["modules_to_save"].children["default"] = wrapper.copy
        wrapper.base.set_trainable(False)
    set_adapter(wrapper, trains)


def set_adapter(wrapper: Module, trains: bool) -> None:
    """`set_adapter`: the trained copy, or the token rows, train unless in inference mode."""
    if wrapper.role == "saved" and wrapper.copy is not None:
        wrapper.copy.set_trainable(trains)
    elif wrapper.role == "tokens":
        for parameter in list_unique_parameters(
            wrapper.children["token_adapter"].children["trainable_tokens_delta"]
        ):
            parameter.requires_grad = trains
