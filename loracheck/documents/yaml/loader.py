"""The loader of YAML documents: PyYAML's safe loader with limits against texts that unfold without
end.
"""

from __future__ import annotations

import re

import yaml

from loracheck.documents.model import Unknown
from loracheck.documents.values import MAX_DEPTH, MAX_DIGITS, MAX_VALUES
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from yaml import SafeLoader as Base

    from loracheck.documents.values import Table, Value
else:
    # libyaml's parser is ten times faster and means the same; wheels of PyYAML carry it.
    Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

EventLoader = Base
"""The same parser, for those who want its events only."""

_INDENT = compile_when_used(r"^[ ?-]*", re.MULTILINE)
_TAB = compile_when_used(r"^[^#\n]*\t", re.MULTILINE)
_MERGE = "tag:yaml.org,2002:merge"
_PYTHON = "tag:yaml.org,2002:python/"


class Loader(Base):
    """Loads one text. After it, `has_problems` says whether a mapping had a duplicate key."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.has_problems = False
        self._merged = 0

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Table:
        """The mapping as PyYAML makes it; notes duplicate keys."""
        if isinstance(node, yaml.MappingNode):
            names = [(k.tag, k.value) for k, _ in node.value if isinstance(k, yaml.ScalarNode)]
            if len(set(names)) != len(names):
                self.has_problems = True
        value: Table = super().construct_mapping(node, deep=deep)
        return value

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """As PyYAML does, but bounded: `<<: [*a, *a]` doubles the pairs at each level."""
        merges = any(key.tag == _MERGE for key, _ in node.value)
        if not merges:
            return
        super().flatten_mapping(node)
        self._merged += len(node.value)
        if self._merged > MAX_VALUES:
            raise yaml.constructor.ConstructorError(
                None, None, f"merges unfold to more than {MAX_VALUES:,} values", node.start_mark
            )

    def source(self, node: yaml.Node) -> str:
        """The node's text as written."""
        return self.text[node.start_mark.index : node.end_mark.index].rstrip()


def refuse_deep(text: str) -> None:
    """Raises MarkedYAMLError for nesting over MAX_DEPTH, before a composer recurses into it.

    Block nesting needs indentation, flow nesting brackets; only a text with enough of both is
    parsed for its true depth.
    """
    brackets = text.count("[") + text.count("{")
    widest = max(match.end() - match.start() for match in _INDENT.finditer(text))
    if brackets + 2 * widest <= MAX_DEPTH:
        return
    depth = 0
    for event in yaml.parse(text, Loader=EventLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                problem = f"nested deeper than {MAX_DEPTH} levels"
                raise yaml.MarkedYAMLError(None, None, problem, _mark(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def refuse_tabs(text: str) -> None:
    """Raises MarkedYAMLError for a tab that PyYAML's own scanner refuses and libyaml takes for a
    blank (`lora_r:\t8`): what reads the file afterwards is `yaml.safe_load`, which is PyYAML's.
    """
    if _TAB.search(text):
        for _ in yaml.scan(text, Loader=yaml.SafeLoader):
            pass


def _mark(event: yaml.Event) -> Any:
    return event.start_mark


def _map(loader: Loader, node: yaml.Node) -> Any:
    """A mapping. A `{{ name }}` without quotes, which YAML reads as nested mappings, is a
    template's placeholder and Unknown.
    """
    if isinstance(node, yaml.MappingNode) and _is_template(node):
        return Unknown(loader.source(node))
    return loader.construct_yaml_map(node)


def _is_template(node: yaml.MappingNode) -> bool:
    if not node.flow_style or len(node.value) != 1:
        return False
    inner = node.value[0][0]
    begin: Any = node.start_mark
    second: Any = inner.start_mark
    # An alias as a key (`{*a : 1}`) has the place of what it names.
    return isinstance(inner, yaml.MappingNode) and bool(second.index == begin.index + 1)


def _guard_constructor(
    construct: Callable[[Loader, yaml.Node], Any], what: str
) -> Callable[[Loader, yaml.Node], Any]:
    """The constructor of a scalar with errors that have a place: PyYAML's own lets Python's errors
    through (`!!int x`, `0x_`, 2024-13-45).
    """

    def construct_scalar(loader: Loader, node: yaml.Node) -> Any:
        value = node.value
        try:
            if isinstance(value, str) and len(value) > MAX_DIGITS:
                raise ValueError("too long")
            return construct(loader, node)
        except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as error:
            problem = f"`{str(value)[:40]}` is no {what} that Python can read"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error

    return construct_scalar


def _construct_unknown(loader: Loader, suffix: str, node: yaml.Node) -> Unknown:
    return Unknown(loader.source(node))


def _refuse_python_tag(loader: Loader, suffix: str, node: yaml.Node) -> Value:
    problem = f"the tag !!python/{suffix} asks for a Python object; it is never constructed"
    raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _construct_foreign(loader: Loader, node: yaml.Node) -> Value:
    if node.tag.startswith("tag:yaml.org,2002:"):
        problem = f"the tag !!{node.tag.removeprefix('tag:yaml.org,2002:')} is not YAML's"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return Unknown(loader.source(node))


for _name, _what in (
    ("int", "whole number"),
    ("float", "number"),
    ("bool", "truth value"),
    ("timestamp", "date"),
):
    Loader.add_constructor(
        f"tag:yaml.org,2002:{_name}",
        _guard_constructor(getattr(Base, f"construct_yaml_{_name}"), _what),
    )
Loader.add_constructor("tag:yaml.org,2002:map", _map)
Loader.add_multi_constructor("!", _construct_unknown)
Loader.add_multi_constructor(_PYTHON, _refuse_python_tag)
Loader.add_constructor(None, _construct_foreign)
