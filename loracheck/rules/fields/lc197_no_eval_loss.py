"""A Trainer of transformers before 4.54 that evaluates a PEFT model without finding a loss.

## What
transformers up to 4.53: a Trainer that evaluates (`eval_strategy`, `load_best_model_at_end=True`) a
model from `get_peft_model`, or TRL's SFTTrainer with `peft_config`, whose config has no `task_type`
(or FEATURE_EXTRACTION), and no `label_names` in the arguments.

## Why
The Trainer reads the names of the labels from the model's `forward`. That of a PeftModel without a
task takes `*args, **kwargs`: no labels are found, an evaluation has neither a loss nor metrics, and
with `load_best_model_at_end` the first checkpoint ends with KeyError, "`eval_loss` ... not found in
the evaluation metrics". From 4.54 on the Trainer looks at the base model. Seen in
huggingface/transformers issue 33420, huggingface/transformers issue 38130 and huggingface/trl issue
3694.

## Bad
With `--transformers 4.51.3`:
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForImageClassification, Trainer, TrainingArguments
model = AutoModelForImageClassification.from_pretrained("google/vit-base-patch16-224-in21k")
config = LoraConfig(r=16, target_modules=["query"], modules_to_save=["classifier"])
model = get_peft_model(model, config)
args = TrainingArguments("out", eval_strategy="steps", load_best_model_at_end=True)
trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=test)
trainer.train()
```

## Good
With `--transformers 4.51.3`:
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForImageClassification, Trainer, TrainingArguments
model = AutoModelForImageClassification.from_pretrained("google/vit-base-patch16-224-in21k")
config = LoraConfig(r=16, target_modules=["query"], modules_to_save=["classifier"])
model = get_peft_model(model, config)
args = TrainingArguments(
    "out", eval_strategy="steps", load_best_model_at_end=True, label_names=["labels"]
)
trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=test)
trainer.train()
```

## Fix
Write `label_names=["labels"]`, or give LoraConfig the `task_type` that the model has.

## Source
transformers 4.53.3 and 4.55.0 `trainer.py` (`find_labels`). Executed with transformers 4.51.3 and
4.57.6, PEFT 0.15.2 and 0.18.1 on a tiny Llama, with each task.
"""

from __future__ import annotations

from loracheck.documents.python.training_calls import makes_training_arguments
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_adapters import find_config_call
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

    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC197"
NAME = "no-eval-loss"
SEVERITY = "error"

_TRAINERS = frozenset({"transformers.Trainer", "transformers.Seq2SeqTrainer", "trl.SFTTrainer"})
_EVALUATES = compile_when_used(r"load_best_model_at_end|eval(?:uation)?_strategy")
_LAST = (4, 53)
"""The last minor release of transformers that looks at the wrapper."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    evaluates = context.first and _EVALUATES.search(context.document.source) is not None
    script = read_calls(context.document, "Trainer(") if evaluates else None
    releases = context.releases if script is not None else None
    if script is None or releases is None or not releases.transformers.certain:
        return
    if not _looks_at_wrapper(releases.transformers.version):
        return
    for use in script.uses:
        arguments = find_source_call(script, use.arguments.get("args", use.arguments.get(1)))
        if use.name not in _TRAINERS or use.fails or arguments is None:
            continue
        best = _get_value(arguments, "load_best_model_at_end") is True
        if (best or _evaluates(use, arguments)) and _reads_labels(arguments, script, use):
            yield Hit(
                f"the Trainer of transformers {releases.transformers.version} finds no labels in a "
                "PeftModel without a task: there is no eval_loss"
                + (", and load_best_model_at_end ends with KeyError" if best else ""),
                get_call_span(context.document, use),
                help='write label_names=["labels"] in the training arguments, or give LoraConfig '
                "the model's task_type",
                notes=(f"transformers is {releases.transformers.reason}",),
                spans=((get_call_span(context.document, arguments), "the arguments"),),
                severity=None if best else "warning",
            )


def _looks_at_wrapper(version: str) -> bool:
    parts = version.split(".")[:2]
    return all(map(str.isdecimal, parts)) and tuple(map(int, parts)) <= _LAST


def _get_value(use: Use, *keys: str) -> object:
    return next((use.arguments[key].value for key in keys if key in use.arguments), None)


def _evaluates(use: Use, arguments: Use) -> bool:
    """Whether a trainer evaluates while it trains, for certain."""
    every = _get_value(arguments, "eval_strategy", "evaluation_strategy")
    return every in ("steps", "epoch") and "eval_dataset" in use.arguments


def _reads_labels(arguments: Use, script: Script, use: Use) -> bool:
    """Whether a trainer looks for labels in a class that knows none, for certain."""
    whole = makes_training_arguments(arguments.name) and arguments.complete
    return whole and "label_names" not in arguments.arguments and _hides_labels(script, use)


def _hides_labels(script: Script, use: Use) -> bool:
    """Whether a trainer's model is a PeftModel whose class knows no labels, for certain."""
    config = find_config_call(script, use, "peft_config") if use.name == "trl.SFTTrainer" else None
    maker = find_source_call(script, get_model_argument(use))
    if maker is not None and maker.last == "get_peft_model" and makes_adapter(maker):
        config = find_config_call(script, maker)
    if config is None:
        return False
    task = config.arguments.get("task_type", config.arguments.get(0))
    return task is None or "FEATURE_EXTRACTION" in (task.value, task.path.rpartition(".")[2])
