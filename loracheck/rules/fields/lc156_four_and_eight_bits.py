"""A model that is loaded in 4 and in 8 bits at once.

## What
`load_in_4bit=True` beside `load_in_8bit=True` in one call of `BitsAndBytesConfig` or
`from_pretrained`.

## Why
transformers stops: "load_in_4bit and load_in_8bit are both True, but only one can be used at "
"the same
time".

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True, load_in_8bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
config = LoraConfig(r=8, target_modules=["q_proj"])
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
config = LoraConfig(r=8, target_modules=["q_proj"])
```

## Fix
Keep one of the two.

## Source
transformers 5.24.0 `utils/quantization_config.py` (`BitsAndBytesConfig.__init__`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC156"
NAME = "four-and-eight-bits"
SEVERITY = "error"

_KEYS = ("load_in_4bit", "load_in_8bit")
_CALLS = frozenset({"BitsAndBytesConfig", "from_pretrained"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, *_KEYS) if context.first else None
    for use in script.uses if script is not None else ():
        values = [use.arguments[key].value for key in _KEYS if key in use.arguments]
        fast = "Fast" in use.name  # a tool's own loader, of which LC714 speaks
        if use.last in _CALLS and values == [True, True] and not use.fails and not fast:
            yield Hit(
                "`load_in_4bit` and `load_in_8bit` are both true; transformers takes one of them",
                get_call_span(document, use),
                help="keep one of the two",
            )
