"""Rows: one for each kind of module of a model, with what a plan does to it."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.plan.result.adapter_size import get_weight_shape
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

from .components import find_component
from .module_names import KindLocation, locate_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan, WrappedModule
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree, Node

WRAPPABLE = frozenset(
    {"Linear", "Conv1D", "Embedding", "Conv1d", "Conv2d", "Conv3d", "MultiheadAttention"}
)
"""Kinds that PEFT 0.21.2 wraps (tuners/lora/model.py, `_create_new_module`)."""


class ModuleRow(NamedTuple):
    """One kind of module: all with the same class, shape and name, numbers in the name aside.

    `parameter` names the nn.Parameter where the row is one (fused experts), and is then the end of
    `name`. `kind` is what PEFT takes the module for ("Linear", None for other classes), `shape`
    that of its weight. `stack` and `below` are the name's two halves around the layer number;
    `stack` is None outside of layers. `adapted` of `modules` get LoRA and `saved` are trained in
    full. `tied` says that its weight is another row's, so that its base parameters count there.
    `ranks`, `alphas` and `scalings` are the distinct values, `entries` the config's entries
    that reached it. `base_parameters` and `lora_parameters` are of all its modules together,
    `full_parameters` of those trained in full.
    """

    name: str
    component: str
    parameter: str | None
    cls: str
    kind: str | None
    shape: tuple[int, ...]
    stack: str | None
    below: str
    modules: int
    adapted: int
    saved: int
    tied: bool
    ranks: tuple[int, ...]
    alphas: tuple[float, ...]
    scalings: tuple[float, ...]
    entries: tuple[str, ...]
    base_parameters: int
    lora_parameters: int
    full_parameters: int


class RowPart(NamedTuple):
    """Modules of one row, in some of its layers.

    `place` says in which, `wrapped` how they are adapted (None for all modules of the row as the
    model has them), `full` whether they train in full.
    """

    key: RowKey
    place: KindLocation
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody calls here
    node: Node
    wrapped: WrappedModule | None = None
    full: bool = False


RowKey = tuple[str, "str | None", str, tuple[int, ...]]
"""What all modules of a row share: name with `*`, parameter, class, shape."""


def split_modules(tree: ModuleTree, plan: Plan | None) -> list[RowPart]:
    """All modules that LoRA can wrap, then what the plan wraps and saves, in the tree's order."""
    row_parts: list[RowPart] = []
    inside = _list_saved_kinds(tree, plan)
    for group in group_modules(tree, Splitter()):
        at = locate_group(tree, group)
        for parameter in _list_adaptable_parameters(group.node, at.kind, tree):
            row_parts.append(_make_part(at, group, parameter))
            full = _count_saved(at, group, inside)
            if full:
                row_parts.append(_make_part(at, group, parameter)._replace(count=full, full=True))
    there = {spot.key for spot in row_parts}
    for wrapped in plan.wrapped if plan else ():
        spot = _make_part(locate_group(tree, wrapped.group), wrapped.group, wrapped.parameter)
        if spot.key not in there:  # a class that is adapted through target_parameters alone
            there.add(spot.key)
            row_parts += _find_matching_parts(tree, spot)
        row_parts.append(spot._replace(wrapped=wrapped))
    for saved in plan.saved if plan else ():
        at = locate_group(tree, saved.group)
        spot = _make_part(at, saved.group, None)
        if spot.key not in there and saved.group.node.parameters:
            there.add(spot.key)
            row_parts += _find_matching_parts(tree, spot)
            row_parts.append(spot._replace(full=True))
    return row_parts


def _find_matching_parts(tree: ModuleTree, spot: RowPart) -> Iterator[RowPart]:
    for group in group_modules(tree, Splitter()):
        part = _make_part(locate_group(tree, group), group, spot.key[1])
        if part.key == spot.key:
            yield part


def _make_part(at: KindLocation, group: Group, parameter: str | None) -> RowPart:
    node = group.node
    name = f"{at.kind}.{parameter}" if parameter else at.kind
    return RowPart(
        (name, parameter, node.class_name, get_weight_shape(node, parameter)), at, group.count, node
    )


