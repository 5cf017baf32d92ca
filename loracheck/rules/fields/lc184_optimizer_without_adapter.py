"""An optimiser that was made before the adapter, and does not have it.

## What
- `AdamW(model.parameters())` before `get_peft_model(model, ...)`, where that optimiser takes the
  steps of the training, or before the `add_adapter` of a second adapter that is trained then;
- a second `train()` of one trainer behind `set_adapter` of another adapter.

## Why
`get_peft_model` freezes the weights that the optimiser has been given, and adds LoRA's as new ones,
which it does not know. Every step runs and changes nothing: the loss stays where it was. A trainer
makes its optimiser in the first `train()`, of the adapter that is active then, and keeps it: the
second run trains neither adapter. Seen in huggingface/peft issue 1303.

## Bad
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
for batch in ():
    model(**batch).loss.backward()
    optimizer.step()
```

## Good
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
for batch in ():
    model(**batch).loss.backward()
    optimizer.step()
```

## Fix
Make the optimiser behind the call that puts the adapter on, and a new trainer for each adapter.

## Source
torch 2.13.0 `optim/optimizer.py` (the parameters are those of the call), PEFT 0.21.2
`tuners/tuners_utils.py` (`_mark_only_adapters_as_trainable`), transformers 5.24.0
`trainer.py` (`create_optimizer`). Executed, also with a second adapter and with a trainer that runs
twice: no weight changes.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_adapters import find_maker, get_text
from loracheck.rules.support.script_calls import (
    find_bare_load,
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

CODE = "LC184"
NAME = "optimizer-without-adapter"
SEVERITY = "error"

_OPTIMIZERS = compile_when_used(
    r"(?:torch\.optim|transformers|bitsandbytes\.optim)\.\w+|\w*Adam\w*"
)


_GIVES_MORE = ("add_param_group", "create_optimizer", ".optimizer")
"""Words of a file that may give the optimiser what it lacks, or make another."""

_TRAINERS = frozenset({"transformers.Trainer", "transformers.Seq2SeqTrainer", "trl.SFTTrainer"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such optimiser; the first setting of the file speaks."""
    document = context.document
    if not context.first or any(word in document.text for word in _GIVES_MORE):
        return
    script = read_calls(document, ".step(", ".parameters()")
    if script is not None:
        yield from _check_script(document, script)
    script = read_calls(document, ".train()", "set_adapter(")
    if script is not None:
        yield from _check_trainers(document, script)


def _check_script(document: Document, script: Script) -> Iterator[Hit]:
    for number, use in enumerate(script.uses):
        model = _find_changed_model(script, number)
        for other in script.uses[:number] if model is not None else ():
            made = other.scope == use.scope and _optimizes(script, other, model)
            if made and len(other.bound or ()) == 1 and _steps_after(script, other, number):
                yield _build_hit(document, other, use)


def _find_changed_model(script: Script, number: int) -> int | None:
    """The number of the call that made the model which the call `number` puts an adapter on, to
    train it; None for every other call.
    """
    use = script.uses[number]
    if use.fails:
        return None
    if use.last == "get_peft_model" and makes_adapter(use):
        load = find_bare_load(script, get_model_argument(use))
        return script.uses.index(load) if load is not None else None
    name = get_text(use, "adapter_name", 0) if use.last == "add_adapter" else None
    maker = find_maker(script, use.owner) if name is not None else None
    chosen = any(
        after.last == "set_adapter"
        and get_text(after, "adapter_name", 0) == name
        and find_maker(script, after.owner) == maker
        for after in script.uses[number + 1 :]
    )
    return maker if chosen else None


def _check_trainers(document: Document, script: Script) -> Iterator[Hit]:
    """A hit for the second run of a trainer whose optimiser has the weights of another adapter."""
    for number, use in enumerate(script.uses):
        trainer = find_source_call(script, use.owner)
        if use.last != "train" or use.fails or trainer is None or trainer.name not in _TRAINERS:
            continue
        runs = [
            place
            for place, one in enumerate(script.uses[:number])
            if one.last == "train" and one.owner.made_by == use.owner.made_by
        ]
        switches = _list_switches(script, trainer, number)
        before = [name for place, name in switches if runs and place < runs[0]]
        now = [name for place, name in switches if runs and place > runs[-1]]
        if before and now and None not in (*before, *now) and before[-1] != now[-1]:
            yield Hit(
                f"the optimiser of this trainer has the weights of `{before[-1]}`: those of "
                f"`{now[-1]}` are not trained",
                get_call_span(document, use),
                help=f"make a new trainer behind set_adapter({now[-1]!r})",
                spans=((get_call_span(document, script.uses[runs[0]]), "it is made here"),),
            )
            return


def _list_switches(script: Script, trainer: Use, end: int) -> list[tuple[int, str | None]]:
    """The calls before `end` that choose the adapter of a trainer's model, with its name, and None
    where that is not a literal.
    """
    model = find_maker(script, get_model_argument(trainer))
    own = {f"<local>.{name}.model.set_adapter" for name in trainer.bound or ()}
    return [
        (place, get_text(use, "adapter_name", 0))
        for place, use in enumerate(script.uses[:end])
        if use.last == "set_adapter"
        and use.scope == trainer.scope
        and (use.name in own or (model is not None and find_maker(script, use.owner) == model))
    ]


def _build_hit(document: Document, optimizer: Use, adapter: Use) -> Hit:
    second = adapter.last == "add_adapter"
    what = (
        "the second adapter is put on: it has none of its weights, and that adapter is not trained"
        if second
        else "the adapter is put on: it has the frozen weights and none of LoRA's, and nothing is "
        "trained"
    )
    return Hit(
        f"the optimiser is made before {what}",
        get_call_span(document, optimizer),
        help=f"make the optimiser behind {adapter.last}",
        spans=((get_call_span(document, adapter), "the adapter is put on here"),),
    )


def _optimizes(script: Script, use: Use, model: int | None) -> bool:
    """Whether a call makes an optimiser of the parameters of the model that the call `model` loads,
    or puts its first adapter on.
    """
    given = find_source_call(script, use.given.get("params", use.given.get(0)))
    if given is None or given.last != "parameters" or not _OPTIMIZERS.fullmatch(use.name):
        return False
    load = find_bare_load(script, given.owner)
    if load is not None:
        return script.uses.index(load) == model
    return model is not None and find_maker(script, given.owner) == model


def _steps_after(script: Script, optimizer: Use, number: int) -> bool:
    """Whether `step` of that optimiser is called behind the call `number`."""
    made = script.uses.index(optimizer)
    return any(
        use.last == "step" and use.owner.made_by == made for use in script.uses[number + 1 :]
    )
