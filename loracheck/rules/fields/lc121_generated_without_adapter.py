"""Unsloth's vLLM generates without the adapter that was trained.

## What
`fast_generate` of a model that Unsloth loaded with `fast_inference=True`, behind a training or a
`load_adapter`, without `lora_request`, which nothing in the file gives to any call.

## Why
`fast_generate` is vLLM's own `generate`. It shares the base model's weights with the model that is
trained, and none of the adapter's: without `lora_request` the answers are the base model's. Seen in
unslothai/unsloth issue 3802.

## Bad
```python
from trl import GRPOTrainer
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Qwen3-8B", fast_inference=True)
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
trainer = GRPOTrainer(model=model, reward_funcs=[len], train_dataset=None)
trainer.train()
print(model.fast_generate("Hello"))
```

## Good
```python
from trl import GRPOTrainer
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Qwen3-8B", fast_inference=True)
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
trainer = GRPOTrainer(model=model, reward_funcs=[len], train_dataset=None)
trainer.train()
model.save_lora("trained")
print(model.fast_generate("Hello", lora_request=model.load_lora("trained")))
```

## Fix
Save the adapter with `model.save_lora(folder)`, and give `lora_request=model.load_lora(folder)`.

## Source
Unsloth 2026.10.9 `unsloth/models/llama.py`, `vision.py` (`model.fast_generate =
model.vllm_engine.generate`), `_utils.py` (patch_peft_fast_inference: `save_lora`, `load_lora`).
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import get_literal
from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
    get_model_argument,
    is_trainer,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC121"
NAME = "generated-without-adapter"
SEVERITY = "warning"

_GENERATE = "fast_generate"
_GIVES = ("lora_request", "load_lora(", "merge", "LoRARequest", "disable_adapter")
"""One of these stands in a file that may generate with the adapter, or without it on purpose."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for the first call of a file that generates without the adapter it has trained."""
    script = read_calls(document, "fast_generate", "fast_inference", ".from_pretrained(")
    if script is None or any(word in document.source for word in _GIVES):
        return
    for use in script.by_name.get(_GENERATE, ()):
        trained = _find_trained(script, use)
        if trained is not None and not use.fails and use.complete:
            yield Hit(
                "`fast_generate` is vLLM, which has no adapter but the one of `lora_request`: the "
                "base model answers",
                get_call_span(document, use),
                help="write model.save_lora(folder) first, and give "
                "lora_request=model.load_lora(folder)",
                spans=((get_call_span(document, trained), "the adapter has its weights here"),),
            )
            return


def _find_trained(script: Script, use: Use) -> Use | None:
    """The call before a call of `fast_generate` that has trained, or loaded, an adapter of its
    model, which runs on vLLM; None where none is known.
    """
    from loracheck.tools.unsloth_models import find_class

    wrap = find_source_call(script, use.owner)
    if wrap is None or find_class(wrap, "get_peft_model") is None:
        return None
    load = find_source_call(script, get_model_argument(wrap))
    if load is None or find_class(load, "from_pretrained") is None:
        return None
    if get_literal(load, "fast_inference") is not True:
        return None
    for one in script.uses[: use.number]:
        if one.number > wrap.number and not one.fails and _changes(script, one, wrap):
            return one
    return None


def _changes(script: Script, use: Use, wrap: Use) -> bool:
    """Whether a call trains, or loads, an adapter of the model that `wrap` has made."""
    if use.last == "load_adapter":
        return use.owner.call_number == wrap.number
    trainer = find_source_call(script, use.owner) if use.last == "train" else None
    model = get_model_argument(trainer) if trainer is not None and is_trainer(trainer) else None
    return model is not None and model.call_number == wrap.number
