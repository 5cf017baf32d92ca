"""A Trainer cannot read the checkpoints of a model that has its adapter from `add_adapter`.

## What
`model.add_adapter(config)` of transformers, the model itself given to a Trainer, and then
`trainer.train(resume_from_checkpoint=...)` or `load_best_model_at_end=True`.

## Why
The checkpoints hold the adapter alone. To read one, the Trainer takes another way for a PeftModel;
for a model of transformers it looks for all weights and ends with ValueError, "Can't find a
checkpoint index", or with FileNotFoundError at the end of the training. Seen in
huggingface/transformers issue 34660 and huggingface/transformers issue 29607.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model.add_adapter(LoraConfig(r=8, target_modules=["q_proj"]))
trainer = Trainer(model=model, args=TrainingArguments(output_dir="out"), train_dataset=data)
trainer.train(resume_from_checkpoint=True)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model=model, args=TrainingArguments(output_dir="out"), train_dataset=data)
trainer.train(resume_from_checkpoint=True)
```

## Fix
Write `model = get_peft_model(model, config)` in the place of `model.add_adapter(config)`.

## Source
transformers 5.24.0 `trainer.py` (`_load_from_checkpoint`, `_load_best_model`). Executed with
transformers 4.51.3, 4.57.6 and 5.24.0 on a tiny Llama.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    map_by_load,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC198"
NAME = "checkpoint-not-read"
SEVERITY = "error"

_TRAINERS = frozenset({"transformers.Trainer", "transformers.Seq2SeqTrainer"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every trainer of a file that is to read a checkpoint that it cannot read."""
    script = read_calls(document, "add_adapter(", "Trainer(", "from_pretrained")
    if script is None or "import adapters" in document.source or "from adapters" in document.source:
        return  # the package `adapters` has an add_adapter of its own
    adapted = map_by_load(script, "add_adapter", find_bare_load)
    resumed = (
        {use.owner.call_number: use for use in script.uses if _resumes(use)} if adapted else {}
    )
    for number, use in enumerate(script.uses):
        load = find_bare_load(script, get_model_argument(use)) if use.name in _TRAINERS else None
        adds = adapted.get(load.place.start) if load is not None else None
        if adds is None or adds.place.start > use.place.start or use.fails:
            continue
        best = _find_best(script, use)
        if best is not None or number in resumed:
            what = "load_best_model_at_end" if best is not None else "resume_from_checkpoint"
            yield Hit(
                f"{what} reads a checkpoint of the whole model, and this one's hold the adapter "
                "alone: ValueError or FileNotFoundError",
                get_call_span(document, best or resumed[number]),
                help="write model = get_peft_model(model, config) in the place of add_adapter",
                spans=((get_call_span(document, adds), "the adapter is put on here"),),
            )


def _resumes(use: Use) -> bool:
    """Whether a call trains on from a checkpoint, for certain."""
    given = use.arguments.get("resume_from_checkpoint", use.arguments.get(0))
    value = given.value if given is not None else None
    return use.last == "train" and (value is True or (isinstance(value, str) and value != ""))


def _find_best(script: Script, use: Use) -> Use | None:
    """The training arguments of a trainer, where they ask for the best checkpoint."""
    arguments = find_source_call(script, use.arguments.get("args", use.arguments.get(1)))
    best = arguments.arguments.get("load_best_model_at_end") if arguments is not None else None
    return arguments if best is not None and best.value is True else None
