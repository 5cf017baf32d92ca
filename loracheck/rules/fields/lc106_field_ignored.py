"""A field that has no effect because of another one.

## What
A sub-config without the `init_lora_weights` that reads it (`loftq_config`, `eva_config`,
`corda_config`, `lora_ga_config`), an unknown key inside a sub-config, a `peft_type` that is
overwritten, a `base_model_name_or_path` in a script that loads its model by another name.

## Why
PEFT warns about the first such field at most, and about some never; the run then uses something
else than the file says. The warning about `loftq_config` came with huggingface/peft pull request
2214, the name of the base model is huggingface/peft issue 2001.

## Bad
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "eva_config": {"rho": 2.0}}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "init_lora_weights":
 "eva", "eva_config": {"rho": 2.0}}
```

## Fix
Set the other field that it depends on, or take it out.

## Source
PEFT 0.21.2 `tuners/lora/config.py` (`LoraConfig.__post_init__`; its warnings are one
if/elif chain), `mapping_func.py` (`get_peft_model`: `new_name`).
"""

from __future__ import annotations

from loracheck.rules.support.issue_hits import build_hits_for_issues
from loracheck.rules.support.script_calls import is_script
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC106"
NAME = "field-ignored"
SEVERITY = "warning"

_BASE = "base_model_name_or_path"


def check(context: RuleContext) -> Iterator[Hit]:
    """Every field that has no effect as it stands."""
    yield from build_hits_for_issues(context, "ignored")
    name, loaded = context.value(_BASE), context.setting.model
    if is_script(context.document) and type(name) is str and type(loaded) is str:
        yield from _check_base(context, name, loaded)


def _check_base(context: RuleContext, name: str, loaded: str) -> Iterator[Hit]:
    """A hit for the name of a base model that another one takes the place of."""
    if name and loaded != name and "get_peft_model(" in context.document.source:
        yield Hit(
            f"get_peft_model puts the name of the loaded model in its place, {loaded!r}, and saves "
            "that",
            context.place(_BASE),
            help=f'write model.peft_config["default"].base_model_name_or_path = {name!r} behind '
            "get_peft_model",
            field=_BASE,
        )
