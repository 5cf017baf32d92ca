"""The base model is compared with the adapter, and has the adapter too.

## What
A script that puts an adapter on a model, keeps the old variable, and from then on calls both: the
variable of the base model and the one with the adapter (or what `merge_and_unload` or
`get_base_model` gave back).

## Why
PEFT changes the model that it is given: it puts LoRA's layers into it and gives back a wrapper
around the same object. Both variables compute with the adapter, and after `merge_and_unload` with
the merged weights: the outputs are the same, and the comparison shows that "LoRA has no effect".
`get_base_model()` takes the wrapper off and leaves the layers where they are. Seen in
huggingface/peft issue 430, huggingface/peft issue 515 and huggingface/peft issue 1389.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
tuned = PeftModel.from_pretrained(base, "./my-adapter")
inputs = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-7B")("Hello", return_tensors="pt")
print(base.generate(**inputs))
print(tuned.generate(**inputs))
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
tuned = PeftModel.from_pretrained(base, "./my-adapter")
inputs = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-7B")("Hello", return_tensors="pt")
with tuned.disable_adapter():
    print(tuned.generate(**inputs))
print(tuned.generate(**inputs))
```

## Fix
Ask the base model before the adapter is put on, or within `with model.disable_adapter():`. Behind
`merge_and_unload` only a base model that is loaded again has the old weights.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`inject_adapter`), `peft_model.py` (`get_base_model`,
`disable_adapter`). Executed on a tiny Llama: the outputs are equal to the last bit.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import KEEPS_OWNER, UNWRAPS
from loracheck.named_tuple import NamedTuple
from loracheck.rules.support.script_calls import (
    MAX_CHAIN,
    find_bare_load,
    find_source_call,
    get_call_span,
    get_model_argument,
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

CODE = "LC186"
NAME = "base-compared-with-adapter"
SEVERITY = "warning"

_TAKES_OFF = ("disable_adapter", "deepcopy", ".unload(", "set_scale", "unmerge_adapter", ".train()")
"""Words of a file that takes the adapter off, or trains with it."""

_COMPUTES = frozenset({"generate", "forward", "__call__", "logits"})


class _Computation(NamedTuple):
    """A call that computes with a model."""

    use: Use
    model: Operand
    """The object of `generate`, or what is called itself."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every base model that is called beside its adapter; the first setting speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every base model of a file that is called beside its adapter."""
    script = read_calls(document, "eft", "from_pretrained")
    if script is None or any(word in document.source for word in _TAKES_OFF):
        return
    computations = _list_computations(script)
    for use in script.uses if computations else ():
        if not makes_adapter(use) or use.fails or len(use.variables or ()) != 1:
            continue
        behind = [one for one in computations if one.use.number > use.number]
        base = _find_call_of_base(script, use, behind)
        if base is not None and any(_reaches(script, one.model, use.number) for one in behind):
            yield Hit(
                "the base model has the adapter too from the line on that puts it on: both "
                "compute the same",
                get_call_span(document, base),
                help="ask the base model before, or within `with model.disable_adapter():`",
                spans=((get_call_span(document, use), "the adapter is put into it here"),),
            )


def _find_call_of_base(script: Script, adapter: Use, behind: list[_Computation]) -> Use | None:
    """The computation behind the call `adapter` with the model which that one was given."""
    given = get_model_argument(adapter)
    if given is None or not given.name or find_bare_load(script, given) is None:
        return None
    for use, model in behind if adapter.variables != (given.name,) else ():
        same = (model.name, model.call_number) == (given.name, given.call_number)
        if same and use.scope == adapter.scope:
            return use
    return _find_with_base_taken_out(script, adapter, behind)


def _find_with_base_taken_out(
    script: Script, adapter: Use, behind: list[_Computation]
) -> Use | None:
    """The first computation with what `get_base_model` has given back, where that is of the model
    that `adapter` wraps.
    """
    for use, model in behind:
        source = find_source_call(script, model)
        if source is not None and source.last == "get_base_model":
            return use if source.owner.call_number == adapter.number else None
    return None


def _reaches(script: Script, operand: Operand | None, number: int) -> bool:
    """Whether an operand is what the call `number` gives back, through calls that hand it on."""
    for _ in range(MAX_CHAIN):
        if operand is None or operand.call_number < 0:
            return False
        if operand.call_number == number:
            return True
        use = script.uses[operand.call_number]
        if use.last not in KEEPS_OWNER | UNWRAPS or use.last == "get_base_model":
            return False
        operand = use.owner
    return False


def _list_computations(script: Script) -> list[_Computation]:
    """The calls that compute with a model that some call has made."""
    pairs = ((use, use.owner if use.last in _COMPUTES else use.called) for use in script.uses)
    return [
        _Computation(use, model)
        for use, model in pairs
        if model is not None and model.call_number >= 0
    ]
