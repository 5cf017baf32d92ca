"""A target name that is one letter off a name that many models have.

## What
Where the model's modules are not known, an entry of `target_modules` that differs by one letter, by
two that changed places, or by case from a common module name, while other entries are such names.
With a model at hand LC202 judges.

## Why
PEFT is content as soon as one name matches, so the slip costs a kind of layer and nobody hears of
it. Seen in https://github.com/huggingface/peft/issues/1959, where the asker wants every unmatched
entry reported.

## Bad
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "k_porj", "v_proj", "oproj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32,
 "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]}
```

## Fix
Write the name that is meant, or name the model, and the entries are held against its modules.

## Source
The names: transformers 5.23.0 `models/*/modeling_*.py`; PEFT 0.21.2 `tuners/tuners_utils.py`
(`inject_adapter`: only a config without any match is an error), executed.
"""

from __future__ import annotations

from loracheck.rules.support.name_typos import LINEAR_NAMES, has_rule_of_its_own, is_near_miss
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC241"
NAME = "target-name-nearly-known"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each entry that is a usual name with a typo."""
    value = context.setting.fields.get("target_modules")
    if context.tree is not None or not isinstance(value, (list, tuple)):
        return
    entries = [entry for entry in value if isinstance(entry, str)]
    leaves = {entry.rpartition(".")[2] for entry in entries}
    if not leaves & LINEAR_NAMES:
        return
    for entry in entries:
        leaf = entry.rpartition(".")[2]
        if leaf in LINEAR_NAMES:
            continue
        near = sorted(name for name in LINEAR_NAMES - leaves if is_near_miss(leaf, name))
        if near and not has_rule_of_its_own(entry):
            yield Hit(
                f"`{leaf}` is no module's usual name, and close to `{near[0]}`",
                context.entry_place("target_modules", entry),
                help=f"did you mean `{near[0]}`?",
                field="target_modules",
                notes=("the model is not known, so that its modules cannot be asked",),
            )
