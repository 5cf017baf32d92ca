"""`NamedTuple`: what `typing.NamedTuple` is, made in a twentieth of the time.

A check of one file loads some 80 such classes and makes a few instances of half of them. `typing`
compiles every annotation and, as `collections.namedtuple` does, a function for every class: a third
of all that such a check costs. Here a class gets that function when it has made a few instances, by
the same expression, and annotations are left as they are. The checker of types sees `typing`'s.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    from operator import itemgetter

    try:
        from _collections import _tuplegetter
    except ImportError:  # another Python than CPython

        def _tuplegetter(index: int, doc: str) -> property:
            return property(itemgetter(index), doc=doc)

    FEW = 20
    """Instances from which the function pays."""

    class _Methods:
        """What all of these classes have. The names are those of `collections.namedtuple`."""

        @classmethod
        def _make(cls, values: Any) -> Any:
            instance = tuple.__new__(cls, values)
            if len(instance) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(instance)}")
            return instance

        def _replace(self, /, **changes: Any) -> Any:
            instance = tuple.__new__(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"Got unexpected field names: {list(changes)!r}")
            return instance

        __replace__ = _replace

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            pairs = zip(self._fields, self, strict=True)
            return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in pairs)})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

    _METHODS = ("_make", "_replace", "__replace__", "_asdict", "__repr__", "__getnewargs__")
    _COMMON = {"__slots__": (), **{name: vars(_Methods)[name] for name in _METHODS}}
    """It stands in each class itself: one class above them all would make each a seventh dearer."""

    _properties: list[Any] = []
    """By number of the field; one serves all classes."""

    def _get_property(index: int) -> Any:
        while len(_properties) <= index:
            number = len(_properties)
            _properties.append(_tuplegetter(number, f"Alias for field number {number}"))
        return _properties[index]

    def _build_new(name: str, fields: tuple[str, ...], defaults: dict[str, Any]) -> Any:
        """The `__new__` of a class, which makes the first instances by itself and then has the
        usual one made, and puts it in its own place.
        """
        made, count, names = 0, len(fields), frozenset(fields)

        def __new__(cls: type, /, *values: Any, **named: Any) -> Any:  # noqa: N807
            nonlocal made
            made += 1
            if made <= FEW:
                if not named and len(values) == count:
                    return tuple.__new__(cls, values)
                given = {**defaults, **dict(zip(fields, values, strict=False)), **named}
                twice = not named.keys().isdisjoint(fields[: len(values)])
                if given.keys() == names and len(values) <= count and not twice:
                    return tuple.__new__(cls, map(given.__getitem__, fields))
            # Here too where the values are wrong: the function's own TypeError says how.
            owner = next(c for c in cls.__mro__ if c.__dict__.get("__new__") is stand_in)
            owner.__new__ = _build_usual_new(name, fields, defaults)
            return owner.__new__(cls, *values, **named)

        stand_in = staticmethod(__new__)
        return stand_in

    def _build_usual_new(name: str, fields: tuple[str, ...], defaults: dict[str, Any]) -> Any:
        """The `__new__` as `collections.namedtuple` makes it."""
        words = ", ".join(fields)
        values = f"({words},)" if fields else "()"
        names = {"_tuple_new": tuple.__new__, "__builtins__": {}}
        function = eval(f"lambda _cls, {words}: _tuple_new(_cls, {values})", names)
        function.__name__, function.__qualname__ = "__new__", f"{name}.__new__"
        function.__defaults__ = tuple(defaults.values()) or None
        return function

    class _Meta(type):
        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            fields = tuple(body.get("__annotations__", ()))
            defaults = {each: body.pop(each) for each in fields if each in body}
            if any(each.startswith("_") for each in fields):
                raise ValueError(f"{name}: no name of a field begins with an underscore")
            if fields[: len(fields) - len(defaults)] != tuple(
                each for each in fields if each not in defaults
            ):
                raise TypeError(f"{name}: a field without a default follows one with a default")
            names = {**_COMMON, **body}
            for index, each in enumerate(fields):
                names[each] = _get_property(index)
            names["_fields"] = names["__match_args__"] = fields
            names["_field_defaults"] = defaults
            names["__new__"] = _build_new(name, fields, defaults)
            return type(name, (tuple,), names)

    NamedTuple = type.__new__(_Meta, "NamedTuple", (), {})

__all__ = ["NamedTuple"]
