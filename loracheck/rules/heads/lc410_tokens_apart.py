"""Token rows that train apart from the embedding they belong to.

## What
`trainable_token_indices` names only the output head of a model with tied embeddings, gives the two
tied ends different rows, or trains rows of an embedding that `modules_to_save` trains in full.

## Why
PEFT ties the rows of both ends only when the input embedding is named and the rows agree. Otherwise
the two ends learn different rows, without a word. Rows of a module that is saved in full fail in
the first forward pass. Seen in huggingface/peft issue 2653.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "trainable_token_indices": {"lm_head": [151643]}}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "trainable_token_indices": {"embed_tokens": [151643]}}
```

## Fix
Name the input embedding, with the same ids for both ends; keep a module in one of the two fields.

## Source
PEFT 0.21.2 `peft_model.py`, `utils/other.py` (`set_additional_trainable_modules`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Table
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC410"
NAME = "tokens-apart"
SEVERITY = "warning"
FIELD = "trainable_token_indices"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each way in which the trained rows come apart from the rest."""
    plan_and_tree, value = find_accepted_plan(context), context.value(FIELD)
    if plan_and_tree is None or not value or not isinstance(value, (dict, list)):
        return
    from loracheck.plan.injection.weight_tying import find_tied_modules

    plan, tree = plan_and_tree
    for saved in plan.saved:
        if any(saved.name == token.name for token in plan.tokens):
            yield Hit(
                f"`{saved.name}` is trained in full and by rows; the first forward pass fails",
                context.place(FIELD),
                help="keep it in one of the two",
                field=FIELD,
                related=(
                    (context.entry_place("modules_to_save", saved.entry), "trained in full here"),
                ),
                severity="error",
            )
            return
    if isinstance(value, dict) and find_tied_modules(tree):
        yield from _find_tied_end_hits(context, value, tree, find_tied_modules(tree))


def _find_tied_end_hits(
    context: RuleContext, value: Table, tree: ModuleTree, ends: tuple[str, ...]
) -> Iterator[Hit]:
    embedding = tree.input_embeddings or ""
    first = next((k for k in value if embedding.endswith(str(k))), None)
    others = [k for k in value if any(end.endswith(str(k)) for end in ends)]
    if first is None and others:
        yield Hit(
            f"`{others[0]}` is tied to `{embedding}`, whose rows stay as they are: the two come "
            "apart",
            context.entry_place(FIELD, others[0]),
            help=f"name `{embedding.rpartition('.')[2]}`; the tied end follows",
            field=FIELD,
            key=True,
        )
    for other in others if first is not None else ():
        if value[other] != value[first]:
            yield Hit(
                f"`{first}` and `{other}` are one tied weight with different rows: they are "
                "trained apart",
                context.entry_place(FIELD, other),
                help="give both the same token ids",
                field=FIELD,
                key=True,
            )
