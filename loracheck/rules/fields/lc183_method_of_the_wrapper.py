"""A method of PEFT's wrapper that is called on a model which has none.

## What
`print_trainable_parameters`, `merge_and_unload` and the like on a model as transformers loads it:
without an adapter, or with one that transformers' own `add_adapter` or `load_adapter` has put in.

## Why
These are methods of PeftModel and its tuners. `get_peft_model` and `PeftModel.from_pretrained` give
such a model back; `add_adapter` and `load_adapter` of transformers put LoRA's layers into the model
and leave its class as it is. The call ends with AttributeError. Seen in huggingface/peft issue 1064
and candle-org/MindAct issue 1128.

## Bad
```python
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model.load_adapter("./my-adapter")
model = model.merge_and_unload()
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "./my-adapter")
model = model.merge_and_unload()
```

## Fix
Put the adapter on with `get_peft_model(model, config)` or
`PeftModel.from_pretrained(model, folder)`, and call the method on what they give back.

## Source
PEFT 0.21.2 `peft_model.py`, `tuners/tuners_utils.py`; transformers 5.24.0 `integrations/peft.py`
(PeftAdapterMixin), whose models have none of these methods (executed).
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import get_literal
from loracheck.rules.support.script_calls import find_bare_load, get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC183"
NAME = "method-of-the-wrapper"
SEVERITY = "error"

_METHODS = frozenset(
    {
        *("print_trainable_parameters", "merge_and_unload", "unload", "merge_adapter"),
        *("unmerge_adapter", "get_base_model", "add_weighted_adapter"),
        "get_nb_trainable_parameters",
    }
)
_WORDS = ("_adapter", "lora", "merge_and_unload", "print_trainable_parameters", "get_base_model")
_PLACES = ("add_adapter", "load_adapter")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every method of the wrapper that a file calls on a plain model."""
    script = read_calls(document, "from_pretrained")
    if script is None or not any(word in document.text for word in _WORDS):
        return
    for use in script.uses:
        if use.last not in _METHODS or use.fails or not use.owner.name:
            continue
        load = find_bare_load(script, use.owner)
        if load is None or get_literal(load, "trust_remote_code") is True or _is_guarded(document):
            continue
        put = [one for one in script.methods.get(load.number, ()) if one.last in _PLACES]
        more = f", also behind `{put[0].last}` of transformers" if put else ""
        yield Hit(
            f"a model of transformers has no `{use.last}`{more}: AttributeError",
            get_call_span(document, use),
            help="call it on what get_peft_model(model, config) or "
            "PeftModel.from_pretrained(model, folder) gives back",
            spans=((get_call_span(document, load), "the model is loaded here"),),
        )


def _is_guarded(document: Document) -> bool:
    """Whether a file asks for a method before it calls it."""
    return any(word in document.text for word in ("hasattr(", "AttributeError", "isinstance("))
