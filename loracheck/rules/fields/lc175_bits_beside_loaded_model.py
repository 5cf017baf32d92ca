"""A trainer's `quantization_config` beside a model that is loaded already.

## What
`SFTTrainer(model=model, quantization_config=...)` where `model` is an object: the bits are for a
model that the trainer loads itself, by its name.

## Why
SFTTrainer, GRPOTrainer, RLOOTrainer, RewardTrainer and DistillationTrainer warn and pass the bits
over, so the model is trained in full precision and takes four times the memory; DPOTrainer and
KTOTrainer raise ValueError. Seen in the examples of huggingface/trl pull request 6157, which added
the argument.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
from trl import SFTTrainer

model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
trainer = SFTTrainer(
    model=model,
    quantization_config=BitsAndBytesConfig(load_in_4bit=True),
    peft_config=LoraConfig(r=16, lora_alpha=32, task_type="CAUSAL_LM"),
)
```

## Good
```python
from peft import LoraConfig
from transformers import BitsAndBytesConfig
from trl import SFTTrainer

trainer = SFTTrainer(
    model="Qwen/Qwen2.5-7B",
    quantization_config=BitsAndBytesConfig(load_in_4bit=True),
    peft_config=LoraConfig(r=16, lora_alpha=32, task_type="CAUSAL_LM"),
)
```

## Fix
Give the trainer the model's name, or give the bits to from_pretrained.

## Source
TRL 1.8.0, 1.9.0 and 1.16.0 `trl/trainer/sft_trainer.py`, `dpo_trainer.py`, `kto_trainer.py` and
the others (`__init__`, "your model is already instantiated").
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    find_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    read_calls,
)
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC175"
NAME = "bits-beside-loaded-model"
SEVERITY = "warning"

_SINCE = "1.8.0"
"""The first release of TRL whose trainers take quantization_config."""

_WARNS = frozenset(
    f"trl.{name}Trainer" for name in ("SFT", "GRPO", "RLOO", "Reward", "Distillation")
)
_RAISES = frozenset({"trl.DPOTrainer", "trl.KTOTrainer"})

_BITS = frozenset({"quantization_config", "load_in_4bit", "load_in_8bit", "config"})
"""Arguments of from_pretrained by which a model has its bits already, or may have them."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every trainer that gets a loaded model and bits."""
    script = read_calls(document, "quantization_config", "Trainer(")
    if script is None or is_older(document, "trl", _SINCE):
        return
    for use in script.uses:
        if use.name not in _WARNS | _RAISES or use.fails:
            continue
        config = find_source_call(script, use.arguments.get("quantization_config"))
        load = find_load(script, get_model_argument(use))
        if load is None or config is None or not config.last.endswith("Config"):
            continue
        if use.name in _RAISES or not _may_have_bits(load):
            yield _build_hit(document, use, load)


def _may_have_bits(load: Use) -> bool:
    """Whether a model may be quantised by the call that loads it, so that nothing is lost."""
    return not load.complete or bool(_BITS & load.arguments.keys())


def _build_hit(document: Document, use: Use, load: Use) -> Hit:
    raises = use.name in _RAISES
    effect, error = ("refuses", ": ValueError") if raises else ("passes over", "")
    return Hit(
        f"`{use.last}` {effect} `quantization_config` beside a model that is loaded already{error}",
        get_call_span(document, use),
        help="give the trainer the model's name as `model`, or give quantization_config to "
        "from_pretrained alone",
        spans=((get_call_span(document, load), "the model is loaded here"),),
        severity="error" if raises else None,
    )
