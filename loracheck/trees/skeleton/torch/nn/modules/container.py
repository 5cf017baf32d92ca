"""Containers of modules and parameters."""

from __future__ import annotations

from collections import OrderedDict
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..._tensor import Tensor
from ..parameter import Parameter
from .module import Module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Numbered(Module):
    """Children named by their place; taking one out moves the names of those behind it."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def _members(self) -> list[Module | None]:
        return list(self._modules.values())

    def _renumber(self, members: Iterable[Module | None]) -> None:
        kept = {str(place): module for place, module in enumerate(list(members))}
        self._modules.clear()
        self._modules.update(kept)

    def __delitem__(self, index: Any) -> None:
        members = self._members()
        del members[index]
        self._renumber(members)

    def append(self, module: Module) -> Any:
        """One more at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Several more at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """One more in between."""
        members = self._members()
        members.insert(index, module)
        self._renumber(members)
        return self

    def pop(self, key: int) -> Any:
        """Take one out."""
        found = self._members()[key]
        del self[key]
        return found

    def __iadd__(self, modules: Iterable[Module]) -> Any:
        return self.extend(modules)


class Sequential(_Numbered):
    """Modules one after the other; an OrderedDict gives them names."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = len(args) == 1 and isinstance(args[0], OrderedDict)
        for name, module in args[0].items() if named else ((str(i), m) for i, m in enumerate(args)):
            self.add_module(name, module)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._members()[index]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, list(self._modules)[index], module)

    def forward(self, input: Any) -> Any:
        """One after the other."""
        for module in self:
            input = module(input)
        return input


class ModuleList(_Numbered):
    """A list of modules."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def _name(self, index: Any) -> str:
        place, length = index.__index__(), len(self)
        if not -length <= place < length:
            raise IndexError(f"index {place} is out of range")
        return str(place % length)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(self._members()[index])  # type: ignore[arg-type]
        return self._modules[self._name(index)]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name(index), module)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def __contains__(self, module: object) -> bool:
        return any(module is each for each in self._modules.values())


class ModuleDict(Module):
    """Modules by name."""

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def keys(self) -> Any:
        """Names."""
        return self._modules.keys()

    def values(self) -> Any:
        """Modules."""
        return self._modules.values()

    def items(self) -> Any:
        """Names and modules."""
        return self._modules.items()

    def get(self, key: str, default: Any = None) -> Any:
        """One by name."""
        return self._modules.get(key, default)

    def pop(self, key: str) -> Any:
        """Take one out."""
        return self._modules.pop(key)

    def clear(self) -> None:
        """Take all out."""
        self._modules.clear()

    def update(self, modules: Any) -> None:
        """Several more."""
        for key, module in modules.items() if hasattr(modules, "items") else modules:
            self[key] = module


def _parameter(value: Any) -> Any:
    return (
        Parameter(value)
        if isinstance(value, Tensor) and not isinstance(value, Parameter)
        else value
    )


class ParameterList(Module):
    """A list of parameters."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)([self[place] for place in range(*index.indices(self._size))])
        if not -self._size <= index < self._size:
            raise IndexError(f"index {index} is out of range")
        return getattr(self, str(index % self._size))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, str(index), _parameter(value))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter([self[place] for place in range(self._size)])

    def append(self, value: Any) -> ParameterList:
        """One more."""
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Several more."""
        for value in values:
            self.append(value)
        return self

    __iadd__ = extend


class ParameterDict(Module):
    """Parameters by name."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, str(key))

    def __setitem__(self, key: str, value: Any) -> None:
        self._keys[key] = None
        setattr(self, str(key), _parameter(value))

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def keys(self) -> Any:
        """Names."""
        return self._keys.keys()

    def values(self) -> Iterator[Any]:
        """Parameters."""
        return (self[key] for key in self._keys)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Names and parameters."""
        return ((key, self[key]) for key in self._keys)

    def update(self, parameters: Any) -> None:
        """Several more."""
        for key, value in parameters.items() if hasattr(parameters, "items") else parameters:
            self[key] = value