def _list_adaptable_parameters(node: Node, kind: str, tree: ModuleTree) -> list[str | None]:
    """What of a module can be adapted: itself (None), or weights it holds itself, as fused experts
    and routers do.
    """
    if node.kind in WRAPPABLE:
        return [None]
    if node.kind is not None or not node.parameters:
        return []
    group = find_component(tree, kind, node.kind, node.class_name)
    deep = 3 if group == "experts" else 2 if group == "router" else 99
    return [plain.name for plain in node.parameters if len(plain.shape) >= deep]


class _SavedKind(NamedTuple):
    """Modules that train in full: their joined name, their number, and the number of all such."""

    kind: str
    saved: int
    all: int


def _list_saved_kinds(tree: ModuleTree, plan: Plan | None) -> list[_SavedKind]:
    counts: dict[str, int] = {}
    for saved in plan.saved if plan else ():
        kind = locate_group(tree, saved.group).kind
        counts[kind] = counts.get(kind, 0) + saved.group.count
    totals = dict.fromkeys(counts, 0)
    for group in group_modules(tree, Splitter()) if counts else ():
        kind = locate_group(tree, group).kind
        if kind in totals:
            totals[kind] += group.count
    return [_SavedKind(kind, number, totals[kind]) for kind, number in counts.items()]


def _count_saved(at: KindLocation, group: Group, inside: list[_SavedKind]) -> int:
    """How many of the group's modules stand in modules that train in full."""
    for kind, saved, every in inside:
        if at.kind == kind or at.kind.startswith(f"{kind}."):
            return group.count * min(saved, every) // max(every, 1)
    return 0


def build_rows(tree: ModuleTree, parts: list[RowPart]) -> tuple[ModuleRow, ...]:
    """The spots joined to rows, in the order of the model."""
    together: dict[RowKey, list[RowPart]] = {}
    for spot in parts:
        together.setdefault(spot.key, []).append(spot)
    return tuple(_build_row(tree, key, members) for key, members in together.items())


def _build_row(tree: ModuleTree, key: RowKey, members: list[RowPart]) -> ModuleRow:
    name, parameter, cls, size = key
    first = members[0]
    layers = [(spot.wrapped, spot.count) for spot in members if spot.wrapped is not None]
    adapted = sum(count for _, count in layers)
    shared = {name for name, _ in tree.ties}
    tied = f"{first.place.kind}.{parameter or 'weight'}" in shared
    modules = sum(spot.count for spot in members if spot.wrapped is None and not spot.full)
    saved = sum(spot.count for spot in members if spot.full)
    size_of_one = _compute_parameter_size(first.node, parameter)
    return ModuleRow(
        name=name,
        component=find_component(tree, first.place.kind, first.node.kind, cls),
        parameter=parameter,
        cls=cls,
        kind=first.node.kind,
        shape=size,
        stack=first.place.stack,
        below=f"{first.place.below}.{parameter}" if parameter else first.place.below,
        modules=max(modules, adapted),  # replicated layers are more than the model's own
        adapted=adapted,
        saved=saved,
        tied=tied,
        ranks=tuple(dict.fromkeys(w.rank for w, _ in layers)),
        alphas=tuple(dict.fromkeys(convert_alpha(w) for w, _ in layers)),
        scalings=tuple(dict.fromkeys(w.scaling for w, _ in layers)),
        entries=tuple(dict.fromkeys(entry for w, _ in layers for entry in w.entries)),
        base_parameters=0 if tied else modules * size_of_one,
        lora_parameters=sum(w.parameters * count for w, count in layers),
        full_parameters=saved * size_of_one,
    )


def convert_alpha(wrapped: WrappedModule) -> float:
    """The alpha as a number: PEFT counts with true and false as well."""
    return int(wrapped.alpha) if isinstance(wrapped.alpha, bool) else wrapped.alpha


def _compute_parameter_size(node: Node, parameter: str | None) -> int:
    return sum(
        node_parameter.size
        for node_parameter in node.parameters
        if parameter in (None, node_parameter.name)
    )
