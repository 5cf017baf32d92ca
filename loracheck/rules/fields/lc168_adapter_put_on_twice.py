"""`get_peft_model` or `PeftModel.from_pretrained` on a model that has come out of one of them.

## What
The model that a call of PEFT's `get_peft_model` is given is the result of an earlier one, and
nothing in the file unloads or merges the first adapter. Or `PeftModel.from_pretrained` is given a
model that has an adapter, a new or a loaded one, or the attribute `base_model` of such a model (or
of a trainer's `model`), which is no base model but the layers with LoRA in them.

## Why
PEFT warns ("You are trying to modify a model with PEFT for a second time") and wraps the wrapper.
The first adapter stays in the layers with its old settings; what is saved has names that begin with
`base_model.model.base_model.model`, which fit no base model. Under these names `from_pretrained`
looks for the weights that it loads, and finds none but of an adapter that was trained on such a
wrapper: PEFT warns of missing keys, and the adapter is a new one. Executed. Seen in
huggingface/peft issues 2295 and 2115, and with `trainer.model.base_model` in huggingface/peft
issue 868; `get_peft_model` on an adapter that was loaded in huggingface/lerobot issue 3459.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"]))
model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj", "v_proj"]))
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj", "v_proj"]))
```

## Fix
Load the base model again, or call `model = model.unload()` first. For a second adapter beside the
first use `model.add_adapter(name, config)`; to load one, give `from_pretrained` the base model, or
call `model.load_adapter(folder, name)`.

## Source
PEFT 0.21.2 `mapping_func.py` (`get_peft_model`), `tuners/tuners_utils.py` (`BaseTuner.__init__`),
`utils/save_and_load.py` (`set_peft_model_state_dict`), executed.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import UNWRAPS
from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
    get_model_argument,
    is_trainer,
    makes_adapter,
    read_calls,
    unwraps_somewhere,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC168"
NAME = "adapter-put-on-twice"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every second call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call that puts an adapter on a model which has one."""
    script = read_calls(document, "eft")
    yield from _check_attributes(document, script) if script is not None else ()
    if script is None or unwraps_somewhere(document):
        return
    if "base_model.model" in document.source:  # the wrapper's own names: it is meant
        return
    for use in script.uses:
        if not makes_adapter(use) or use.fails:
            continue
        model = get_model_argument(use)
        first = find_source_call(script, model)
        if first is use:  # a part of a script, whose model another part loads
            continue
        if first is not None and makes_adapter(first) and use.last == "from_pretrained":
            yield Hit(
                "the model has an adapter already: PEFT looks for the weights of this one under "
                "the wrapper's names, finds none, and leaves it new",
                get_call_span(document, use),
                help="give it the base model, write model.load_adapter(folder, name), or merge the "
                "first adapter before (merge_and_unload)",
                notes=("an adapter that was trained on such a wrapper is loaded",),
                spans=((get_call_span(document, first), "the first adapter"),),
            )
        elif (
            first is not None
            and makes_adapter(first)
            and use.last == "get_peft_model"
            and (first.last == "from_pretrained")
        ):
            yield Hit(
                "the adapter that was loaded is replaced by a new one in every layer that both "
                "name: what it has learnt is lost",
                get_call_span(document, use),
                help="leave get_peft_model out: is_trainable=True of from_pretrained trains the "
                "loaded adapter on",
                spans=((get_call_span(document, first), "loaded here"),),
            )
        elif first is not None and makes_adapter(first) and first.last == "get_peft_model":
            yield Hit(
                "the model has an adapter already: PEFT wraps the wrapper, and what is saved fits "
                "no base model",
                get_call_span(document, use),
                help="load the base model again, or write model = model.unload() before it; for a "
                "second adapter use model.add_adapter(name, config)",
                spans=((get_call_span(document, first), "the first adapter"),),
            )


def _check_attributes(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every adapter that is loaded onto the attribute `base_model` of a PEFT model."""
    for number, use in enumerate(script.uses):
        given = get_model_argument(use) if use.last == "from_pretrained" else None
        dotted = given.path.removeprefix("<local>.") if given is not None else ""
        root, _, path = dotted.partition(".")
        if not makes_adapter(use) or path not in _LAYERS or use.fails:
            continue
        wrapper = _find_wrapper(script, root, path, number)
        if wrapper is not None and not _unwraps_before(script, number):
            yield Hit(
                "`base_model` of a PEFT model has the adapter in it: PEFT finds no weights under "
                "the names that it has there, and the trained ones are replaced by new ones",
                get_call_span(document, use),
                help="use the model as it is: it has the adapter; or load the base model again",
                spans=((get_call_span(document, wrapper), "the adapter is put on here"),),
            )


def _unwraps_before(script: Script, number: int) -> bool:
    """Whether something takes an adapter off before the call `number`."""
    return any(
        use.number < number and use.owner.call_number != number
        for name in UNWRAPS
        for use in script.by_name.get(name, ())
    )


def _find_wrapper(script: Script, root: str, path: str, number: int) -> Use | None:
    """The call before the call `number` that put an adapter on the model of a variable, or of the
    trainer that it is.
    """
    makers = [use for use in script.assigned.get(root, ()) if use.number < number]
    if not makers:
        return None
    maker: Use | None = makers[-1]
    if path.startswith("model.") and maker is not None:
        maker = find_source_call(script, get_model_argument(maker)) if is_trainer(maker) else None
    return maker if maker is not None and makes_adapter(maker) else None


_LAYERS = frozenset(
    {"base_model", "model.base_model", "base_model.model", "model.base_model.model"}
)
"""Attributes of a PEFT model, and of a trainer, that hold the layers with LoRA in them."""
