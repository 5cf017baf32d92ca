"""A value of a type that PEFT cannot work with.

## What
A number in quotes, a fraction where a whole number is needed, a string where a list is
meant, a quoted boolean.

## Why
LoraConfig checks no types. `r: "8"` fails when the first layer is wrapped, after the model was
loaded; the string `"false"` counts as true and switches the option on without a word. Seen in
KohakuBlueleaf/LyCORIS issue 3 and hiyouga/LlamaFactory issue 6402, where YAML read `1e-4` as text.

## Bad
```json
{"peft_type": "LORA", "r": "16", "lora_alpha": 32, "use_rslora": "false",
 "target_modules": ["q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "use_rslora": false, "target_modules": ["q_proj"]}
```

## Fix
Write the value in the type that the finding names. `--fix` takes the quotes off numbers and the
`.0` off whole ones, `--unsafe-fixes` does the rest.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`update_layer`), `tuners/lora/config.py` (no checks),
both executed.
"""

from __future__ import annotations

from loracheck.config.issue import format_value
from loracheck.rules.context import NUMBERS
from loracheck.rules.support.issue_hits import build_hits_for_issues
from loracheck.rules.types import Hit
from loracheck.tools.core.setting import ConfigText
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC102"
NAME = "wrong-type"
SEVERITY = "error"
FIXABLE = True


def check(context: RuleContext) -> Iterator[Hit]:
    """Every value whose type PEFT cannot work with."""
    python = context.document.format in ("python", "notebook")
    for hit in build_hits_for_issues(context, "wrong-type", "correct_type"):
        value = context.setting.fields.get(hit.field or "")
        if python and hit.field in NUMBERS and isinstance(value, (list, tuple)) and len(value) == 1:
            hit = hit._replace(
                message=hit.message.replace(format_value(value), f"({value[0]!r},)", 1),
                help=f"write {value[0]!r}: a comma behind it makes a tuple of it",
            )
        elif isinstance(value, ConfigText):
            hit = hit._replace(
                message=hit.message.replace(repr(str(value)), value, 1), help=value.help
            )
        yield hit
