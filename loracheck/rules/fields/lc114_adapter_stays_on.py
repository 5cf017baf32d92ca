"""`disable_adapter()` of a PEFT model as a statement, which switches nothing off.

## What
`model.disable_adapter()` on a line of its own, without `with`.

## Why
It is a context manager: the adapter is off between the beginning and the end of a `with` block. The
call alone makes the manager and drops it, and the model answers with its adapter as before. Seen in
huggingface/peft issue 912.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "out/adapter")
model.disable_adapter()
print(model.generate(**inputs))
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "out/adapter")
with model.disable_adapter():
    print(model.generate(**inputs))
```

## Fix
Write `with model.disable_adapter():`, or `model.disable_adapter_layers()` and later
`model.enable_adapter_layers()`.

## Source
PEFT 0.21.2 `peft_model.py` (`disable_adapter`, a `contextmanager`). Executed on a tiny Llama: the
outputs are those with the adapter.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import find_maker
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC114"
NAME = "adapter-stays-on"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every context manager of a PEFT model that is dropped."""
    script = read_calls(document, ".disable_adapter(", "eft")
    for use in script.uses if script is not None else ():
        if (
            script is None
            or use.last != "disable_adapter"
            or use.variables is not None
            or use.fails
        ):
            continue
        if find_maker(script, use.owner) is not None:
            yield Hit(
                "disable_adapter() is a context manager: as a statement it does nothing, and the "
                "adapter stays on",
                get_call_span(document, use),
                help="write `with model.disable_adapter():`, or model.disable_adapter_layers()",
            )
