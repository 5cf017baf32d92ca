"""The tree of a model that PEFT has wrapped already, as a second adapter finds it: the names begin
with the wrapper's (PEFT 0.21.2 peft_model.py, tuners/tuners_utils.py). What the first adapter put
in is left out, as PEFT passes it over (`_get_tied_target_modules`, `inject_adapter`).
"""

from __future__ import annotations

from .model import Child, ModuleTree, Node

FIRST_ADAPTER = "what the adapter has put in that the model has already"
"""Entry of `ModuleTree.partial`."""


def wrap_tree(tree: ModuleTree, prefix: str) -> ModuleTree:
    """The tree below a prefix such as `base_model.model`."""
    root = tree.root
    for part in reversed(prefix.split(".")):
        root = Node("peft.PeftModel", None, (), (Child(part, None, root),))
    return tree._replace(
        root=root,
        cls="PeftModel",
        input_embeddings=tree.input_embeddings and f"{prefix}.{tree.input_embeddings}",
        output_embeddings=tree.output_embeddings and f"{prefix}.{tree.output_embeddings}",
        ties=tuple((f"{prefix}.{one}", f"{prefix}.{other}") for one, other in tree.ties),
        aliases=tuple((f"{prefix}.{one}", f"{prefix}.{other}") for one, other in tree.aliases),
        partial=(*tree.partial, FIRST_ADAPTER),
    )
