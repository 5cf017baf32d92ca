"""From the pydantic models to plain facts: what the hot path reads instead of pydantic."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, Strict
from pydantic.fields import FieldInfo

from loracheck.type_checking import TYPE_CHECKING

from .models import PeftConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .models import Model

_BOUNDS: tuple[tuple[type, str, str], ...] = (
    (Ge, "ge", "min"),
    (Le, "le", "max"),
    (Gt, "gt", "above"),
    (Lt, "lt", "below"),
)
_PLAIN = {bool: "bool", int: "int", float: "number", str: "str", type(None): "null"}


class AnnotationFacts:
    """What one annotation says: its types in order, choices, pattern and bounds."""

    def __init__(self, field: FieldInfo) -> None:
        self.types: list[str] = []
        self.choices: list[Any] = []
        self.config: str | None = None
        self.limits: dict[str, Any] = {}
        self._read_metadata(field.metadata, self.limits)
        self._read_annotation(field.annotation)

    @property
    def type(self) -> str:
        """The types joined with "|": "list[str]|str|null"."""
        return "|".join(dict.fromkeys(self.types))

    def _read_annotation(self, annotation: Any) -> None:
        for part, metadata in _list_union_members(annotation):
            self._read_metadata(metadata, self.limits)
            if get_origin(part) is Literal:
                self.choices += get_args(part)
                self.types.append(_PLAIN[type(get_args(part)[0])])
            elif isinstance(part, type) and issubclass(part, BaseModel):
                self.config = part.__name__
                self.types.append("config")
            else:
                self.types.append(self._name(part, metadata))

    def _name(self, part: Any, metadata: tuple[Any, ...]) -> str:
        """Name of a plain or container type; bounds of items go to `items`.

        A strict list is "bare": PEFT hands it to torch, which takes no tuple or set for it.
        """
        origin, args = get_origin(part), get_args(part)
        if origin in (list, dict, tuple):
            strict = origin is list and any(isinstance(mark, Strict) for mark in metadata)
            name = "bare" if strict else origin.__name__
            return f"{name}[{','.join(self._read_item(a) for a in args)}]"
        return _PLAIN.get(part, "any")

    def _read_item(self, part: Any) -> str:
        (inner, metadata), *more = _list_union_members(part)
        if more:
            raise TypeError(f"an item with several types: {part}")
        self._read_metadata(metadata, self.limits.setdefault("items", {}))
        if not self.limits["items"]:
            del self.limits["items"]
        return self._name(inner, metadata)

    def _read_metadata(self, metadata: Any, into: dict[str, Any]) -> None:
        for mark in metadata:
            if isinstance(mark, FieldInfo):
                self._read_metadata(mark.metadata, into)
            if (pattern := getattr(mark, "pattern", None)) is not None:
                into["pattern"] = pattern
            for kind, attribute, name in _BOUNDS:
                if isinstance(mark, kind):
                    into[name] = getattr(mark, attribute)


def _list_union_members(
    annotation: Any, metadata: tuple[Any, ...] = ()
) -> list[tuple[Any, tuple[Any, ...]]]:
    """Members of a union with the metadata of each, `Annotated` taken off."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        return _list_union_members(inner, (*metadata, *marks))
    if origin in (Union, types.UnionType):
        return [
            members
            for part in get_args(annotation)
            for members in _list_union_members(part, metadata)
        ]
    return [(annotation, metadata)]


def get_field_facts(field: FieldInfo) -> dict[str, Any]:
    """The facts that `known()` put beside the field."""
    return dict(field.json_schema_extra["facts"])  # type: ignore[index,arg-type]


def get_plain_default(field: FieldInfo) -> Any:
    """The field's default as a plain value."""
    return {} if field.default_factory is not None else field.default


def iterate_model_fields(model: type[Model]) -> Iterator[tuple[str, FieldInfo, str]]:
    """Name, field and defining class of every field."""
    for name, field in model.model_fields.items():
        yield name, field, "PeftConfig" if name in PeftConfig.model_fields else model.__name__
