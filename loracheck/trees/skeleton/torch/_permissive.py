"""An honest stand-in for everything else of torch: whatever is asked for is harmless and does
nothing.

transformers names many parts of torch that constructors never run: decorators, flags, kernels,
whole namespaces. An unknown attribute answers as a decorator, a context manager, a falsy flag or an
empty namespace; an unknown class can be inherited from and has no instances. Inside `torch.nn` that
would lose names in silence, so there an unknown layer can be named, but making one raises
`NotModelledError`.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ABSENT = frozenset(f"torch.{name}" for name in ("npu", "mlu", "musa", "hpu", "neuron", "tpu"))
"""Namespaces that plug-ins add to torch. Their presence would mean an accelerator, so they must
stay unknown.
"""


class NotModelledError(RuntimeError):
    """A layer of torch.nn that the stand-in does not have: the tree could not be exact."""


class _AnyClass(type):
    """The class of unknown classes."""

    def __getattr__(cls, name: str) -> object:
        return _checked(name)

    def __getitem__(cls, item: object) -> _AnyClass:
        return cls

    def __iter__(cls) -> Iterator[object]:
        return iter(())

    def __len__(cls) -> int:
        return 0

    def __contains__(cls, item: object) -> bool:
        return False


class AnyBase(metaclass=_AnyClass):
    """What unknown classes inherit from; takes any arguments, has any attribute."""

    def __init__(self, *_: object, **__: object) -> None:
        """Nothing is kept."""

    def __init_subclass__(cls, **_: object) -> None:
        """Any class keyword is taken."""

    def __getattr__(self, name: str) -> object:
        return _checked(name)

    def __enter__(self) -> AnyBase:
        return self

    def __exit__(self, *_: object) -> None:
        """No error is swallowed."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        return _called(args, named)


class Anything:
    """A function, flag or namespace of which nothing is known."""

    def __init__(self, name: str = "anything") -> None:
        self.__name__ = self.__qualname__ = name
        self.__module__ = "torch"

    def __getattr__(self, name: str) -> object:
        found = _checked(name)
        self.__dict__[name] = found
        return found

    def __call__(self, *args: Any, **named: Any) -> Any:
        return _called(args, named)

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (AnyBase,)

    def __enter__(self) -> Anything:
        return self

    def __exit__(self, *_: object) -> None:
        """No error is swallowed."""

    def __bool__(self) -> bool:
        return False

    def __int__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __getitem__(self, item: object) -> Anything:
        return Anything(self.__name__)

    def __setitem__(self, item: object, value: object) -> None:
        """Nothing is kept."""

    def __contains__(self, item: object) -> bool:
        return False

    def __lt__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)

    def __or__(self, other: object) -> Anything:
        return self

    __index__ = __len__ = __int__
    __gt__ = __le__ = __ge__ = __lt__
    __ror__ = __and__ = __or__


def _called(args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """One callable and nothing else: used as a decorator, so the callable comes back."""
    if len(args) == 1 and not named and callable(args[0]) and not isinstance(args[0], Anything):
        return args[0]
    return Anything("result")


def _checked(name: str) -> object:
    if name.startswith("__"):
        raise AttributeError(name)
    return Anything(name)


def anything(name: str, module: str = "torch") -> object:
    """The stand-in for `module.name`: a class if it is written like one. Raises AttributeError for
    dunder names.
    """
    if name.startswith("__"):
        raise AttributeError(f"module '{module}' has no attribute '{name}'")
    if name.lstrip("_")[:1].isupper():
        return _AnyClass(name, (AnyBase,), {"__module__": module})
    return Anything(name)


def lookup(module: str, name: str, kept: dict[str, Any]) -> Any:
    """`__getattr__` of every module here: a submodule that exists, else a stand-in, remembered in
    `kept`.
    """
    full = f"{module}.{name}"
    if full in ABSENT:
        raise AttributeError(f"module '{module}' has no attribute '{name}'")
    found = sys.modules.get(full)
    return found if found is not None else kept.setdefault(name, anything(name, module))


class Namespace(ModuleType):
    """A module of torch of which only the given attributes are known."""

    def __getattr__(self, name: str) -> Any:
        return lookup(self.__name__, name, self.__dict__)


class Finder:
    """Finds every `torch.x.y` that has no file here, as an empty namespace. Comes after the real
    path finder.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """A package for any submodule of torch, except `torch.nn.modules` and what plug-ins would
        add.
        """
        if not name.startswith("torch.") or name in ABSENT or name.startswith("torch.nn.modules."):
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty namespace."""
        return Namespace(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def namespace(name: str, **known: object) -> ModuleType:
    """Make the module `name` importable with what is known of it."""
    module = Namespace(name)
    module.__path__ = []
    module.__spec__ = ModuleSpec(name, None, is_package=True)
    module.__dict__.update(known)
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], own, module)
    return module


def same(function: Any = None, *_: object, **__: object) -> Any:
    """A decorator, with or without arguments, that leaves the function alone."""
    return function if callable(function) else _returned


def decorating(*_: object, **__: object) -> Any:
    """A decorator that always takes arguments, and leaves the function alone."""
    return _returned


def _returned(function: Any) -> Any:
    return function


def no(*_: object, **__: object) -> bool:
    """The answer of every question about accelerators, tracing and distribution."""
    return False


def zero(*_: object, **__: object) -> int:
    """No devices, the first rank."""
    return 0
