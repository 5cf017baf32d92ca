"""The new heads of classification models: modules that a base checkpoint does not have.

A class such as BertForSequenceClassification puts modules beside the base model that start at
random when a pretrained checkpoint is loaded. They have to be trained and saved with the adapter.
"""

from __future__ import annotations

from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.groups import Group
    from loracheck.trees.model import ModuleTree

CLASSES_WITH_NEW_HEAD = (
    "ForSequenceClassification",
    "ForTokenClassification",
    "ForQuestionAnswering",
    "ForMultipleChoice",
    "ForImageClassification",
    "ForVideoClassification",
    "ForAudioClassification",
    "ForAudioFrameClassification",
    "ForSemanticSegmentation",
)
"""Ends of transformers' class names whose head no pretrained checkpoint has."""


def find_new_heads(tree: ModuleTree) -> list[Group]:
    """The modules with parameters outside of the base model, which start at random. Empty where the
    checkpoint itself is of this class, or where the base model's place is not known.
    """
    facts = dict(tree.extra)
    cls = tree.cls or ""
    base = facts.get("base_model_prefix")
    if (
        not cls.endswith(CLASSES_WITH_NEW_HEAD)
        or cls in (facts.get("architectures") or ())
        or tree.partial
    ):
        return []
    if not isinstance(base, str) or all(c.name != base for c in tree.root.children):
        return []
    tied = {name.rpartition(".")[0] for name, _ in tree.ties}
    return [
        g
        for g in group_modules(tree, Splitter())
        if g.node.parameters and g.name.partition(".")[0] != base and g.name not in tied
    ]
