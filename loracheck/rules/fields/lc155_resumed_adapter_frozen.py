"""A trained adapter is loaded for inference and then trained.

## What
`PeftModel.from_pretrained(model, path)` (or an `AutoPeftModel...`) without `is_trainable=True`, or
an adapter's folder that a model class of transformers, or a SentenceTransformer, is given as the
model; and a trainer that is given the result without a config of its own and trains it. A warning
where that is so in one branch, and the other one puts a new adapter on.

## Why
Loaded so, every parameter of the adapter is frozen. The first step ends with "element 0 of tensors
does not require grad and does not have a grad_fn". Seen in https://github.com/huggingface/peft/issues/282,
with a SentenceTransformer in huggingface/sentence-transformers issue 3434, in a branch in
ymcui/Chinese-LLaMA-Alpaca-2 pull request 578.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out/adapter")
trainer = Trainer(model=model, train_dataset=None)
trainer.train()
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out/adapter", is_trainable=True)
trainer = Trainer(model=model, train_dataset=None)
trainer.train()
```

## Fix
Write `is_trainable=True`.

## Source
PEFT 0.21.2 `peft_model.py` (`PeftModel.from_pretrained`: `config.inference_mode = not
is_trainable`); transformers 5.24.0 `modeling_utils.py` (from_pretrained calls `load_adapter`, whose
`is_trainable` is False); sentence-transformers 6.2.0. Executed.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import HANDS_BACK, KEEPS_OWNER
from loracheck.rules.support.branch_tests import chooses_by
from loracheck.rules.support.local_folders import read_local_adapter
from loracheck.rules.support.script_calls import (
    MAX_CHAIN,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_model_load,
    is_trainer,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC155"
NAME = "resumed-adapter-frozen"
SEVERITY = "error"

_ENCODERS = frozenset(
    f"sentence_transformers.{name}"
    for name in ("SentenceTransformer", "CrossEncoder", "SparseEncoder")
)

_FOLDER_HELP = {
    "from_pretrained": "load the base model, and put the adapter on it with "
    "PeftModel.from_pretrained(base, folder, is_trainable=True)",
    **dict.fromkeys(
        (name.partition(".")[2] for name in _ENCODERS),
        "let the adapter's parameters require gradients before the trainer is made: "
        "parameter.requires_grad_(True) for the names with lora_",
    ),
}
"""What to do, by the last part of the call that loads the folder."""

_LOADERS = ("PeftModel", "from_pretrained", "sentence_transformers")
"""One of these stands in a file that loads a model."""

_NOT_TRAINED = r"eval|(?<!la)test|infer|predict|merg|(?<!pre)train|generat|mode\b|stage|phase"
"""Words of a test that may ask whether the model is trained."""

_OPTIMIZERS = ("torch.optim.", "bitsandbytes.optim.", "transformers.Adafactor")
"""How the names of optimizers' classes begin."""

_THAWS = ("requires_grad", "set_adapter", "add_adapter", "load_adapter", "unfreeze", "eval_only")
"""Words of a file that may make the adapter trainable in another way."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such load; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter of a file that is loaded frozen and then trained."""
    yield from _check_loops(document)
    script = read_calls(document, "Trainer", ".train(")
    if script is None or not any(word in document.source for word in _LOADERS):
        return
    if any(word in document.source for word in _THAWS):
        return
    for number, use in enumerate(script.uses):
        model = get_model_argument(use) if is_trainer(use) else None
        if model is None or not _trains(script, number):
            continue
        if model.choice_call_numbers:
            yield from _check_branches(document, script, use, model)
        if model.call_number < 0:
            continue
        load = _find_adapter_load(script, model)
        if load is None or not _has_no_config(use):
            continue
        if _loads_folder(document, load):
            yield Hit(
                "the model is an adapter's folder, which is loaded frozen: this trainer has "
                "nothing to train",
                get_call_span(document, use),
                help=_FOLDER_HELP.get(load.last, _FOLDER_HELP["from_pretrained"]),
                spans=((get_call_span(document, load), "loaded here"),),
            )
        elif _loads_frozen(load):
            yield Hit(
                f"`{load.last}` without is_trainable=True loads the adapter frozen: this "
                f"trainer has "
                "nothing to train",
                get_call_span(document, use),
                help="load it with is_trainable=True",
                spans=((get_call_span(document, load), "loaded here"),),
            )


