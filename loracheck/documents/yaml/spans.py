"""Finds the places of all values and keys of a YAML text; the second pass over it.

It reads the parser's events, not composed nodes, because a node no longer knows where an alias to
it was written. An alias has the place of the `*name`; what is inside it has the places of the
anchor's own text.
"""

from __future__ import annotations

import yaml

from loracheck.documents.lines import Lines
from loracheck.documents.model import Problem, Span
from loracheck.documents.tree_document import Place, Positions
from loracheck.documents.values import MAX_PROBLEMS, replace_surrogates
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .loader import EventLoader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from loracheck.documents.values import Value

_ANCHOR = compile_when_used(r"&[^\s,\[\]{}]+(?:\s+|#[^\n]*)*")
_MERGE = "tag:yaml.org,2002:merge"

Pair = tuple["_Node", "_Node"]


class _Node:
    """A value of the text: its place, and for a collection what is in it."""

    __slots__ = ("end", "items", "key", "pairs", "place", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.key: Any = None
        self.pairs: list[Pair] | None = None
        self.items: list[_Node] | None = None
        self.place: Place | None = None


def locate(text: str, lines: Lines) -> Positions:
    """The places of all values of a text that was loaded before, and the keys that stand twice."""
    reader = _Reader(text)
    roots = reader.roots()
    problems: list[Problem] = []
    places = [_place(root, lines, problems) for root in roots]
    return Positions(places, sorted(problems, key=lambda problem: problem.span))


def find_excess_place(text: str) -> Span:
    """The place that an error about too many values names: the last alias of the text."""
    last = 0
    for event in yaml.parse(text, Loader=EventLoader):
        if isinstance(event, yaml.AliasEvent):
            last = _get_offsets(event)[0]
    return Lines(text).at(last)


def _get_offsets(event: yaml.Event) -> tuple[int, int]:
    start: Any = event.start_mark
    end: Any = event.end_mark
    return start.index, end.index


class _Reader:
    """Builds nodes from the parser's events, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.anchors: dict[str, _Node] = {}
        # Constructs plain keys (`1:`, `yes:`), so that a path's step equals the value's key.
        self.scalars = yaml.SafeLoader("")
        self._resolve: Callable[..., str] = self.scalars.resolve

    def roots(self) -> list[_Node]:
        """One node for each document."""
        nodes: list[_Node] = []
        stack: list[tuple[_Node, list[_Node]]] = []
        for event in yaml.parse(self.text, Loader=EventLoader):
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
            elif isinstance(event, yaml.CollectionEndEvent):
                node, children = stack.pop()
                self._close(node, children, event)
            elif isinstance(event, yaml.NodeEvent):
                node = self._build_node(event)
                (stack[-1][1] if stack else nodes).append(node)
                if isinstance(event, yaml.CollectionStartEvent):
                    stack.append((node, []))
        return nodes

    def _build_node(self, event: yaml.NodeEvent) -> _Node:
        start, end = _get_offsets(event)
        if isinstance(event, yaml.AliasEvent):
            node = _Node(start, end)
            target = self.anchors[str(event.anchor)]
            node.key, node.pairs, node.items = target.key, target.pairs, target.items
            return node
        if event.anchor:
            skipped = _ANCHOR.match(self.text, start)
            start = min(skipped.end(), end) if skipped else start
        node = _Node(start, end)
        if event.anchor:
            self.anchors[event.anchor] = node
        if isinstance(event, yaml.ScalarEvent):
            node.key = self._construct_scalar(event)
            if event.style in ("|", ">"):
                node.end = start + _compute_trimmed_length(self.text[start:end])
        elif isinstance(event, yaml.MappingStartEvent):
            node.pairs = []
        else:
            node.items = []
        return node

    def _close(self, node: _Node, children: list[_Node], event: yaml.CollectionEndEvent) -> None:
        if node.items is not None:
            node.items.extend(children)
        if node.pairs is not None:
            node.pairs.extend(zip(children[::2], children[1::2], strict=True))
        start, node.end = _get_offsets(event)
        if children and start == node.end:
            # A block ends where its last entry ends; the parser's mark is at the next token.
            node.end = children[-1].end

    def _construct_scalar(self, event: yaml.ScalarEvent) -> Any:
        """The value of a scalar as a key."""
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == "tag:yaml.org,2002:str" or tag == _MERGE:
            merge = tag == _MERGE and event.implicit[0]
            return _MergeKey if merge else replace_surrogates(event.value)
        node = yaml.ScalarNode(tag, event.value)
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError):
            return None


def _compute_trimmed_length(text: str) -> int:
    """The length of a block scalar's text up to the end of its last line with something in it."""
    length = len(text.rstrip(" \t\r\n\x85\u2028\u2029"))
    tail = text[length:]
    return length + len(tail) - len(tail.lstrip(" \t"))


class _MergeKey:
    """Stands for the key `<<`."""


def _place(root: _Node, lines: Lines, problems: list[Problem]) -> Place:
    """The place of a node and of all below it; a node that several aliases share is computed
    once. An alias of what it stands in itself (`a: &a {<<: *a}`) has a place, and nothing below.
    """
    stack = [root]
    open_content: set[int] = set()
    while stack:
        node = stack[-1]
        open_content.add(id(_get_content(node)))
        for child in _iterate_children(node):
            if child.place is None and id(_get_content(child)) in open_content:
                child.place = Place(child.start, child.end)
        if below := [child for child in _iterate_children(node) if child.place is None]:
            stack += below
            continue
        stack.pop()
        open_content.discard(id(_get_content(node)))
        if node.place is None:
            node.place = Place(node.start, node.end)
            if node.items is not None:
                node.place.children = {i: c.place for i, c in enumerate(node.items) if c.place}
            elif node.pairs is not None:
                node.place.children = _collect_member_places(node.pairs, lines, problems)
    assert root.place is not None  # the loop ends only after the root
    return root.place


def _get_content(node: _Node) -> object:
    """What an alias shares with its anchor; of a scalar the node itself."""
    content = node.items if node.pairs is None else node.pairs
    return node if content is None else content


def _iterate_children(node: _Node) -> Iterator[_Node]:
    if node.items is not None:
        yield from node.items
    for key, value in node.pairs or ():
        if key.pairs is None:
            yield value


def _collect_member_places(
    pairs: list[Pair], lines: Lines, problems: list[Problem]
) -> dict[Any, Place]:
    """The members of a mapping: merged ones first, so that its own keys win."""
    places: dict[Any, Place] = {}
    merged: dict[Any, Place] = {}
    for key, value in pairs:
        if key.key is _MergeKey:
            for source in reversed(value.items if value.items is not None else [value]):
                merged.update(source.place.children if source.place else {})
        elif value.place is not None and _is_hashable(key.key):
            if key.key in places and len(problems) < MAX_PROBLEMS:
                problems.append(_report_duplicate_key(key, places[key.key], lines))
            place = Place(value.place.start, value.place.end, key.start, key.end)
            place.children = value.place.children
            places[key.key] = place
    return {**merged, **places}


def _is_hashable(key: Value) -> bool:
    return isinstance(key, (str, int, float, bool, type(None), bytes))


def _report_duplicate_key(key: _Node, first: Place, lines: Lines) -> Problem:
    return Problem(
        "duplicate-key",
        f"the key {str(key.key)!r} stands here twice; the last one counts",
        lines.span(key.start, key.end),
        ((lines.span(first.key_start, first.key_end), "first here"),),
    )
