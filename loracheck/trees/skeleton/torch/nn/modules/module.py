"""`nn.Module`: names and their order. What is assigned, registered, replaced and deleted, exactly
as torch does it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple, TypeVar

from ..._tensor import Tensor
from ..parameter import Buffer, Parameter
from ._count import COUNT
from ._hooks import HOOKS, Hooks
from ._moving import Moving


class _IncompatibleKeys(NamedTuple):
    missing_keys: list[str]
    unexpected_keys: list[str]


_EXTRA_STATE_KEY_SUFFIX = "_extra_state"
T_destination = TypeVar("T_destination", bound=dict[str, Any])
_STORES = ("_parameters", "_buffers", "_modules")


class Module(Moving, Hooks):
    """A module: its own parameters and buffers, its children, in order of registration."""

    dump_patches = False
    call_super_init = False
    _version = 1
    _compiled_call_impl: Any = None
    training: bool

    def __init__(self, *_: object, **__: object) -> None:
        COUNT.one_more()
        state = self.__dict__
        state["training"] = True
        state["_parameters"] = {}
        state["_buffers"] = {}
        state["_non_persistent_buffers_set"] = set()
        for hook in HOOKS:
            state[hook] = OrderedDict()
        state["_modules"] = {}

    def forward(self, *_: Any, **__: Any) -> Any:
        """To be written by subclasses."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self.forward(*args, **named)

    def __getattr__(self, name: str) -> Any:
        for store in _STORES:
            kept = self.__dict__.get(store)
            if kept is not None and name in kept:
                return kept[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        kind = _kind(value) or self._store_of(name)
        if kind is None:
            object.__setattr__(self, name, value)
            return
        kept = self.__dict__.get(kind)
        if kept is None:
            raise AttributeError(f"cannot assign {kind[1:]} before Module.__init__() call")
        if value is not None and not isinstance(value, _ACCEPTED[kind]):
            expected = _ACCEPTED[kind].__name__
            raise TypeError(
                f"cannot assign '{type(value).__name__}' as '{name}' ({expected} or None expected)"
            )
        persistent = name not in self._non_persistent_buffers_set
        if name not in kept:
            self._forget(name)
            persistent = getattr(value, "persistent", True)
        if kind == "_buffers" and not persistent:
            self._non_persistent_buffers_set.add(name)
        kept[name] = value

    def _store_of(self, name: str) -> str | None:
        for store in _STORES:
            if name in self.__dict__.get(store, ()):
                return store
        return None

    def _forget(self, name: str) -> None:
        self.__dict__.pop(name, None)
        for store in _STORES:
            self.__dict__[store].pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __delattr__(self, name: str) -> None:
        for store in _STORES:
            if name in self.__dict__.get(store, ()):
                del self.__dict__[store][name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = [*object.__dir__(self), *self._parameters, *self._modules, *self._buffers]
        return sorted(set(names))

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _new_name(self, name: Any, store: str) -> dict[str, Any]:
        kept: dict[str, Any] | None = self.__dict__.get(store)
        if kept is None:
            raise AttributeError(f"cannot assign {store[1:]} before Module.__init__() call")
        if not isinstance(name, str):
            raise TypeError(f"name should be a string. Got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f"name can't be empty or contain '.', got {name!r}")
        if name not in kept and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        return kept

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter; None keeps the name free for one."""
        kept = self._new_name(name, "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign '{type(param).__name__}' object to parameter '{name}'")
        kept[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a buffer."""
        kept = self._new_name(name, "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign '{type(tensor).__name__}' object to buffer '{name}'")
        kept[name] = tensor
        (
            self._non_persistent_buffers_set.discard
            if persistent
            else self._non_persistent_buffers_set.add
        )(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._new_name(name, "_modules")[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """As `add_module`."""
        self.add_module(name, module)

    def load_state_dict(self, state_dict: object, strict: bool = True, assign: bool = False) -> Any:
        """Loads nothing."""
        return _IncompatibleKeys([], [])

    def _load_from_state_dict(self, *_: object, **__: object) -> None:
        """Loads nothing."""

    def _save_to_state_dict(self, *_: object, **__: object) -> None:
        """Saves nothing."""

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """Nothing to add."""
        return ""

    def __repr__(self) -> str:
        return f"{self._get_name()}({self.extra_repr()})"


_ACCEPTED: dict[str, type] = {"_parameters": Parameter, "_buffers": Tensor, "_modules": Module}


def _kind(value: object) -> str | None:
    """Which store a value belongs to by itself; a plain tensor belongs to none."""
    if isinstance(value, Module):
        return "_modules"
    if isinstance(value, Tensor):
        return (
            "_parameters"
            if isinstance(value, Parameter)
            else "_buffers"
            if isinstance(value, Buffer)
            else None
        )
    return None
