"""`ClassNamesSource`: an id whose architecture a public registry says, and not the sizes."""

from __future__ import annotations

from loracheck.trees.class_names import find_class, knows_class
from loracheck.trees.model_ids import find_id
from loracheck.trees.quantization import find_method_in_id
from loracheck.type_checking import TYPE_CHECKING

from .bundle import load_index
from .request import NAMES_ONLY, ResolvedTree

if TYPE_CHECKING:
    from loracheck.trees.class_names import ClassNames
    from loracheck.trees.model_ids import ModelId

    from .request import Request, TreeOptions

GENERATING = ("CausalLM", "Seq2SeqLM", "ImageTextToText")
"""Heads that generate text."""

VARIES = "which of these names the checkpoint has"
"""Second entry of `ModuleTree.partial` where the names depend on the config."""


class ClassNamesSource:
    """Trees of names alone: what is in none of them is in no checkpoint of the class."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The names of the model's class; None where it is not known, or asked for a tree that has
        sizes, too.
        """
        other = request.library not in (None, "transformers") or options.python is not None
        hub_id = find_id(request.model) if request.names_do and not other else None
        row = find_class_of(hub_id) if hub_id is not None and not options.online else None
        if row is None or row.architecture is None or _is_bundled(row, request.model):
            return None
        resolved = resolve_class(row.architecture, request.heads, row.source)
        method = find_method_in_id(request.model)
        if resolved is None or resolved.tree is None or method is None:
            return resolved
        extra = (*resolved.tree.extra, ("quantization", method))
        return resolved._replace(tree=resolved.tree._replace(extra=extra))


def resolve_class(architecture: str, heads: tuple[str, ...], told_by: str) -> ResolvedTree | None:
    """The names of a class, or of the same with another head; None where they are not known.
    `told_by` says who named the class. Raises DamagedTableError.
    """
    names = _find_names(architecture, heads)
    return _resolve_names(names, told_by) if names is not None else None


def find_by_class(heads: tuple[str, ...]) -> ResolvedTree | None:
    """The names of the class that a file loads its model with, whatever the model is; None where it
    names none, or one whose names are not known. Raises DamagedTableError.
    """
    names = find_class(heads[0]) if heads and knows_class(heads[0]) else None
    return _resolve_names(names, "the file loads it so") if names is not None else None


def _resolve_names(names: ClassNames, told_by: str) -> ResolvedTree:
    varies = () if names.stable else (VARIES,)
    tree = names.tree._replace(partial=(*names.tree.partial, *varies))
    own_code = ", whose code comes with the checkpoint," if names.own_code else ""
    return ResolvedTree(
        tree, f"by the names of {tree.cls}{own_code} alone ({told_by})", kind=NAMES_ONLY
    )


def find_class_of(row: ModelId) -> ModelId | None:
    """The row of the table that tells the architecture of an id, of which the names are known: its
    own or its original's. None where there is none.
    """
    original = find_id(row.copy_of) if row.copy_of else None
    source_row = next((one for one in (row, original) if one and one.architecture), None)
    return (
        source_row
        if source_row and source_row.architecture and knows_class(source_row.architecture)
        else None
    )


def _is_bundled(row: ModelId, model: str) -> bool:
    """Whether a tree with sizes is shipped, so that its source says why it does not fit."""
    index = load_index()
    return any(index.place(name) is not None for name in (row.id, model))


def _find_names(cls: str, heads: tuple[str, ...]) -> ClassNames | None:
    """The names of the class, with the head that the file asks for. Code that comes with a
    checkpoint has one class for what generates (`auto_map` of its config.json).
    """
    names = find_class(cls)
    if names is not None and names.own_code:
        return names if not heads or heads[0] in GENERATING else None
    return find_class(_replace_head(cls, heads))


def _replace_head(cls: str, heads: tuple[str, ...]) -> str:
    """The class with another head, where the file asks for one; the empty string where it is not
    clear which class that is.
    """
    head = heads[0] if heads else ""
    base, separator, _ = cls.partition("For")
    if not head or head == cls:
        return cls
    if not separator or head in GENERATING:
        ends = (head, "LMHeadModel") if head == "CausalLM" else (head,)
        return cls if cls.endswith(ends) else ""
    return f"{base}Model" if head == "Model" else f"{base}For{head}"
