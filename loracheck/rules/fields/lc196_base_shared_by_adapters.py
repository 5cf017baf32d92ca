"""Several PEFT models are made of one base model.

## What
`PeftModel.from_pretrained(base, ...)` or `get_peft_model(base, ...)` twice with the same variable,
or in a loop, where nothing loads the base model again or takes the first adapter off.

## Why
PEFT puts the adapter into the layers of the model that it is given. The second call finds the first
adapter there: both wrappers are around the same layers, the first one computes with the second
adapter from then on, and where the second names other modules, the first stays in them beside it.
PEFT warns ("You are trying to modify a model with PEFT for a second time"). It is an error where
the first model is used after the second was made. Seen in huggingface/peft issue 2270,
huggingface/peft issue 463 and johnsmith0031/alpaca_lora_4bit issue 60.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
one = PeftModel.from_pretrained(base, "out/one")
two = PeftModel.from_pretrained(base, "out/two")
print(one.generate(**inputs), two.generate(**inputs))
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out/one", adapter_name="one")
model.load_adapter("out/two", adapter_name="two")
for name in ("one", "two"):
    model.set_adapter(name)
    print(model.generate(**inputs))
```

## Fix
Load all adapters onto one PEFT model and choose with `set_adapter`, or load the base model again
for each.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`BaseTuner.__init__`, `inject_adapter`). Executed on a tiny
Llama: the first model's outputs become the second's; with other targets neither is right.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import find_config_call
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
    unwraps_somewhere,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.blocks import Blocks
    from loracheck.documents.python.uses import Script, Use
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC196"
NAME = "base-shared-by-adapters"
SEVERITY = "warning"

_MOST = 50
"""Calls that are compared: a script with more makes its models in another way."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every further model; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call that makes a further PEFT model of a base model."""
    script = read_calls(document, "eft", "from_pretrained")
    if script is None or unwraps_somewhere(document):
        return
    prompts = any(_makes_prompt_config(use) for use in script.uses)
    makers = [
        number
        for number, use in enumerate(script.uses)
        if _puts_on_variable(script, use) and not (prompts and _may_learn_prompt(script, use))
    ]
    twice = _pair(script, makers[:_MOST])
    if not twice and not ("for " in document.source or "while " in document.source):
        return
    from loracheck.documents.python.blocks import read_blocks

    blocks = read_blocks(document.syntax) if makers else None  # type: ignore[attr-defined]
    if blocks is None:
        return
    for first, second in twice:
        starts = script.uses[first].place.start, script.uses[second].place.start
        if not blocks.exclude(*starts):
            yield _build_hit(document, script, first, second)
    told = {second for _, second in twice}
    for number in makers[:_MOST]:
        if number not in told and _repeats(document, script, number, blocks):
            yield Hit(
                "every round puts a further adapter on the same base model, beside those of the "
                "rounds before",
                get_call_span(document, script.uses[number]),
                help="load the base model in the loop, or write model.load_adapter(folder, "
                "adapter_name=...) and model.set_adapter(...) on one PEFT model",
            )


def _puts_on_variable(script: Script, use: Use) -> bool:
    """Whether a call puts an adapter on a variable that is a model as it was loaded."""
    model = get_model_argument(use) if makes_adapter(use) and not use.fails else None
    return model is not None and bool(model.name) and find_bare_load(script, model) is not None


def _makes_prompt_config(use: Use) -> bool:
    """Whether a call makes the config of a method that changes no layer of the base model: its
    vectors stand before the input (PEFT 0.21.2 peft_model.py, `is_prompt_learning`).
    """
    from loracheck.config.methods import find_method_of_config

    if not use.last.endswith("Config"):
        return False
    method = find_method_of_config(use.last)
    return method is not None and not method.fields


def _may_learn_prompt(script: Script, use: Use) -> bool:
    """Whether a call may make a model with a prompt, in a script with such configs: it gets no
    LoraConfig.
    """
    return find_config_call(script, use) is None


def _pair(script: Script, makers: list[int]) -> list[tuple[int, int]]:
    """The calls with one base model, each with the one before it."""
    last: dict[tuple[str, int, int], int] = {}
    found: list[tuple[int, int]] = []
    for number in makers:
        use = script.uses[number]
        model = get_model_argument(use)
        if model is None or use.variables is None:  # dropped: another rule's
            continue
        key = (model.name, model.call_number, use.scope)
        if key in last:
            found.append((last[key], number))
        last[key] = number
    return found


def _build_hit(document: Document, script: Script, first: int, second: int) -> Hit:
    used = any(
        use.owner.call_number == first
        or (use.called is not None and use.called.call_number == first)
        for use in script.uses[second + 1 :]
    )
    severity: Severity | None = "error" if used else None
    said = (
        "both are around the same layers, and the first computes with this adapter from here on"
        if used
        else "where this one names other modules, the first adapter stays in them"
    )
    return Hit(
        f"the base model has the first adapter in its layers: {said}",
        get_call_span(document, script.uses[second]),
        help="load the base model again, or write model.load_adapter(folder, adapter_name=...) and "
        "model.set_adapter(...) on the first",
        spans=((get_call_span(document, script.uses[first]), "the first adapter"),),
        severity=severity,
    )


def _repeats(document: Document, script: Script, number: int, blocks: Blocks) -> bool:
    """Whether a call is run again and again on a model that was loaded before its loop."""
    use = script.uses[number]
    loop = blocks.find_loop(use.place.start)
    load = find_source_call(script, get_model_argument(use))
    if loop is None or load is None or load.scope != use.scope or load.place.start >= loop[0]:
        return False
    body = document.text[loop[0] : loop[1]]
    return "break" not in body and "return" not in body
