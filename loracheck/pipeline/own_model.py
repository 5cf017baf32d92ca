"""The tree of a model that is an object of a class of the file's own: the trees of the models that
it loads are looked for, and put together with its own layers.
"""

from __future__ import annotations

from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import NO_MODEL, Request, ResolvedTree
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.tools.core.behaviour import OwnModel
    from loracheck.trees.sources.request import TreeOptions

QUANTIZED = "how its layers are stored"
"""Entry of `ModuleTree.partial` of a model that holds a quantised one."""


def build_part_requests(own_model: OwnModel, beside: str) -> dict[int, Request]:
    """The models that it loads, by the root of the call."""
    return {
        root: Request(
            part.model, part.revision, part.heads, part.num_labels, beside, part=part.part
        )
        for root, part in own_model.loaded.items()
    }


def resolve_own_model(own_model: OwnModel, beside: str, options: TreeOptions) -> ResolvedTree:
    """The tree of the model; where it may have further modules, those that are known as a fragment,
    and the reason.
    """
    from loracheck.trees.own_model import build_own_tree  # with what reads Python, for few files

    parts = {
        root: resolve(request, options)
        for root, request in build_part_requests(own_model, beside).items()
    }
    built = build_own_tree(own_model.module, {root: one.tree for root, one in parts.items()})
    cls = own_model.module.cls
    first = next(iter(parts.values()), NO_MODEL)
    if built is None:
        return NO_MODEL._replace(reason=f"the model is {cls}, a class of this file", help=None)
    tree = built.tree
    if any(part.quantization for part in own_model.loaded.values()):
        tree = tree._replace(partial=(*tree.partial, QUANTIZED))
    source = f"as {cls} of this file holds it" + (f" ({first.source})" if first.source else "")
    if not built.unknown:
        return first._replace(tree=tree, source=source, reason=None, help=None, rival=None)
    modules = ", ".join(built.unknown[:3])
    reason = f"what modules {cls} of this file has is not known before run time: {modules}"
    return first._replace(
        tree=None, source=None, reason=reason, help=None, rival=None, fragment=tree
    )
