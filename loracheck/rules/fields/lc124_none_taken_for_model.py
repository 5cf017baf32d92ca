"""A variable for a model that is given the result of a method which returns nothing.

## What
`model = model.merge_adapter()`, `model = get_peft_model(...).print_trainable_parameters()` and the
like, where the variable is used as a model afterwards. Of PEFT's models these methods change the
model itself and return None: `merge_adapter`, `unmerge_adapter`, `set_adapter`, `delete_adapter`,
`add_adapter`, `add_weighted_adapter`, `enable_adapter_layers`, `disable_adapter_layers`,
`print_trainable_parameters`, `gradient_checkpointing_enable`, `enable_input_require_grads` and
`save_pretrained`.

## Why
The variable is None: AttributeError, "'NoneType' object has no attribute ...", at its next use.
`merge_and_unload` and `get_peft_model` do return a model.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "me/adapter")
model = model.merge_adapter()
model.save_pretrained("merged")
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "me/adapter")
model = model.merge_and_unload()
model.save_pretrained("merged")
```

## Fix
Call the method in a statement of its own; where the merged model itself is wanted, call
`merge_and_unload`.

## Source
PEFT 0.21.2 `peft_model.py`, `tuners/tuners_utils.py`, transformers 5.24.0 `modeling_utils.py`: each
method called on a small model, which gave None.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC124"
NAME = "none-taken-for-model"
SEVERITY = "error"

_OF_WRAPPER = frozenset(
    {
        *("merge_adapter", "unmerge_adapter", "set_adapter", "delete_adapter", "add_adapter"),
        *("add_weighted_adapter", "enable_adapter_layers", "disable_adapter_layers"),
        *("print_trainable_parameters", "save_pretrained"),
    }
)
_OF_MODELS = frozenset({"gradient_checkpointing_enable", "enable_input_require_grads"})
"""Methods that a model of transformers has without a wrapper too."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every variable of a file that is None and used as a model."""
    script = read_calls(document, "eft")
    for method in (*_OF_WRAPPER, *_OF_MODELS) if script is not None else ():
        for use in script.by_name.get(method, ()) if script is not None else ():
            if script is None or not use.variables or use.fails:
                continue
            if not _is_called_on_model(script, use) or not _is_used(script, use):
                continue
            merges = method == "merge_adapter"
            yield Hit(
                f"`{method}` returns None, so `{use.variables[0]}` is None: AttributeError",
                get_call_span(document, use),
                help="write merge_and_unload(), which gives the merged model back"
                if merges
                else f"call {method} in a statement of its own",
            )


def _is_called_on_model(script: Script, use: Use) -> bool:
    """Whether a method is called on a PEFT model, or one of transformers' that has it too."""
    maker = find_source_call(script, use.owner)
    if maker is None or "push_to_hub" in use.arguments:
        return False
    if makes_adapter(maker):
        return True
    return use.last in _OF_MODELS and find_bare_load(script, use.owner) is not None


def _is_used(script: Script, result: Use) -> bool:
    """Whether a method is called on the result of a call, or a call is given it first."""
    if any(not use.fails for use in script.methods.get(result.number, ())):
        return True
    given = (use.arguments.get(key) for use in script.uses for key in (0, "model"))
    return any(one is not None and one.call_number == result.number for one in given)
