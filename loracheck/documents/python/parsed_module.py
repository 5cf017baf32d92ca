"""`ParsedModule`: a Python text with its syntax tree, for all who read the text. What they need of
it is found once.
"""

from __future__ import annotations

from functools import cached_property

from loracheck.documents.lines import Lines
from loracheck.documents.tree_document import Place
from loracheck.type_checking import TYPE_CHECKING

from .folding import Folder
from .scopes import walk_module
from .spans import compute_node_offsets, get_node_source
from .syntax import list_nodes, parse_syntax

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from .walked_module import WalkedModule

    Node = TypeVar("Node", bound=ast.AST)


class ParsedModule:
    """A text and its syntax tree. `convert` gives the place in the file of a place in the text,
    where the text is only a part of the file.
    """

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.convert: Callable[[Place], Place] = _keep

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    @cached_property
    def walked(self) -> WalkedModule:
        """Its names, calls and changes."""
        return walk_module(self.tree)

    @cached_property
    def calls(self) -> Sequence[tuple[ast.Call, Any]]:
        """Its calls with their scopes, in the order of the text."""
        return sorted(self.walked.calls, key=lambda one: (one[0].lineno, one[0].col_offset))

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        return list_nodes(self.tree)

    def find_nodes(self, *kinds: type[Node]) -> list[Node]:
        """Its nodes of these classes: those of the first, then those of the second and so on, each
        the outer before the inner.
        """
        return [node for kind in kinds for node in self._nodes.get(kind, ())]  # type: ignore[misc]

    def find_place(self, node: Any) -> Place:
        """Where a node stands in the file."""
        return self.convert(Place(*compute_node_offsets(self.lines, node)))

    def make_folder(self) -> Folder:
        """What gives the values of its expressions, without those of other files."""
        return Folder(self.walked, lambda node: get_node_source(self.lines, node), {})


def parse_module(text: str) -> ParsedModule:
    """The syntax of a text. Raises DocumentError where it is not Python."""
    return ParsedModule(text, parse_syntax(text))


def _keep(place: Place) -> Place:
    return place
