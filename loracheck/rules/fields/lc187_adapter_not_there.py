"""An adapter is activated or deleted under a name that the model does not have.

## What
`set_adapter("...")` or `delete_adapter("...")` on a PEFT model whose adapters all have other names.

## Why
The name is the one that `adapter_name` gave when the adapter was put on or loaded, "default" where
nothing was given, not that of a folder or repository. PEFT stops with ValueError, "Adapter ... not
found". Seen in huggingface/peft issue 1574.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "adapters/law")
model.load_adapter("adapters/medicine", adapter_name="medicine")
model.set_adapter("law")
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "adapters/law", adapter_name="law")
model.load_adapter("adapters/medicine", adapter_name="medicine")
model.set_adapter("law")
```

## Fix
Give the adapter that name where it is put on or loaded (`adapter_name="law"`), or write the name
that it has.

## Source
PEFT 0.21.2 `peft_model.py` (`set_adapter`, `delete_adapter`). Executed.
"""

from __future__ import annotations

from loracheck.config.joining.adapter import Trouble
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.script_adapters import (
    build_script_hit,
    collect_adapters,
    find_maker,
    get_literal,
)
from loracheck.rules.support.script_calls import read_calls
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.adapters_context import AdaptersContext
    from loracheck.rules.types import Hit

CODE = "LC187"
NAME = "adapter-not-there"
SEVERITY = "error"

_CALLS = frozenset({"set_adapter", "delete_adapter"})

_ASKS_FIRST = compile_when_used(r"\bin\s+[\w.]*\bpeft_config\b", words=("peft_config",))
"""A test whether the model has an adapter (`if name in model.peft_config`)."""


def check_adapters(context: AdaptersContext) -> Iterator[Hit]:
    """One hit for every call that names an adapter which is certainly not there."""
    script = read_calls(context.document, "_adapter", "eft")
    if _ASKS_FIRST.search(context.document.source):
        return
    for number, use in enumerate(script.uses if script is not None else ()):
        name = get_literal(use, 0, "adapter_name") if use.last in _CALLS else None
        maker = find_maker(script, use.owner) if script is not None and name else None
        if script is None or maker is None or type(name) is not str or use.fails:
            continue
        adapters = collect_adapters(script, maker, number, context.read_folder)
        if adapters.complete and name not in adapters.adapters:
            yield build_script_hit(
                context.document,
                use,
                Trouble(
                    "raises",
                    f"the model has no adapter `{name}`: ValueError",
                    f"it has {quote_names(list(adapters.adapters))}; a name is given by "
                    "adapter_name where an adapter is put on or loaded",
                ),
            )
