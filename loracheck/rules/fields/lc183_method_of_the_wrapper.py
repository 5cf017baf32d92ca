"""A method of PEFT's wrapper that is called on a model which has none.

## What
- `print_trainable_parameters`, `merge_and_unload` and the like on a model as transformers or
  Unsloth loads it: without an adapter, or with one that transformers' own `add_adapter` or
  `load_adapter` has put in;
- `load_adapter`, `merge_and_unload` and the like on a pipeline of diffusers;
- `add_adapter` and the like on a SentenceTransformer before sentence-transformers 3.3;
- `save_pretrained`, `merge_and_unload`, `generate` and the like on `DataParallel(model)`.

## Why
These are methods of PeftModel and its tuners. `get_peft_model` and `PeftModel.from_pretrained` give
such a model back; `add_adapter` and `load_adapter` of transformers put LoRA's layers into the model
and leave its class as it is. A pipeline has methods of its own, `load_lora_weights` before all. The
call ends with AttributeError. Seen in huggingface/peft issue 1064, candle-org/MindAct issue 1128,
unslothai/unsloth issue 193, huggingface/diffusers issue 9078 and
huggingface/sentence-transformers issue 3424.

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
`PeftModel.from_pretrained(model, folder)`, and call the method on what they give back; of a
pipeline use its own method.

## Source
PEFT 0.21.2 `peft_model.py`, `tuners/tuners_utils.py`; transformers 5.24.0 `integrations/peft.py`
(PeftAdapterMixin), whose models have none of these methods (executed); the classes of diffusers
0.42.1; sentence-transformers 3.2.1 and 3.3.0 `SentenceTransformer.py`.
"""

from __future__ import annotations

from loracheck.rules.support.missing_methods import find_missing_method
from loracheck.rules.support.script_adapters import get_literal
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    is_model_load,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
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
_OF_MODELS = frozenset(
    {"save_pretrained", "push_to_hub", "generate", "set_adapter", "load_adapter"}
)
_PARALLEL = frozenset(
    f"{package}.{name}"
    for package in ("torch.nn", "torch.nn.parallel")
    for name in ("DataParallel", "DistributedDataParallel")
)
"""Torch's wrappers, which hand on `forward` alone (torch 2.13.0 nn/parallel)."""

_WORDS = (
    "_adapter",
    "lora",
    "merge_and_unload",
    "print_trainable_parameters",
    "get_base_model",
    "peft",
)
_PLACES = ("add_adapter", "load_adapter")
_ADAPTERS = ("get_peft_model", "PeftModel", "_adapter(", "load_lora", "peft_config")
"""Words of a file that puts an adapter on a model of Unsloth's, as far as it says."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every method of the wrapper that a file calls on a plain model."""
    if not any(word in document.source for word in _WORDS):
        return
    yield from _check_other_objects(document)
    yield from _check_parallel(document)
    script = read_calls(document, "from_pretrained")
    for use in script.uses if script is not None else ():
        if script is None or use.last not in _METHODS or use.fails or not use.owner.name:
            continue
        load = find_bare_load(script, use.owner) or _find_unsloth_load(document, script, use)
        if load is None or get_literal(load, "trust_remote_code") is True or _is_guarded(document):
            continue
        put = [one for one in script.methods.get(load.number, ()) if one.last in _PLACES]
        whose = "transformers" if is_model_load(load) else _describe_bare_model()
        more = f", also behind `{put[0].last}` of transformers" if put else ""
        yield Hit(
            f"a model of {whose} has no `{use.last}`{more}: AttributeError",
            get_call_span(document, use),
            help="call it on what get_peft_model(model, config) or "
            "PeftModel.from_pretrained(model, folder) gives back",
            spans=((get_call_span(document, load), "the model is loaded here"),),
        )


def _check_parallel(document: Document) -> Iterator[Hit]:
    """One hit for every method of a model that is called on torch's wrapper around it."""
    script = read_calls(document, "DataParallel(")
    for use in script.uses if script is not None and not _is_guarded(document) else ():
        wrapper = find_source_call(script, use.owner) if script is not None else None
        if wrapper is None or wrapper.name not in _PARALLEL or use.fails:
            continue
        if use.last in _METHODS | _OF_MODELS:
            yield Hit(
                f"`{wrapper.last}` has no `{use.last}`, the model inside has it: AttributeError",
                get_call_span(document, use),
                help=f"write {use.owner.name or 'model'}.module.{use.last}(...)",
                spans=((get_call_span(document, wrapper), "the model is wrapped here"),),
            )


def _check_other_objects(document: Document) -> Iterator[Hit]:
    """One hit for every such call on a pipeline of diffusers or a SentenceTransformer."""
    if not any(word in document.source for word in ("diffusers", "sentence_transformers")):
        return
    script = read_calls(document)
    for use in script.uses if script is not None and not _is_guarded(document) else ():
        missing = None
        if script is not None and not use.fails and (use.owner.call_number >= 0):
            missing = find_missing_method(document, script, use)
        if missing is not None:
            yield Hit(
                missing.says,
                get_call_span(document, use),
                help=missing.mend,
                spans=((get_call_span(document, missing.made), "it is made here"),),
            )


def _find_unsloth_load(document: Document, script: Script, use: Use) -> Use | None:
    """The call of Unsloth's that loaded the model, which is known and no adapter's folder, that a
    method is called on, in a file that puts no adapter on anything; None for any other.
    """
    from loracheck.tools.unsloth_models import find_class
    from loracheck.trees.model_ids import find_id

    load = find_source_call(script, use.owner)
    if load is None or find_class(load, "from_pretrained") is None or not load.complete:
        return None
    if any(word in document.source for word in _ADAPTERS):
        return None
    name = load.arguments.get("model_name", load.arguments.get(0))
    known = name is not None and isinstance(name.value, str) and find_id(name.value) is not None
    return load if known else None


def _describe_bare_model() -> str:
    """Whose a model is that no class of transformers loaded here."""
    from loracheck.tools.unsloth_calls import BARE_MODEL

    return BARE_MODEL


def _is_guarded(document: Document) -> bool:
    """Whether a file asks for a method before it calls it."""
    return any(word in document.source for word in ("hasattr(", "AttributeError", "isinstance("))
