"""The config of a trained adapter makes a new one: its weights are left where they are.

## What
`get_peft_model(model, LoraConfig.from_pretrained(folder))` (or `PeftConfig.from_pretrained`, or
`model.add_adapter`) in a file that nowhere loads the weights of that folder.

## Why
The config says which modules get LoRA and of which rank; what was learnt stands in
adapter_model.safetensors, which `get_peft_model` does not look at. The adapter starts at zero: the
model answers as the base model does. PEFT saves its configs with `inference_mode: true`, so the new
adapter is frozen as well, and a trainer has nothing to train ("trainable params: 0"). An argument
`is_trainable=True` of the config's `from_pretrained` changes nothing. Seen in tloen/alpaca-lora
issue 352, huggingface/peft issue 1802 and huggingface/peft issue 2535.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig.from_pretrained("out/checkpoint-500")
model = get_peft_model(model, config)
trainer = Trainer(model, TrainingArguments("out"), train_dataset=None)
trainer.train()
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "out/checkpoint-500", is_trainable=True)
trainer = Trainer(model, TrainingArguments("out"), train_dataset=None)
trainer.train()
```

## Fix
Write `PeftModel.from_pretrained(model, folder)`, with `is_trainable=True` to go on training. For a
new adapter with the same settings write `config.inference_mode = False` before `get_peft_model`.

## Source
PEFT 0.21.2 `mapping_func.py` (`get_peft_model`), `peft_model.py` (`save_pretrained`:
`inference_mode = True`; `add_adapter`), `config.py` (`from_pretrained`). Executed on a tiny Llama.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
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
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC182"
NAME = "config-without-its-weights"
SEVERITY = "error"

_LOADS = compile_when_used(
    r"set_peft_model_state_dict|load_state_dict|load_checkpoint|load_model"
    r"|resume_from_checkpoint|inference_mode|Peft\w*Model\w*\.from_pretrained|copy_\(|safe_open"
    r"|requires_grad"
)
"""Words of a file that may load the weights, or make the new adapter trainable."""

_CONFIG = compile_when_used(r"(?:peft\.)(?:PeftConfig|LoraConfig|AutoPeftConfig)\.from_pretrained")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every new adapter of a file whose config is that of a trained one."""
    script = read_calls(document, "Config.from_pretrained", "peft")
    if script is None or _LOADS.search(document.source):
        return
    in_trainers = _list_in_trainers(script)
    loaded = [_get_folder(use) for use in script.by_name.get("load_adapter", ())]
    for use in (*script.by_name.get("get_peft_model", ()), *script.by_name.get("add_adapter", ())):
        config = None if use.fails else _find_config(script, use)
        if config is None or not all(_differs(_get_folder(config), one) for one in loaded):
            continue
        trained = use.number in in_trainers
        folder = _get_folder(config)
        told = folder is not None and isinstance(folder.value, str)
        # A config may lie alone in a folder whose name is not known, for adapters to be made of.
        milder: Severity | None = None if trained else "warning" if told else "note"
        yield Hit(
            "the config is that of a trained adapter, and its weights are not loaded: the adapter "
            + (
                "is new and frozen, and nothing is trained"
                if trained
                else "is new, and does nothing"
            ),
            get_call_span(document, use),
            help=_name_mend(use, trained),
            spans=((get_call_span(document, config), "the config is read here"),),
            severity=milder,
        )


def _list_in_trainers(script: Script) -> frozenset[int]:
    """The numbers of the calls whose results trainers are given."""
    trainers = (use for use in script.uses if is_trainer(use))
    return frozenset(one.call_number for use in trainers for one in use.arguments.values())


def _name_mend(use: Use, trained: bool) -> str:
    """What to write in the place of a call that puts a new adapter on."""
    if use.last == "add_adapter":
        return "write load_adapter(folder, adapter_name=...)"
    return "write PeftModel.from_pretrained(model, folder" + (
        ", is_trainable=True)" if trained else ")"
    )


def _find_config(script: Script, use: Use) -> Use | None:
    """The call that reads the config of a trained adapter, from which a call makes a new one."""
    given: Operand | None = None
    if use.last == "get_peft_model" and makes_adapter(use):
        given = use.arguments.get("peft_config", use.arguments.get(1))
    elif use.last == "add_adapter":
        keys = ("peft_config", "adapter_config", 0, 1)
        given = next((use.arguments[key] for key in keys if key in use.arguments), None)
    config = find_source_call(script, given)
    return config if config is not None and _CONFIG.fullmatch(config.name) else None


def _get_folder(use: Use) -> Operand | None:
    return use.arguments.get(0, use.arguments.get("model_id", use.arguments.get(_FOLDER)))


def _differs(one: Operand | None, other: Operand | None) -> bool:
    """Whether two folders are two for certain: both are written out, and not the same."""
    if one is None or other is None:
        return False
    both = isinstance(one.value, str) and isinstance(other.value, str)
    return both and one.value != other.value


_FOLDER = "pretrained_model_name_or_path"
