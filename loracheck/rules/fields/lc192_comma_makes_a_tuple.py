"""A comma behind a call, which makes a tuple of its result.

## What
`config = LoraConfig(...),` or `bits = BitsAndBytesConfig(...),` with a comma at the end, where the
variable is then given to a call of transformers, PEFT or TRL.

## Why
The comma makes a tuple with one entry, which no library takes for a config: AttributeError,
"'tuple' object has no attribute". It is left over where an argument was taken out of a call. Seen
in artidoro/qlora issue 29.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
model = get_peft_model(model, config)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
```

## Fix
Take the comma behind the closing bracket out.

## Source
Python 3.11 language reference, "Expression lists"; executed with PEFT 0.21.2 (`get_peft_model`),
and executed with transformers 5.24.0 (`from_pretrained`).
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    get_call_span,
    is_library_load,
    is_trainer,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC192"
NAME = "comma-makes-a-tuple"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such argument; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every argument of a known call that a comma has made a tuple."""
    script = read_calls(document, "),")
    for use in script.uses if script is not None else ():
        for key in _list_arguments(use) if not use.fails else ():
            operand = use.arguments.get(key)
            if script is None or operand is None or operand.tuple_call_number < 0:
                continue
            made = script.uses[operand.tuple_call_number]
            yield Hit(
                f"`{operand.name}` is a tuple, for the comma behind {made.last}(...): "
                "AttributeError",
                get_call_span(document, made),
                help="take the comma behind the closing bracket out",
                spans=((get_call_span(document, use), "it is given to this call"),),
            )


def _list_arguments(use: Use) -> tuple[str | int, ...]:
    """The arguments of a call that take one object, and no tuple."""
    if use.last == "get_peft_model":
        return ("peft_config", 1, "model", 0)
    if is_trainer(use):
        return ("model", 0, "args", 1, "peft_config")
    return ("quantization_config",) if is_library_load(use) else ()
