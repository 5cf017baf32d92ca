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

from loracheck.rules.support.name_as_regex import find_joined_names, find_single_name
from loracheck.rules.support.option_words import has_several_words
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC703"
NAME = "one-name-is-a-regex"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a plain name, or names with commas, in place of an expression."""
    name, names = find_single_name(context), find_joined_names(context)
    tool = context.setting.tool
    title = tool.title.partition(" (")[0] if tool is not None else context.setting.tool_name
    if name is not None and "word-without-option" in context.setting.traps:
        # The other words make argparse stop, as LC721 says.
        name = None if has_several_words(context, "target_modules") else name
    if name is not None:
        yield Hit(
            f"{title} passes the one name `{name}` to PEFT as a regular expression for whole "
            "module names, and no module is called just that",
            context.place("target_modules"),
            help=f"write '.*\\.{name}', or name at least two modules",
            field=context.spelling("target_modules"),
        )
    elif names:
        yield Hit(
            f"a string with commas is one regular expression for {title} and PEFT, not a list",
            context.place("target_modules"),
            help=f"write {' '.join(names)}"
            if context.document.format == "shell"
            else f"write [{', '.join(names)}]",
            field=context.spelling("target_modules"),
        )
