"""A trainer that is given a model with its adapter and a LoRA config as well.

## What
`get_peft_model(model, config)` (or `PeftModel.from_pretrained`), and then the result together with
`peft_config=` to one of TRL's trainers; or the model that `get_peft_model` was given, which has
LoRA's layers in it since then.

## Why
Since TRL 0.27 the trainer stops with ValueError, after the model was loaded. Before that it merged
the first adapter into the base model and trained a second one, which cannot be loaded on the base
that its adapter_config.json names, where the first had been trained. Seen in
huggingface/trl pull request 4713.

The model that was wrapped is none that TRL refuses: PEFT warns ("You are trying to modify a model
with PEFT for a second time") and makes the adapter anew, which costs nothing where the config is
the same one, and leaves layers of the first one in otherwise. Seen in huggingface/cookbook pull
request 338.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from trl import SFTConfig, SFTTrainer
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B"), config)
trainer = SFTTrainer(model=model, args=SFTConfig("out"), train_dataset=None, peft_config=config)
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTConfig, SFTTrainer
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
trainer = SFTTrainer(model=model, args=SFTConfig("out"), train_dataset=None, peft_config=config)
```

## Fix
Give the trainer one of the two: the plain model with `peft_config`, or the model with its adapter.

## Source
TRL 1.16.0 `trl/trainer/sft_trainer.py` (line 817), `dpo_trainer.py`, `grpo_trainer.py`,
`kto_trainer.py`, `rloo_trainer.py`, `reward_trainer.py`; TRL 0.26.2 merges. Arguments that these
trainers had before 0.16 alone: TRL 0.12 `trl/trainer/sft_trainer.py`, `dpo_trainer.py`.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.releases.pin_checks import is_pinned_below
from loracheck.rules.support.script_calls import (
    get_call_span,
    get_model_argument,
    is_same_model,
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

CODE = "LC159"
NAME = "config-beside-adapter"
SEVERITY = "error"

_TRAINERS = frozenset(
    f"trl.{name}Trainer" for name in ("SFT", "DPO", "GRPO", "KTO", "RLOO", "Reward")
)
_REFUSES_SINCE = "0.27.0"

_GONE = frozenset(
    {
        *("tokenizer", "max_seq_length", "dataset_text_field", "packing", "eval_packing"),
        *("dataset_num_proc", "dataset_batch_size", "dataset_kwargs", "neftune_noise_alpha"),
        *("num_of_sequences", "chars_per_token", "model_init_kwargs", "beta", "loss_type"),
        *("max_length", "max_prompt_length", "max_target_length", "truncation_mode"),
    }
)
"""Arguments of the trainers that TRL took out before 0.27: who gives one has an older TRL, or gets
a TypeError first.
"""

_OLD_IN_TEXT = compile_when_used(r"\btrl\s*(?:==|<=?|~=)\s*0\.(?:1?\d|2[0-6])(?!\d)")
"""What a notebook installs itself."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every trainer of a file that gets an adapter and a config."""
    script = read_calls(document, "eft", "Trainer(", "peft_config")
    for use in script.uses if script is not None else ():
        maker = _find_adapter(script, use) if script is not None else None
        if script is not None and maker is None and not use.fails:
            yield from _check_changed_model(document, script, use)
        if maker is None or use.fails or _GONE & use.arguments.keys():
            continue
        old = is_pinned_below("trl", document, _REFUSES_SINCE)
        if old or _OLD_IN_TEXT.search(document.source):
            return  # it merges the first adapter, which may be what is wanted
        yield Hit(
            f"`{use.last}` refuses a model that has its adapter beside `peft_config`: ValueError",
            get_call_span(document, use),
            help="take peft_config out, or give it the model as it was loaded",
            notes=("TRL refuses the two together since 0.27; older releases merge the adapter",),
            spans=((get_call_span(document, maker), "the adapter is put on here"),),
        )


def _check_changed_model(document: Document, script: Script, trainer: Use) -> Iterator[Hit]:
    """A hit for a trainer that has a config and the model that `get_peft_model` has changed."""
    model, config = get_model_argument(trainer), trainer.arguments.get("peft_config")
    if trainer.name not in _TRAINERS or config is None or unwraps_somewhere(document):
        return
    for use in script.by_name.get("get_peft_model", ()):
        first = use.arguments.get("peft_config", use.arguments.get(1))
        later = use.number < trainer.number and use.scope == trainer.scope
        if use.fails or not later or not makes_adapter(use) or first is None:
            continue
        if not is_same_model(get_model_argument(use), model) or config.call_number < 0:
            continue
        same = config.call_number == first.call_number
        yield Hit(
            "`get_peft_model` has changed the model itself: `peft_config` puts the adapter on a "
            "second time" + ("" if same else ", by another config: layers of the first one stay"),
            get_call_span(document, trainer),
            help="take get_peft_model out, or give the trainer its result without peft_config",
            severity="note" if same else "warning",
            spans=((get_call_span(document, use), "the adapter is put on here"),),
        )
        return


def _find_adapter(script: Script, use: Use) -> Use | None:
    """The call that put an adapter on the model of a trainer which has a config too, for sure."""
    model, config = get_model_argument(use), use.arguments.get("peft_config")
    if use.name not in _TRAINERS or model is None or model.call_number < 0:
        return None
    number = max(config.call_number, config.optional_call_number) if config is not None else -1
    if number < 0 or not script.uses[number].last.endswith("Config"):
        return None
    maker = script.uses[model.call_number]
    return maker if makes_adapter(maker) or _loads_with_base(maker) else None


def _loads_with_base(maker: Use) -> bool:
    """Whether a call loads an adapter and its base model: from_pretrained of AutoPeftModel."""
    return maker.last == "from_pretrained" and maker.name.startswith("peft.AutoPeftModel")
