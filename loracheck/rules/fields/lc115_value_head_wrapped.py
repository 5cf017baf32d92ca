"""PEFT's wrapper around a model with a value head, given to PPOTrainer.

## What
`get_peft_model` of an `AutoModelForCausalLMWithValueHead` (or the Seq2Seq one), and the result to
TRL's `PPOTrainer`.

## Why
PPOTrainer of TRL before 0.12 takes a PreTrainedModelWrapper only: "model must be a
PreTrainedModelWrapper, got <class 'peft.peft_model.PeftModelForCausalLM'>". The adapter belongs
under the value head. Newer releases have another PPOTrainer, which takes no model with a value
head. Seen in huggingface/trl issues 1296 and 3093.

## Bad
```python
from peft import LoraConfig, get_peft_model
from trl import AutoModelForCausalLMWithValueHead, PPOConfig, PPOTrainer
model = AutoModelForCausalLMWithValueHead.from_pretrained("openai-community/gpt2")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
trainer = PPOTrainer(PPOConfig(), model, None, None)
```

## Good
```python
from peft import LoraConfig
from trl import AutoModelForCausalLMWithValueHead, PPOConfig, PPOTrainer
model = AutoModelForCausalLMWithValueHead.from_pretrained(
    "openai-community/gpt2",
    peft_config=LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"),
)
trainer = PPOTrainer(PPOConfig(), model, None, None)
```

## Fix
Give `peft_config=config` to `from_pretrained` of the class with the value head.

## Source
TRL 0.11.4 `trl/trainer/ppo_trainer.py` (`PPOTrainer.__init__`), `trl/models/modeling_base.py`
(`PreTrainedModelWrapper.from_pretrained`).
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
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
    from loracheck.rules.context import RuleContext

CODE = "LC115"
NAME = "value-head-wrapped"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every PPOTrainer of a file that gets a wrapped value head."""
    script = read_calls(document, "PPOTrainer(", "WithValueHead", "get_peft_model(")
    for use in script.by_name.get("PPOTrainer", ()) if script is not None else ():
        if script is None or not use.name.startswith("trl.") or use.fails:
            continue
        maker = find_source_call(script, use.arguments.get("model", use.arguments.get(1)))
        if maker is None or maker.last != "get_peft_model" or not makes_adapter(maker):
            continue
        load = find_source_call(script, get_model_argument(maker))
        if load is None or "WithValueHead.from_pretrained" not in load.name:
            continue
        yield Hit(
            "PPOTrainer takes a model with a value head, and PEFT's wrapper around one is none: "
            "ValueError",
            get_call_span(document, use),
            help="leave get_peft_model out, and give peft_config=config to "
            f"{load.name.split('.')[-2]}.from_pretrained",
            spans=((get_call_span(document, maker), "wrapped here"),),
        )
