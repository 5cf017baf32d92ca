"""The result of `get_peft_model` or `merge_and_unload` is dropped, and the old variable saved.

## What
`get_peft_model(model, config)` or `model.merge_and_unload()` as a statement of its own, and then
`model.save_pretrained(...)`, `model.push_to_hub(...)`, or `save_model` of a trainer that has the
old variable.

## Why
Both give the model back that is meant. The variable they were called with keeps its old class,
while its layers have changed: after a dropped `merge_and_unload` the wrapper saves an adapter with
no tensor in it; after a dropped `get_peft_model` the base class saves a whole model whose wrapped
layers have names that loading it passes over, so that they start at random. Both were executed.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out/adapter")
model.merge_and_unload()
model.save_pretrained("out/merged")
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out/adapter")
model = model.merge_and_unload()
model.save_pretrained("out/merged")
```

## Fix
Assign the result: `model = model.merge_and_unload()`, `model = get_peft_model(model, config)`.

## Source
PEFT 0.21.2 `mapping_func.py` (`get_peft_model`), `tuners/tuners_utils.py` (`merge_and_unload`),
`utils/save_and_load.py` (`get_peft_model_state_dict`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    SAVES,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_same_model,
    is_trainer,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC152"
NAME = "result-dropped"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every dropped result; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every dropped result of a file whose old variable is saved."""
    script = next(
        (
            calls
            for word in ("save_pretrained", "push_to_hub", "save_model")
            if (calls := read_calls(document, word))
        ),
        None,
    )
    if script is None or not (
        "merge_and_unload" in document.source or "get_peft" in document.source
    ):
        return
    saves = _list_saves(script)
    for use in script.uses:
        if use.variables is not None or use.fails:
            continue
        merges = use.last == "merge_and_unload"
        wraps = use.last == "get_peft_model" and makes_adapter(use)
        model = use.owner if merges else get_model_argument(use) if wraps else None
        save = _find_save(script, saves, use, model) if model is not None else None
        if model is None or save is None:
            continue
        becomes = (
            "an adapter without a tensor in it"
            if merges
            else "a whole model whose wrapped layers are lost when it is loaded"
        )
        call = (
            f"{model.name}.merge_and_unload()" if merges else f"get_peft_model({model.name}, ...)"
        )
        yield Hit(
            f"the result of `{use.last}` is dropped: `{save.owner.name}.{save.last}` then writes "
            f"{becomes}",
            get_call_span(document, use),
            help=f"write {model.name} = {call}",
            spans=((get_call_span(document, save), "saved here"),),
        )


def _list_saves(script: Script) -> list[Use]:
    """The calls that save a model, in their order."""
    names = (*SAVES, "save_model")
    saves = (use for name in names for use in script.by_name.get(name, ()))
    return sorted(saves, key=lambda use: use.number)


def _find_save(script: Script, saves: list[Use], dropped: Use, model: Operand) -> Use | None:
    """The call behind the one whose result is dropped that saves the same variable, with the value
    that it had.
    """
    return next(
        (
            one
            for one in saves
            if one.number > dropped.number
            and one.scope == dropped.scope
            and (
                (one.last in SAVES and is_same_model(one.owner, model))
                or (one.last == "save_model" and _has_model(script, one.owner, model))
            )
        ),
        None,
    )


def _has_model(script: Script, trainer: Operand, model: Operand | None) -> bool:
    """Whether a variable is a trainer that was given the model."""
    constructor_call = find_source_call(script, trainer)
    return (
        constructor_call is not None
        and is_trainer(constructor_call)
        and "peft_config" not in constructor_call.arguments
        and is_same_model(get_model_argument(constructor_call), model)
    )
