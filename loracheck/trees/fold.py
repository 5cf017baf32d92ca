"""The stored form of a tree: a table of distinct nodes, equal numbered siblings as ranges.

`encode` and `decode` are exact inverses; `fold` turns a builder's dump (every child written out)
into the same form.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .model import FORMAT, Child, ModuleTree, Node, Parameter, Ranges

if TYPE_CHECKING:
    from typing import Any


class TreeFormatError(ValueError):
    """The data is not a tree of this format."""


class Encoder:
    """Writes trees over one shared table of nodes, in order of first use from the leaves up."""

    def __init__(self) -> None:
        self._table: dict[Node, int] = {}
        self._classes: dict[tuple[str, str | None], int] = {}
        self._rows: list[list[Any]] = []

    def add(self, tree: ModuleTree) -> dict[str, Any]:
        """The tree's own part: its facts and the index of its root."""
        defaults = ModuleTree._field_defaults
        facts = {
            _get_stored_name(k, tree): dict(v) if k == "extra" else v
            for k, v in tree._asdict().items()
            if k != "root" and v != defaults.get(k)
        }
        return {**facts, "root": self._add_row(tree.root)}

    def list_shared_rows(self) -> dict[str, Any]:
        """The part that all added trees share."""
        return {
            "format": FORMAT,
            "classes": [list(c) for c in self._classes],
            "nodes": self._rows,
        }

    def _add_row(self, node: Node) -> int:
        if node in self._table:
            return self._table[node]
        kids = [[_label(child), self._add_row(child.node)] for child in node.children]
        cls = self._classes.setdefault((node.cls, node.kind), len(self._classes))
        row: list[Any] = [cls, [list(p[: 3 if p.dtype else 2]) for p in node.parameters], kids]
        if node.attributes:
            row.append(dict(node.attributes))
        self._table[node] = len(self._rows)
        self._rows.append(row)
        return self._table[node]


def _get_stored_name(field: str, tree: ModuleTree) -> str:
    """The name of a field in the stored form."""
    if field == "library_version" and tree.library == "transformers":
        return "transformers"
    return field


def encode(tree: ModuleTree) -> dict[str, Any]:
    """The tree as plain JSON data."""
    encoder = Encoder()
    index = encoder.add(tree)
    return {**encoder.list_shared_rows(), **index}


MAX_MODULES = 300_000
"""The largest models have some hundred thousand; a lock file may have been written to fill the
memory.
"""
MAX_NESTING = 64
"""Deepest nesting of modules; the deepest models have some 20 levels."""
MAX_PATH = 500
"""Longest name of a module, in characters, as patterns of a config are matched against it; the
longest of a known model have some 100.
"""
MAX_VERSION = 64
"""Longest version of a library, in characters."""


def decode(data: dict[str, Any]) -> ModuleTree:
    """Inverse of `encode`; also reads an unfolded builder's dump and folds it.

    Raises TreeFormatError for anything that is not such data.
    """
    try:
        if data["format"] != FORMAT:
            raise TreeFormatError(f"tree format {data['format']!r}, expected {FORMAT}")
        nodes = _build_nodes(data["classes"], data["nodes"])
        facts = {_NAMES.get(k, k): _convert_to_tuples(v) for k, v in data.items() if k in _STORED}
        for name, value in facts.items():
            if not _fits(name, value):
                raise ValueError(f"{name} {value!r}")
        if isinstance(data.get("extra"), dict):
            facts["extra"] = _convert_to_items(data["extra"])
            tied = data["extra"].get("tied_modules", [])
            if not isinstance(tied, list) or not all(isinstance(name, str) for name in tied):
                raise ValueError(f"tied_modules {tied!r}")
        tree = ModuleTree(root=nodes[data["root"]], **facts)
        _require_ties(tree)
        return tree
    except KeyError as error:
        raise TreeFormatError(f"not a module tree: it has no {error!s:.200}") from error
    except (IndexError, TypeError, ValueError, AttributeError) as error:
        raise TreeFormatError(f"not a module tree: {error!s:.200}") from error


_NAMES = {"transformers": "library_version"}
"""Stored name -> field: the version of transformers stands under the library's own name, as it did
before there were trees of other libraries.
"""
_STORED = (frozenset(ModuleTree._fields) | _NAMES.keys()) - {"root", "extra"}
_SWITCHES = frozenset({"tied_words", "generates", "pretrained"})


def _fits(name: str, value: Any) -> bool:
    """Whether a fact has the type of its field."""
    if name in _SWITCHES:
        return isinstance(value, bool)
    if name in ("ties", "aliases"):
        return isinstance(value, tuple) and all(map(_is_pair, value))
    if name == "partial":
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    if isinstance(value, str):
        return name != "library_version" or len(value) <= MAX_VERSION
    return value is None and name not in ("dtype", "library")


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(isinstance(item, str) for item in value)
    )


