"""An `AutoPeftModel...` that does not load the adapter that it is given.

## What
`AutoPeftModelForCausalLM.from_pretrained(folder)` and its like, for an adapter

- whose `task_type` is another one; plain `AutoPeftModel` takes none at all;
- with neither `task_type` nor `auto_mapping`: `add_adapter` of a transformers model saves it so;
- whose base model has no class among those of the auto class, such as a model of pictures and text.

The adapter is that of a folder beside the file, or one that the file itself trains and saves.

## Why
These classes load the base model as well, and choose its class by what adapter_config.json says.
They stop with ValueError: "Expected target PEFT class: ...", "Cannot infer the auto class from the
config", "Unrecognized configuration class". Seen in huggingface/peft issue 1744.

## Bad
```python
from peft import AutoPeftModelForCausalLM, LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="SEQ_CLS")
model = get_peft_model(model, config)
model.save_pretrained("out")
model = AutoPeftModelForCausalLM.from_pretrained("out")
```

## Good
```python
from peft import AutoPeftModelForSequenceClassification, LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification
model = AutoModelForSequenceClassification.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="SEQ_CLS")
model = get_peft_model(model, config)
model.save_pretrained("out")
model = AutoPeftModelForSequenceClassification.from_pretrained("out")
```

## Fix
Take the class of the adapter's `task_type`; or load the base model with its own class, and give it
to `PeftModel.from_pretrained(base, folder)`.

## Source
PEFT 0.13.2, 0.15.2 and 0.21.2 `auto.py` (`_BaseAutoPeftModel.from_pretrained`), executed;
transformers 5.24.0 `modeling_utils.py` (`save_pretrained` of a model with adapters).
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.rules.support.auto_class_models import list_other_classes
from loracheck.rules.support.local_folders import read_local_adapter
from loracheck.rules.support.script_adapters import find_config_call, get_text
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    get_model_argument,
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

CODE = "LC126"
NAME = "auto-peft-class-refuses"
SEVERITY = "error"

_OWNER = "peft.AutoPeftModel"

_TASKS = {
    "CAUSAL_LM": "ForCausalLM",
    "SEQ_2_SEQ_LM": "ForSeq2SeqLM",
    "SEQ_CLS": "ForSequenceClassification",
    "TOKEN_CLS": "ForTokenClassification",
    "QUESTION_ANS": "ForQuestionAnswering",
    "FEATURE_EXTRACTION": "ForFeatureExtraction",
}
"""Task to the end of the class that loads an adapter of it."""


class _Saved(NamedTuple):
    """What decides of a saved adapter."""

    task: str | None
    maps_class: bool
    """Whether `auto_mapping` says the class of the base model."""

    base: str | None
    """The id of the base model; None where it is not known."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from _check(context.document, context.on_disk)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call of a file that loads an adapter by a class that refuses it."""
    yield from _check(document, on_disk=True)


def _check(document: Document, on_disk: bool) -> Iterator[Hit]:
    script = read_calls(document, "AutoPeftModel", ".from_pretrained(")
    if script is None:
        return
    trained = dict(filter(None, (_find_trained(script, use) for use in script.uses)))
    for use in script.by_name.get("from_pretrained", ()):
        owner = use.name.removesuffix(".from_pretrained")
        folder = get_text(use, 0, "pretrained_model_name_or_path")
        if not owner.startswith(_OWNER) or use.fails or folder is None:
            continue
        if "subfolder" in use.arguments:
            continue
        saved = _read_saved(document, folder) if on_disk else None
        saved = saved or trained.get(_cut(folder))
        refusal = _find_refusal(owner.removeprefix(_OWNER), saved, use) if saved else None
        if refusal is not None:
            yield Hit(refusal[0], get_call_span(document, use), help=refusal[1])


def _find_refusal(cls: str, saved: _Saved, use: Use) -> tuple[str, str] | None:
    """What a class says of an adapter, and what to write; `cls` is the end of its name."""
    own = "load the base model with its own class, then PeftModel.from_pretrained(base, folder)"
    if saved.task is None and not saved.maps_class:
        return (
            "the adapter's config has neither `task_type` nor `auto_mapping`: ValueError, Cannot "
            "infer the auto class from the config",
            own,
        )
    if saved.task is not None and _TASKS.get(saved.task, cls) != cls:
        wanted = f"of task_type {_name_task(cls)}" if cls else "without a task_type"
        return (
            f"AutoPeftModel{cls} is for adapters {wanted}, and this one has {saved.task}: "
            "ValueError",
            f"load it by AutoPeftModel{_TASKS[saved.task]}",
        )
    auto = cls.removeprefix("For")
    if saved.base is None or saved.task is None or "trust_remote_code" in use.arguments:
        return None
    others = list_other_classes(auto, saved.base) if auto in ("CausalLM", "Seq2SeqLM") else []
    if not others:
        return None
    return (
        f"AutoPeftModel{cls} loads the base model by AutoModel{cls}, which has no class for "
        f"`{saved.base}`: ValueError, Unrecognized configuration class",
        f"base = AutoModelFor{others[0]}.from_pretrained(...), then "
        "PeftModel.from_pretrained(base, folder)",
    )


def _name_task(cls: str) -> str:
    return next(task for task, end in _TASKS.items() if end == cls)


def _read_saved(document: Document, folder: str) -> _Saved | None:
    """The adapter in a folder beside the document."""
    config = read_local_adapter(document, folder)
    if config is None:
        return None
    task, mapping, base = (
        config.get(key) for key in ("task_type", "auto_mapping", "base_model_name_or_path")
    )
    if not isinstance(task, (str, type(None))):
        return None
    return _Saved(task, mapping is not None, base if isinstance(base, str) else None)


def _find_trained(script: Script, use: Use) -> tuple[str, _Saved] | None:
    """The folder that a call saves a new adapter into, and what that adapter says."""
    model: Operand | None = use.owner
    if use.last == "save_model":
        trainer = find_source_call(script, use.owner)
        if trainer is None or not is_trainer(trainer) or "peft_config" in trainer.arguments:
            return None
        model = get_model_argument(trainer)
    elif use.last != "save_pretrained":
        return None
    folder = get_text(use, 0, "save_directory", "output_dir")
    config, saved_by_peft = _find_config(script, model, use)
    if folder is None or config is None:
        return None
    argument = config.arguments.get("task_type", config.arguments.get(0))
    task = argument and (argument.value or argument.path.rpartition(".")[2])
    if argument is not None and (not isinstance(task, str) or task not in _TASKS):
        return None
    return _cut(folder), _Saved(task or None, saved_by_peft, None)


def _find_config(script: Script, model: Operand | None, use: Use) -> tuple[Use | None, bool]:
    """The LoraConfig of the only adapter that is put on a model, and whether PEFT saves it."""
    maker = find_source_call(script, model)
    if maker is not None and maker.last == "get_peft_model" and makes_adapter(maker):
        return find_config_call(script, maker), True
    load = find_bare_load(script, model)
    added = script.by_name.get("add_adapter", ()) if load is not None else ()
    mine = [one for one in added if find_bare_load(script, one.owner) is load]
    if len(mine) != 1 or mine[0].number > use.number or mine[0].fails:
        return None, False
    return find_config_call(script, mine[0], "adapter_config", 0), False


def _cut(folder: str) -> str:
    return folder.rstrip("/").removeprefix("./")
