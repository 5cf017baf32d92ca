"""`rank_pattern` or `alpha_pattern` keys that mean something else after saving.

## What
Two keys match the same module, and which one wins depends on their order in the file.

## Why
PEFT takes the first key that matches. It saves adapter_config.json with sorted keys, nested ones
too, so that after reloading another key comes first: the scaling changes in silence, and for
`rank_pattern` the weights no longer fit and loading fails. The two patterns were once mixed up by
PEFT itself (huggingface/peft issue 2194).

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, lora_alpha=8, target_modules=["q_proj"],
                    alpha_pattern={"self_attn.q_proj": 32, "layers.0.self_attn.q_proj": 8})
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, lora_alpha=8, target_modules=["q_proj"],
                    alpha_pattern={"layers.0.self_attn.q_proj": 16, "self_attn.q_proj": 32})
```

## Fix
Make the keys exclude each other; `^` and `$` let a key match whole names only.

## Source
PEFT 0.21.2 `config.py` (`save_pretrained` writes with sort_keys), `utils/other.py`
(`get_pattern_key`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.plan.model import WrappedModule
    from loracheck.rules.context import RuleContext

CODE = "LC306"
NAME = "pattern-order-lost"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each field whose sorted keys give some module another value."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    for field in ("rank_pattern", "alpha_pattern"):
        value = context.value(field)
        if not isinstance(value, dict) or len(value) < 2:
            continue
        if any(not isinstance(key, str) for key in value) or list(value) == sorted(value):
            continue
        first_change = _find_first_change(value, field, plan_and_tree[0].wrapped)
        if first_change is not None:
            name, before, after = first_change
            yield Hit(
                f"saving sorts the keys: `{name}` has {value[before]} from `{before}` now, and "
                f"{value[after]} from `{after}` after reloading",
                context.entry_place(field, before),
                help="make the keys exclude each other; with ^ and $ they match whole names",
                field=field,
                key=True,
                related=((context.entry_place(field, after), "comes first when sorted"),),
                severity="error" if field == "rank_pattern" else None,
            )


def _find_first_change(
    value: dict[str, Value], field: str, wrapped: tuple[WrappedModule, ...]
) -> tuple[str, str, str] | None:
    """The first module that gets another value, with the key before and after."""
    from loracheck.plan.errors import RefusedError
    from loracheck.plan.matching.match import Patterns

    try:
        now, then = Patterns(value, field), Patterns(dict(sorted(value.items())), field)
        for one in wrapped:
            before, after = now.find_key(one.group.name), then.find_key(one.group.name)
            if before is not None and after is not None and value[before] != value[after]:
                return one.group.name, before, after
    except RefusedError:
        return None
    return None
