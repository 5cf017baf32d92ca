"""An argument that no release of a trainer, or of its config, takes.

## What
`TrainingArguments` and `Trainer` of transformers, or `SFTConfig`, `DPOConfig`, `GRPOConfig`,
`RLOOConfig` and `RewardConfig` of TRL, are given a keyword that none of the releases knows which
loracheck has read. A class of the file's own is left alone, and so are files with Unsloth, which
changes these classes.

## Why
The call ends with TypeError, "got an unexpected keyword argument". A warning where no argument has
a like name: a release that is newer than those that were read may have it.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
args = TrainingArguments("out", per_device_train_batchsize=2)
Trainer(model, args, train_dataset=data).train()
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
args = TrainingArguments("out", per_device_train_batch_size=2)
Trainer(model, args, train_dataset=data).train()
```

## Fix
Write the argument as the class has it, or give it to the call that takes it.

## Source
transformers from 4.20 to 5.24 and TRL from 0.4 to 1.16, read release by release (`python -m
bench.files.trainer_parameters`).
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC129"
NAME = "trainer-argument-unknown"
SEVERITY = "error"

_PATCHED = ("FastLanguageModel", "FastVisionModel", "FastModel", "swift")
"""Words of a file whose trainers are not the libraries' own any more."""

_CLASSES = (
    *("TrainingArguments(", "Trainer(", "SFTConfig(", "DPOConfig(", "GRPOConfig("),
    *("RLOOConfig(", "RewardConfig("),
)
"""How a file calls the classes of which all parameters are known."""

_SIMILAR = 0.8
"""From which likeness on a name is taken for a slip (difflib)."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such argument; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every argument of a file that no release takes."""
    if not any(word in document.source for word in _CLASSES):
        return
    script = read_calls(document, "eft")
    if script is None or any(word in document.source for word in _PATCHED):
        return
    from loracheck.tools.unsloth_calls import PACKAGE

    if PACKAGE in document.source:
        return
    for use in script.uses:
        if not use.fails and use.name.startswith(
            ("transformers.Train", "transformers.Seq2", "trl.")
        ):
            yield from _check_call(document, use)


def _check_call(document: Document, use: Use) -> Iterator[Hit]:
    from loracheck.config.field_table import get_lora_fields
    from loracheck.rules.support.trainer_parameters import load_parameters

    known = load_parameters().get(use.last)
    if known is None:
        return
    named = [key for key in use.arguments if isinstance(key, str)]
    elsewhere = {"peft_config", "lora_r", "lora_target_modules", *get_lora_fields()}
    for name in (key for key in named if key not in known and key not in elsewhere):
        from difflib import get_close_matches

        near = get_close_matches(name, known, 1, _SIMILAR)
        yield Hit(
            f"`{use.last}` takes no `{name}` in any release: TypeError",
            get_call_span(document, use),
            help=f"write {near[0]}" if near else f"take {name} out",
            severity=None if near else "warning",
        )
