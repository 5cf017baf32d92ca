"""Duplicates that Python refuses or overrides: a keyword given twice to one call, a key twice in
one dict.
"""

from __future__ import annotations

import ast

from loracheck.documents.model import Problem
from loracheck.documents.tree_document import Place
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .spans import compute_node_offsets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.documents.lines import Lines

    from .parsed_module import ParsedModule

_LORA_KEYS = frozenset({"lora_alpha", "lora_dropout", "target_modules"})
"""Keys of which one must stand in a dict that is looked at."""


class Duplicate(NamedTuple):
    """A duplicate keyword of a call, or key of a dict display (`inside`), with both places."""

    name: str
    first: Place
    second: Place
    inside: bool = False

    def problem(self, lines: Lines) -> Problem:
        """The duplicate as a Problem of the document."""
        return Problem(
            "doubled-keyword",
            f"the key '{self.name}' stands twice in one dict; the last one counts"
            if self.inside
            else f"`{self.name}` is given twice to one call; Python refuses the file",
            lines.span(self.second.start, self.second.end),
            ((lines.span(self.first.start, self.first.end), "first given here"),),
        )


def find_duplicates(module: ParsedModule, calls: Iterable[ast.Call]) -> list[Duplicate]:
    """The duplicate keywords of the calls, then the duplicate keys of every dict display in the
    module that has one of LoRA's keys.
    """
    lines = module.lines
    duplicates = [two for call in calls for two in _find_duplicate_keywords(lines, call)]
    return duplicates + [
        two for node in module.find_nodes(ast.Dict) for two in _find_duplicate_keys(lines, node)
    ]


def _find_duplicate_keywords(lines: Lines, call: ast.Call) -> Iterator[Duplicate]:
    """Keywords given twice to one call: `ast.parse` accepts them, the compiler does not."""
    seen: dict[str, ast.keyword] = {}
    for keyword in call.keywords:
        if keyword.arg is not None and seen.setdefault(keyword.arg, keyword) is not keyword:
            first, second = (
                compute_node_offsets(lines, seen[keyword.arg]),
                compute_node_offsets(lines, keyword),
            )
            yield Duplicate(keyword.arg, Place(*first), Place(*second))


def _find_duplicate_keys(lines: Lines, node: ast.AST) -> Iterator[Duplicate]:
    """Keys that stand twice in a dict display with one of LoRA's keys."""
    if not isinstance(node, ast.Dict):
        return
    keys = [key for key in node.keys if isinstance(key, ast.Constant)]
    seen: dict[str, ast.Constant] = {}
    for key in keys if any(key.value in _LORA_KEYS for key in keys) else ():
        if isinstance(key.value, str) and seen.setdefault(key.value, key) is not key:
            first, second = (
                compute_node_offsets(lines, seen[key.value]),
                compute_node_offsets(lines, key),
            )
            yield Duplicate(key.value, Place(*first), Place(*second), inside=True)
