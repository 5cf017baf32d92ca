"""`lora_dropout` on layers that do not apply it.

## What
A dropout above 0 while LoRA is put on embeddings or on torch's MultiheadAttention.

## Why
PEFT's layers for these two have no dropout in their forward pass; nothing is said. Where other
layers are wrapped too, which do apply it, this is a note.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_dropout": 0.1,
 "target_modules": ["embed_tokens"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_dropout": 0.1,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Leave `lora_dropout` out, or put LoRA on linear layers.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`Embedding.forward`, `MultiheadAttention.forward`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC223"
NAME = "dropout-not-applied"
SEVERITY = "warning"
WITHOUT = frozenset({"embedding", "attention"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where wrapped modules leave the dropout out."""
    dropout, plan_and_tree = context.value("lora_dropout"), find_accepted_plan(context)
    if plan_and_tree is None or not isinstance(dropout, (int, float)) or dropout <= 0:
        return
    wrapped = plan_and_tree[0].wrapped
    bare = [w for w in wrapped if w.kind in WITHOUT]
    if bare:
        every = len(bare) == len(wrapped)
        yield Hit(
            f"`lora_dropout` is not applied on `{bare[0].group.name}`"
            + ("" if every else ", only on the other targets"),
            context.place("lora_dropout"),
            help="leave lora_dropout out" if every else None,
            field="lora_dropout",
            notes=(
                f"embeddings or torch attention: {sum(w.group.count for w in bare):,} of "
                f"{count_noun(sum(w.group.count for w in wrapped), 'wrapped module')}",
            ),
            severity=None if every else "note",
        )
