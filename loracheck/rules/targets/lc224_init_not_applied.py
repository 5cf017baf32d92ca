"""An initialisation that embeddings do not know.

## What
`init_lora_weights` names a method (`pissa`, `olora`, `orthogonal`, `corda`, `eva`, or any misspelt
string) while LoRA is put on an embedding.

## Why
PEFT's embedding layer looks only whether the value is false or `loftq`; every other string gives
the default start, without a check. Where linear layers are wrapped too, which do use it, this is a
note.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "init_lora_weights": "pissa", "target_modules": ["embed_tokens"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "init_lora_weights": "pissa", "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Leave `init_lora_weights` out, or put LoRA on linear layers.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`Embedding.update_layer`, `reset_lora_parameters`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC224"
NAME = "init-not-applied"
SEVERITY = "warning"
SAME = frozenset({"gaussian", "lora_ga", "mica", "loftq"})
"""Values that an embedding treats as a linear layer would, or that it refuses."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where an embedding is wrapped with such a method."""
    init, plan_and_tree = context.value("init_lora_weights"), find_accepted_plan(context)
    if plan_and_tree is None or not isinstance(init, str) or not init or init.lower() in SAME:
        return
    wrapped = plan_and_tree[0].wrapped
    plain = [w for w in wrapped if w.kind == "embedding"]
    if plain:
        every = len(plain) == len(wrapped)
        yield Hit(
            f"`init_lora_weights: {init}` is not used on the embedding `{plain[0].group.name}`, "
            "which starts as usual",
            context.place("init_lora_weights"),
            field="init_lora_weights",
            help="leave init_lora_weights out, or put LoRA on linear layers" if every else None,
            severity=None if every else "note",
        )
