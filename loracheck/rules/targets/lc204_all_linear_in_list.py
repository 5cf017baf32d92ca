"""`all-linear` inside a list.

## What
`target_modules: ["all-linear"]`, or `all-linear` beside other names.

## Why
PEFT expands `all-linear` only when it is the whole value, a plain string. In a list it is a name
like any other and matches nothing: alone it is an error, beside other names it is dropped in
silence.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["all-linear"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": "all-linear"}
```

## Fix
Write it as the whole value. `--fix` does it where it stands alone in the list, `--unsafe-fixes`
where other names stand beside it.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_maybe_include_all_linear_layers` compares a string only).
"""

from __future__ import annotations

from loracheck.rules.support.assignments import format_assignment
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC204"
NAME = "all-linear-in-list"
SEVERITY = "error"
FIXABLE = True


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the list entry."""
    if "all-beside-names" in context.setting.traps:
        return  # LC706 says what it writes instead
    value = context.value("target_modules")
    if isinstance(value, (list, tuple, set, frozenset)):
        for entry in value:
            if isinstance(entry, str) and entry.lower() == "all-linear":
                from loracheck.rules.support import fix_builders

                key = context.setting.keys.get("target_modules", "target_modules")
                if context.setting.mapping.get(key) == entry:  # the tool makes a list of it
                    yield Hit(
                        f"`{entry}` is an ordinary name here, which matches nothing: a list of "
                        "names with commas is read, and PEFT's word for every layer is none",
                        context.entry_place("target_modules", entry),
                        help="write the names of the layers",
                        field="target_modules",
                    )
                    continue
                alone = len(value) == 1  # other names beside it would go
                yield Hit(
                    f"`{entry}` in a list is an ordinary name that matches nothing",
                    context.entry_place("target_modules", entry),
                    help="give it as the whole value: "
                    + format_assignment(context.setting, "target_modules", "all-linear"),
                    field="target_modules",
                    fix=fix_builders.replace_value(
                        context, "target_modules", "all-linear", "write 'all-linear'", safe=alone
                    ),
                )