def _build_nodes(classes: list[list[Any]], rows: list[list[Any]]) -> list[Node]:
    nodes: list[Node] = []
    sizes: list[int] = []
    depths: list[int] = []
    lengths: list[int] = []
    for cls, parameters, kids, *rest in rows:
        name, kind = classes[cls]
        if not isinstance(name, str):
            raise ValueError(f"class {name!r}")
        node_parameters = tuple(map(_build_parameter, parameters))
        children = _build_children([(label, nodes[index]) for label, index in kids])
        nodes.append(
            Node(name, kind, node_parameters, children, _build_attributes(rest[0]) if rest else ())
        )
        _require_order(kids)
        depths.append(1 + max((depths[index] for _, index in kids), default=0))
        sizes.append(1 + sum(_count(label) * sizes[index] for label, index in kids))
        lengths.append(
            max((1 + _measure_label(label) + lengths[index] for label, index in kids), default=0)
        )
        if lengths[-1] > MAX_PATH:
            raise TreeFormatError(f"a module's name longer than {MAX_PATH} characters")
        if depths[-1] > MAX_NESTING:
            raise TreeFormatError(f"modules nested deeper than {MAX_NESTING} levels")
        if sizes[-1] > MAX_MODULES:
            raise TreeFormatError(f"more than {MAX_MODULES:,} modules")
    return nodes


def _require_ties(tree: ModuleTree) -> None:
    """Raises ValueError for an alias or a tie of a module that the tree does not have. A tie may
    stand in an alias; where there are any, ties are not looked at.
    """
    owners = [first for _, first in tree.aliases]
    owners += [] if tree.aliases else [name.rpartition(".")[0] for tie in tree.ties for name in tie]
    for owner in owners:
        node: Node | None = tree.root
        for part in owner.split(".") if owner else ():
            node = _find_child(node, part) if node is not None else None
        if node is None:
            raise ValueError(f"no module {owner!r}")


def _find_child(node: Node, name: str) -> Node | None:
    number = int(name) if name.isdecimal() and len(name) < 10 else -1
    for child in node.children:
        if child.name == name:
            return child.node
        if any(low <= number <= high for low, high in child.ranges or ()):
            return child.node
    return None


def _require_order(kids: list[Any]) -> None:
    """Raises ValueError for ranges beside names that are no numbers: no model has such children."""
    names = [label for label, _ in kids if isinstance(label, str)]
    if len(names) < len(kids) and not all(name.isdecimal() for name in names):
        raise ValueError("ranges beside names")


def _build_parameter(row: list[Any]) -> Parameter:
    name, shape = row[:2]
    if not isinstance(name, str) or not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError(f"parameter {row!r}")
    return Parameter(name, tuple(shape), row[2] if len(row) > 2 else None)


def _build_attributes(data: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A node's attributes. Raises ValueError for a size that is no number."""
    for name in ("in_features", "out_features"):
        if name in data and type(data[name]) is not int:
            raise ValueError(f"{name} {data[name]!r}")
    return _convert_to_items(data)


def _count(label: Any) -> int:
    """How many children a name or a list of ranges stands for."""
    if isinstance(label, str):
        return 1
    if not all(type(end) is int and end >= 0 for pair in label for end in pair):
        raise ValueError(f"ranges {label!r}")
    before, count = -1, 0
    for low, high in label:
        if not before < low <= high:
            raise ValueError(f"ranges {label!r}")
        before, count = high, count + high - low + 1
    return count


def _measure_label(label: Any) -> int:
    """Characters of a name, or of the longest number of ranges."""
    return len(label) if isinstance(label, str) else len(str(label[-1][1])) if label else 0


def _build_children(pairs: list[tuple[Any, Node]]) -> tuple[Child, ...]:
    if pairs and all(isinstance(label, str) for label, _ in pairs):
        names = [str(label) for label, _ in pairs]
        if len({*names}) < len(names) or any(not name or "." in name for name in names):
            raise ValueError(f"names of children {names!r:.100}")  # as torch does
        return fold_children([(name, node) for name, (_, node) in zip(names, pairs, strict=True)])
    return tuple(
        Child(label, None, node)
        if isinstance(label, str)
        else Child(None, tuple(map(tuple, label)), node)
        for label, node in pairs
    )


def fold_children(children: list[tuple[str, Node]]) -> tuple[Child, ...]:
    """Children in order of registration, equal ones of a numbered container joined.

    Only a container whose names are all canonical integers in rising order is folded: there, and
    only there, the order can be won back from the names.
    """
    numbers = [int(name) for name, _ in children if name.isdecimal() and str(int(name)) == name]
    if len(numbers) < len(children) or len(children) < 2 or numbers != sorted(set(numbers)):
        return tuple(Child(name, None, node) for name, node in children)
    members: dict[int, list[int]] = {}
    kinds: dict[int, Node] = {}
    for number, (_, node) in zip(numbers, children, strict=True):
        members.setdefault(id(node), []).append(number)
        kinds[id(node)] = node
    return tuple(
        Child(str(m[0]), None, kinds[key])
        if len(m) == 1
        else Child(None, join_ranges(m), kinds[key])
        for key, m in members.items()
    )


def join_ranges(numbers: list[int]) -> Ranges:
    """Rising integers as inclusive ranges."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)


def _label(child: Child) -> str | list[list[int]]:
    return [list(r) for r in child.ranges] if child.ranges else child.name or ""


def _convert_to_items(data: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((key, _convert_to_tuples(value)) for key, value in data.items())


def _convert_to_tuples(value: Any) -> Any:
    return tuple(_convert_to_tuples(item) for item in value) if isinstance(value, list) else value