def _check_loops(document: Document) -> Iterator[Hit]:
    """One hit for every optimizer of a loop of the file's own that gets a frozen adapter."""
    script = read_calls(document, "PeftModel", ".backward(", ".parameters()")
    if script is None or any(word in document.source for word in _THAWS):
        return
    for use in script.uses:
        given = find_source_call(script, use.arguments.get(0, use.arguments.get("params")))
        if given is None or given.last != "parameters" or not use.name.startswith(_OPTIMIZERS):
            continue
        load = _find_adapter_load(script, given.owner)
        if load is not None and _loads_frozen(load) and not use.fails:
            yield Hit(
                f"`{load.last}` without is_trainable=True loads the adapter frozen: this "
                "optimizer has nothing to train",
                get_call_span(document, use),
                help="load it with is_trainable=True",
                spans=((get_call_span(document, load), "loaded here"),),
            )


def _check_branches(
    document: Document, script: Script, trainer: Use, model: Operand
) -> Iterator[Hit]:
    """A hit for a trainer whose model has a new adapter by one branch, a frozen one by another."""
    makers = [script.uses[number] for number in model.choice_call_numbers if number >= 0]
    loads = [use for use in makers if _loads_frozen(use) and not use.fails]
    new = [use for use in makers if use.last == "get_peft_model" and makes_adapter(use)]
    if len(loads) != 1 or not new or not _has_no_config(trainer):
        return
    if not chooses_by(document, loads[0], new[0], _NOT_TRAINED):
        yield Hit(
            f"`{loads[0].last}` without is_trainable=True loads the adapter frozen: by this branch "
            "the trainer has nothing to train",
            get_call_span(document, loads[0]),
            help="load it with is_trainable=True",
            severity="warning",
            spans=((get_call_span(document, trainer), "the trainer gets it here"),),
        )


def _find_adapter_load(script: Script, model: Operand | None) -> Use | None:
    """The call that loaded the model, through those that hand it on as it is."""
    for _ in range(MAX_CHAIN):
        use = find_source_call(script, model)
        if use is None or use.last == "from_pretrained" or use.name in _ENCODERS:
            return use
        if use.last in KEEPS_OWNER:
            model = use.owner
        else:
            model = get_model_argument(use) if use.last in HANDS_BACK else None
    return None


def _loads_frozen(load: Use) -> bool:
    """Whether a call loads a trained adapter, for certain without is_trainable."""
    owner = load.name.split(".")[-2:-1]
    peft = bool(owner) and owner[0].startswith(("PeftModel", "AutoPeftModel"))
    position = 2 if owner and owner[0].startswith("Auto") else 3
    trainable = load.arguments.get("is_trainable", load.arguments.get(position))
    frozen = trainable is None or trainable.value is False
    return load.last == "from_pretrained" and peft and load.complete and frozen


def _loads_folder(document: Document, load: Use) -> bool:
    """Whether a call that loads a whole model is given the folder of an adapter."""
    if not (is_model_load(load) or load.name in _ENCODERS) or not load.complete:
        return False
    keys = (0, "pretrained_model_name_or_path", "model_name_or_path")
    given = next((load.arguments[key] for key in keys if key in load.arguments), None)
    return given is not None and read_local_adapter(document, given.value) is not None


def _has_no_config(trainer: Use) -> bool:
    config = trainer.arguments.get("peft_config")
    return trainer.complete and config is None


def _trains(script: Script, number: int) -> bool:
    """Whether `train` is called on what the call number `number` makes."""
    return any(one.last == "train" for one in script.methods.get(number, ()))
