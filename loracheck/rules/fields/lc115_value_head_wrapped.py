"""A model with a value head where PPOTrainer takes none, or with PEFT's wrapper around it.

## What
`get_peft_model` of an `AutoModelForCausalLMWithValueHead` (or the Seq2Seq one), and the result to
TRL's `PPOTrainer`; or such a model to a PPOTrainer of TRL 0.12 or newer, as its `model`,
`value_model` or `reward_model`.

## Why
PPOTrainer of TRL before 0.12 takes a PreTrainedModelWrapper only: "model must be a
PreTrainedModelWrapper, got <class 'peft.peft_model.PeftModelForCausalLM'>". The adapter belongs
under the value head. Newer releases have another PPOTrainer, whose arguments are others too
(`reward_model`, `value_model`, `train_dataset`): it reads `generation_config` and
`base_model_prefix`, which a model with a value head has not. AttributeError. Seen in
huggingface/trl issues 1296, 2718 and 3093.

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
Give `peft_config=config` to `from_pretrained` of the class with the value head. From TRL 0.12 on
the policy is an AutoModelForCausalLM, `value_model` and `reward_model` are of
`AutoModelForSequenceClassification.from_pretrained(name, num_labels=1)`, and PPOTrainer takes
`peft_config` itself (since 0.13).

## Source
TRL 0.11.4 `trl/trainer/ppo_trainer.py` (`PPOTrainer.__init__`), `trl/models/modeling_base.py`
(`PreTrainedModelWrapper.from_pretrained`). TRL 0.12.2, 0.15.2, 0.24.0 `trl/trainer/ppo_trainer.py`
(`PPOTrainer.__init__`, `PolicyAndValueWrapper`), `trl/trainer/utils.py` (`get_reward`).
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
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC115"
NAME = "value-head-wrapped"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every PPOTrainer of a file that gets a value head in a way it does not take."""
    script = read_calls(document, "PPOTrainer(", "WithValueHead")
    for use in script.by_name.get("PPOTrainer", ()) if script is not None else ():
        if script is None or not use.name.startswith("trl.") or use.fails:
            continue
        if _ARGUMENTS.isdisjoint(use.arguments):
            yield from _check_wrapper(document, script, use)
        else:
            yield from _check_roles(document, script, use)


def _check_wrapper(document: Document, script: Script, use: Use) -> Iterator[Hit]:
    """One hit for a PPOTrainer that is given a value head with PEFT's wrapper around it."""
    maker = find_source_call(script, use.arguments.get("model", use.arguments.get(1)))
    if maker is None or maker.last != "get_peft_model" or not makes_adapter(maker):
        return
    load = find_source_call(script, get_model_argument(maker))
    if load is not None and _ENDING in load.name:
        yield Hit(
            "PPOTrainer takes a model with a value head, and PEFT's wrapper around one is none: "
            "ValueError",
            get_call_span(document, use),
            help="leave get_peft_model out, and give peft_config=config to "
            f"{load.name.split('.')[-2]}.from_pretrained",
            spans=((get_call_span(document, maker), "wrapped here"),),
        )


def _check_roles(document: Document, script: Script, use: Use) -> Iterator[Hit]:
    """One hit for every model with a value head that is given to a PPOTrainer of TRL since 0.12."""
    for role, auto in _ROLES.items():
        load = find_source_call(script, use.arguments.get(role))
        if load is not None and _ENDING in load.name:
            yield Hit(
                f"PPOTrainer of TRL since 0.12 takes no model with a value head as `{role}`: "
                "AttributeError",
                get_call_span(document, use),
                help=f"load it by {auto}",
                spans=((get_call_span(document, load), "the value head is put on here"),),
            )
            return


_ENDING = "WithValueHead.from_pretrained"

_ARGUMENTS = frozenset(
    {"args", "processing_class", "train_dataset", "reward_model", "value_model", "policy"}
)
"""Arguments that only the PPOTrainer of TRL since 0.12 takes."""

_HEAD = "AutoModelForSequenceClassification.from_pretrained(name, num_labels=1)"
_POLICY = "AutoModelForCausalLM.from_pretrained, and give PPOTrainer peft_config"
_ROLES = {"model": _POLICY, "policy": _POLICY, "value_model": _HEAD, "reward_model": _HEAD}
"""The models of that trainer, with what loads them."""
