"""`get_peft_model` of Unsloth on a model that it does not take.

## What
`FastLanguageModel.get_peft_model` (or that of `FastModel`, `FastVisionModel`) is given a model that
transformers loaded, or one that has an adapter already: from an earlier call, or because
`from_pretrained` was given the folder of an adapter. Or what its `from_pretrained` gives is used as
the model: it is a pair, of the model and the tokenizer.

## Why
Unsloth reads what its own loader has put on the model, and a model of transformers has not:
AttributeError (`max_seq_length`, `_saved_temp_tokenizer`). On a model with an adapter `FastModel`
and `FastVisionModel` raise RuntimeError, "You already added LoRA adapters to your model!";
`FastLanguageModel` goes on with the old adapter where all parameters are the same, and raises
TypeError where one differs: "Your model already has LoRA adapters. Your new parameters are
different." Seen in unslothai/unsloth issues 838, 360, 1492 and 2288; the pair in issue 1211.

## Bad
```python
from transformers import AutoModelForCausalLM
from unsloth import FastLanguageModel

model = AutoModelForCausalLM.from_pretrained("google/gemma-2b")
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
```

## Good
```python
from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained("google/gemma-2b")
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
```

## Fix
Load the model with `from_pretrained` of the same class. To train an adapter on, give its folder to
`from_pretrained` and leave `get_peft_model` out.

## Source
Unsloth 2026.10.9 `unsloth/models/llama.py` (`get_peft_model`), `unsloth/models/vision.py`
(`get_peft_model`).
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import UNWRAPS
from loracheck.rules.support.local_folders import read_local_adapter
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_trainer,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.documents.values import Value
    from loracheck.rules.context import RuleContext

CODE = "LC176"
NAME = "unsloth-refuses-model"
SEVERITY = "error"


_TAKES = ("get_peft_model", "for_inference", "for_training")
_METHODS = frozenset(
    {
        *("generate", "save_pretrained", "save_pretrained_merged", "save_pretrained_gguf"),
        *("push_to_hub", "push_to_hub_merged", "eval", "train", "to"),
    }
)
"""Methods of a model that a pair has not."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every model that Unsloth is given and refuses."""
    script = read_calls(document, "Fast", ".from_pretrained(")
    script = script or read_calls(document, "Fast", ".get_peft_model(")
    if script is None:
        return
    from loracheck.tools.unsloth_models import find_class

    yield from _check_pairs(document, script)
    for use in script.by_name.get("get_peft_model", ()):
        kind = find_class(use, "get_peft_model")
        if kind is None or use.fails:
            continue
        load = find_bare_load(script, get_model_argument(use))
        if load is None:
            yield from _check_adapter(document, script, use, kind)
        elif not load.fails:
            yield Hit(
                "Unsloth takes only a model that its own loader loaded: AttributeError",
                get_call_span(document, use),
                help=f"load it with {kind}.from_pretrained, or use peft.get_peft_model(model, "
                "LoraConfig(...))",
                spans=((get_call_span(document, load), "loaded by transformers here"),),
            )


def _check_pairs(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every load whose pair of model and tokenizer is used as the model."""
    from loracheck.tools.unsloth_models import find_class

    seen: set[int] = set()
    for use in script.uses:
        takes = is_trainer(use) or any(find_class(use, method) for method in _TAKES)
        model = get_model_argument(use) if takes else use.owner if use.last in _METHODS else None
        load = find_source_call(script, model)
        if model is None or load is None or load.number in seen or load.fails:
            continue
        if find_class(load, "from_pretrained") is not None and load.variables == (model.name,):
            seen.add(load.number)
            yield Hit(
                "from_pretrained of Unsloth gives a model and a tokenizer: the variable is a pair, "
                "and no model",
                get_call_span(document, load),
                help=f"write {model.name}, tokenizer = ...",
                spans=((get_call_span(document, use), "used as the model here"),),
            )


def _check_adapter(document: Document, script: Script, use: Use, kind: str) -> Iterator[Hit]:
    """A hit where the model has an adapter for certain, and the call raises."""
    from loracheck.tools.unsloth_models import COMPARES, find_difference

    first = find_source_call(script, get_model_argument(use))
    if first is None or first is use or first.fails or _unwraps_between(script, first, use):
        return
    found = _read_adapter(document, first)
    if found is None:
        return
    adapter, label = found
    error = "RuntimeError"
    if kind == COMPARES:
        parameter = find_difference(use, adapter)
        if parameter is None:  # Unsloth skips the call
            return
        error = f"TypeError, `{parameter}` differs from its own"
    yield Hit(
        f"the model has an adapter already, and Unsloth puts on no second one: {error}",
        get_call_span(document, use),
        help="leave get_peft_model out: the adapter that the model has trains on; for a new one "
        "load the base model again",
        spans=((get_call_span(document, first), label),),
    )


def _read_adapter(document: Document, first: Use) -> tuple[Mapping[str, Value], str] | None:
    """What is known of the adapter on the model that a call gives, and how the call is called."""
    from loracheck.tools.unsloth_models import find_class, read_parameters

    if find_class(first, "from_pretrained") is not None:
        folder = first.arguments.get("model_name", first.arguments.get(0))
        adapter = read_local_adapter(document, folder.value if folder is not None else None)
        return (adapter, "this folder is an adapter's") if adapter is not None else None
    if find_class(first, "get_peft_model") is not None:
        return dict(read_parameters(first)), "the first adapter"
    return ({}, "the first adapter") if makes_adapter(first) else None


def _unwraps_between(script: Script, first: Use, use: Use) -> bool:
    return any(
        first.number < one.number < use.number
        for name in UNWRAPS
        for one in script.by_name.get(name, ())
    )
