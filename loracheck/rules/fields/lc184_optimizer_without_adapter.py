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

from itertools import pairwise

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
    if not context.first or any(word in document.source for word in _GIVES_MORE):
        return
    script = read_calls(document, ".step(", ".parameters()")
    if script is not None:
        yield from _check_script(document, script)
    script = read_calls(document, ".train()", "set_adapter(")
    if script is not None:
        yield from _check_trainers(document, script)


def _check_script(document: Document, script: Script) -> Iterator[Hit]:
    optimizers: dict[int, list[Use]] = {}
    for use in script.uses:
        model = _find_optimized_model(script, use)
        if model is not None and len(use.variables or ()) == 1:
            optimizers.setdefault(model, []).append(use)
    for use in script.uses:
        model = _find_changed_model(script, use) if optimizers else None
        for other in optimizers.get(model, ()) if model is not None else ():
            before = other.number < use.number and other.scope == use.scope
            if before and _steps_after(script, other, use):
                yield _build_hit(document, other, use)


def _find_changed_model(script: Script, use: Use) -> int | None:
    """The number of the call that made the model which a call puts an adapter on, to train it; None
    for every other call.
    """
    if use.fails:
        return None
    if use.last == "get_peft_model" and makes_adapter(use):
        load = find_bare_load(script, get_model_argument(use))
        return load.number if load is not None else None
    name = get_text(use, "adapter_name", 0) if use.last == "add_adapter" else None
    maker = find_maker(script, use.owner) if name is not None else None
    chosen = any(
        after.number > use.number
        and get_text(after, "adapter_name", 0) == name
        and find_maker(script, after.owner) == maker
        for after in (script.by_name.get("set_adapter", ()) if maker is not None else ())
    )
    return maker if chosen else None


def _check_trainers(document: Document, script: Script) -> Iterator[Hit]:
    """A hit for the first later run of a trainer whose optimiser has another adapter's weights."""
    for trainer in script.uses:
        if trainer.name not in _TRAINERS:
            continue
        runs = [one for one in script.methods.get(trainer.number, ()) if one.last == "train"]
        switches = _list_switches(script, trainer) if len(runs) > 1 else []
        before = [name for number, name in switches if number < runs[0].number]
        for last, run in pairwise(runs):
            now = [name for number, name in switches if last.number < number < run.number]
            named = before and now and None not in (*before, *now)
            if named and before[-1] != now[-1] and not run.fails:
                yield _build_second_run(document, runs[0], run, str(before[-1]), str(now[-1]))
                return


def _build_second_run(document: Document, first: Use, run: Use, old: str, new: str) -> Hit:
    return Hit(
        f"the optimiser of this trainer has the weights of `{old}`: those of `{new}` are not "
        "trained",
        get_call_span(document, run),
        help=f"make a new trainer behind set_adapter({new!r})",
        spans=((get_call_span(document, first), "it is made here"),),
    )


def _list_switches(script: Script, trainer: Use) -> list[tuple[int, str | None]]:
    """The calls that choose the adapter of a trainer's model, by number, with its name, and None
    where that is not a literal.
    """
    model = find_maker(script, get_model_argument(trainer))
    switch_names = {f"<local>.{name}.model.set_adapter" for name in trainer.variables or ()}
    return [
        (use.number, get_text(use, "adapter_name", 0))
        for use in script.by_name.get("set_adapter", ())
        if use.scope == trainer.scope
        and (
            use.name in switch_names
            or (model is not None and find_maker(script, use.owner) == model)
        )
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


def _find_optimized_model(script: Script, use: Use) -> int | None:
    """The number of the call that loads the model, or puts its first adapter on, of whose
    parameters a call makes an optimiser; None for every other call.
    """
    given = find_source_call(script, use.arguments.get("params", use.arguments.get(0)))
    if given is None or given.last != "parameters" or not _OPTIMIZERS.fullmatch(use.name):
        return None
    load = find_bare_load(script, given.owner)
    return load.number if load is not None else find_maker(script, given.owner)


def _steps_after(script: Script, optimizer: Use, adapter: Use) -> bool:
    """Whether `step` of that optimiser is called behind the call that puts the adapter on."""
    return any(
        use.last == "step" and use.number > adapter.number
        for use in script.methods.get(optimizer.number, ())
    )
