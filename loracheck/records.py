"""`record`: a mutable class of named values, as `dataclasses.dataclass` makes it.

`import dataclasses` imports `inspect` and, with it, the compiler's modules, which costs half as
much as starting Python; every check would pay for it. The checker of types sees a dataclass.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import field, replace
    from typing import Any
else:

    class field:  # noqa: N801 - the name that dataclasses has
        """A default that is made anew for each record."""

        def __init__(self, *, default_factory: Any) -> None:
            self.make = default_factory

    def record(cls: type) -> type:
        """Give a class an initialiser with its annotated names as parameters, in their order, and
        an equality by all of them. Names without a default come first.
        """
        names = tuple(cls.__annotations__)
        factories = {n: v.make for n, v in vars(cls).items() if isinstance(v, field)}
        for name in factories:
            delattr(cls, name)  # as dataclasses do: it is no value of the class
        required = [n for n in names if n not in factories and not hasattr(cls, n)]
        cls.__init__ = _build_init(cls.__name__, names, factories, required)
        cls.__eq__ = _equals
        cls.__hash__ = None
        cls.__repr__ = _represent
        return cls

    def _build_init(name: str, names: tuple[str, ...], factories: Any, required: list[str]) -> Any:
        names_set, required_set = frozenset(names), frozenset(required)

        def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807
            if values:
                twice = named.keys() & names[: len(values)]
                if len(values) > len(names) or twice:
                    raise TypeError(f"{name}: too many values")
                named.update(zip(names, values, strict=False))
            if not required_set <= named.keys() <= names_set:
                missing = sorted(required_set - named.keys())
                unknown = sorted(named.keys() - names_set)
                raise TypeError(f"{name} needs {missing}, and takes no {unknown}")
            for each, make in factories.items():
                if each not in named:
                    named[each] = make()
            vars(self).update(named)

        return __init__

    def _equals(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return _list_values(self) == _list_values(other)

    def _list_values(self: Any) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in type(self).__annotations__)

    def _represent(self: Any) -> str:
        pairs = zip(type(self).__annotations__, _list_values(self), strict=True)
        return f"{type(self).__qualname__}({', '.join(f'{n}={v!r}' for n, v in pairs)})"

    def replace(self: Any, /, **changes: Any) -> Any:
        """A copy of a record with other values for the names that are given."""
        names = type(self).__annotations__
        return type(self)(**{name: getattr(self, name) for name in names} | changes)


__all__ = ["field", "record", "replace"]
