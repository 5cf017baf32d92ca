"""TRL makes a regular expression out of a single target name.

## What
`lora_target_modules` with exactly one name, or a bare string, in a file for TRL's command line.

## Why
TRL unwraps a list of one element to a string, so that `["all-linear"]` works. PEFT takes a string
as a regular expression for the whole module name, and `q_proj` is no module's whole name: the run
stops with "Target modules q_proj not found", although the name is right. mikeybellissimo/LoRA-MPT
issue 4 is the same misunderstanding at a shell's prompt.

## Bad
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
use_peft: true
lora_target_modules: [q_proj]
```

## Good
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
use_peft: true
lora_target_modules: '.*\\.q_proj'
```

## Fix
Write an expression for the whole name, such as `.*\\.q_proj`, or name at least two modules.

## Source
TRL main of August 2026, `trl/trainer/model_config.py` (`ModelConfig.__post_init__`), executed; PEFT
0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC703"
NAME = "one-name-is-a-regex"
SEVERITY = "error"

_NAME = r"\w+"
_LIST = r"\w+(?:\s*,\s*\w+)+"


def is_single_name_regex(context: RuleContext) -> bool:
    """Whether this rule reports the targets, so that other rules need not."""
    return next(check(context), None) is not None


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a plain name, or names with commas, in place of an expression."""
    target = context.setting.fields.get("target_modules")
    if NAME not in context.setting.traps or not isinstance(target, str):
        return
    place = context.place("target_modules")
    if re.fullmatch(_NAME, target):
        yield Hit(
            f"TRL passes the one name `{target}` to PEFT as a regular expression for whole module "
            "names, and no module is called just that",
            place,
            help=f"write '.*\\.{target}', or name at least two modules",
            field=context.spelling("target_modules"),
        )
    elif re.fullmatch(_LIST, target):
        yield Hit(
            "a string with commas is one regular expression for TRL and PEFT, not a list",
            place,
            help=f"write [{', '.join(part.strip() for part in target.split(','))}]",
            field=context.spelling("target_modules"),
        )
