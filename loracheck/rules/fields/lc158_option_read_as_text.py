"""A number for LoraConfig from a command line option without a type.

## What
`r`, `lora_alpha` or `lora_dropout` is an attribute of what argparse has read (`args.lora_r`), and
the option was added without `type=`.

## Why
argparse hands on what stands on the command line as text unless the option has a type: `--lora_r
16` is '16', and wrapping the first layer raises TypeError. The option's own default hides it until
somebody gives the option.

## Bad
```python
import argparse
from peft import LoraConfig
parser = argparse.ArgumentParser()
parser.add_argument("--lora_r", default=8)
args = parser.parse_args()
config = LoraConfig(r=args.lora_r, target_modules=["q_proj", "v_proj"])
```

## Good
```python
import argparse
from peft import LoraConfig
parser = argparse.ArgumentParser()
parser.add_argument("--lora_r", type=int, default=8)
args = parser.parse_args()
config = LoraConfig(r=args.lora_r, target_modules=["q_proj", "v_proj"])
```

## Fix
Give the option a type: `type=int` for the rank and alpha, `type=float` for the dropout.

## Source
The Python library reference, argparse, "type"; PEFT 0.21.2 `tuners/lora/layer.py` (`update_layer`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.documents.model import Unknown
from loracheck.rules.context import NUMBERS
from loracheck.rules.support.script_calls import read_calls, span_of
from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC158"
NAME = "option-read-as-text"
SEVERITY = "warning"

_ATTRIBUTE = re.compile(r"\w+\.(\w+)")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every number whose option has no type."""
    script = read_calls(context.document, "argparse", "add_argument(")
    for field in sorted(NUMBERS & context.setting.fields.keys()) if script is not None else ():
        value = context.setting.fields[field]
        named = _ATTRIBUTE.fullmatch(value.text) if isinstance(value, Unknown) else None
        if named is None or script is None or _is_assigned(context, named[1]):
            continue
        option = _find_option(script, named[1])
        if option is not None:
            kind = "float" if field == "lora_dropout" else "int"
            yield Hit(
                f"`{named[0]}` is text when the option is given: `add_argument` has no type",
                context.place(field),
                help=f"add type={kind} to the option",
                field=field,
                spans=((span_of(context.document, option), "the option is added here"),),
            )


def _find_option(script: Script, name: str) -> Use | None:
    """The one `add_argument` of an option that reads text for certain."""
    found = [
        use
        for use in script.uses
        if use.last == "add_argument"
        and any(
            isinstance(one.value, str) and one.value.lstrip("-").replace("-", "_") == name
            for key, one in use.given.items()
            if isinstance(key, int) or key == "dest"
        )
    ]
    plain = len(found) == 1 and found[0].complete
    return found[0] if plain and not {"type", "action", "nargs"} & found[0].given.keys() else None


def _is_assigned(context: RuleContext, name: str) -> bool:
    """Whether the attribute is assigned to anywhere, perhaps the number that was read from it."""
    return re.search(rf"\.{name}\s*=[^=]|[\"']{name}[\"']", context.document.text) is not None
