"""A trainer that generates with Unsloth's vLLM, which its model was loaded without.

## What
`use_vllm=True` in the config of a trainer whose model Unsloth loads in 4 or 8 bits (4 is its
default) without `fast_inference=True`.

## Why
Unsloth's trainers take vLLM from the model, where `fast_inference=True` has put it. Releases before
June 2026 raise AttributeError, "object has no attribute 'vllm_engine'". Newer ones start TRL's own
vLLM, which cannot take over quantised weights: RuntimeError, "GRPO with use_vllm = True but
fast_inference = False cannot sync a quantized model". Seen in unslothai/unsloth issue 2107.

## Bad
```python
from trl import GRPOConfig, GRPOTrainer
from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Qwen3-8B")
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
config = GRPOConfig(output_dir="out", use_vllm=True)
trainer = GRPOTrainer(model=model, args=config, reward_funcs=[len])
```

## Good
```python
from trl import GRPOConfig, GRPOTrainer
from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Qwen3-8B", fast_inference=True)
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
config = GRPOConfig(output_dir="out", use_vllm=True)
trainer = GRPOTrainer(model=model, args=config, reward_funcs=[len])
```

## Fix
Write `fast_inference=True` into `from_pretrained`, or take `use_vllm=True` out.

## Source
Unsloth 2026.10.9 `unsloth/models/rl.py` (the trainer's `__init__` takes `model.vllm_engine`),
`unsloth/models/rl_replacements.py` (`_unsloth_vllm_sync_kind`); commit 88391182 for the older ones.
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

CODE = "LC177"
NAME = "vllm-not-started"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every trainer of a file that asks for a vLLM which its model has not."""
    script = read_calls(document, "Fast", "use_vllm", "Trainer(", ".from_pretrained(")
    if script is None:
        return
    from loracheck.tools.unsloth_models import ALLOWS_STALE, loads_quantized_without_vllm

    if ALLOWS_STALE in document.source:
        return
    for use in script.uses:
        config = find_source_call(script, use.arguments.get("args", use.arguments.get(2)))
        if not is_trainer(use) or use.fails or config is None:
            continue
        if get_literal(config, "use_vllm") is not True:
            continue
        load = _find_load(script, use)
        if load is not None and loads_quantized_without_vllm(load):
            yield Hit(
                f"`use_vllm=True` of `{config.last}`, and Unsloth has loaded the quantised model "
                "without vLLM: the trainer stops",
                get_call_span(document, use),
                help="write fast_inference=True into from_pretrained, or take use_vllm=True out",
                spans=((get_call_span(document, load), "loaded here"),),
            )


def _find_load(script: Script, trainer: Use) -> Use | None:
    """The call of Unsloth's that loaded a trainer's model, where an adapter is put on at most."""
    from loracheck.tools.unsloth_models import find_class

    use = find_source_call(script, get_model_argument(trainer))
    if use is not None and find_class(use, "get_peft_model") is not None:
        use = find_source_call(script, get_model_argument(use))
    return use if use is not None and find_class(use, "from_pretrained") is not None else None
