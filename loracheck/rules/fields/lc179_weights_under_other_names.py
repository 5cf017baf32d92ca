"""Saved weights of an adapter that `load_state_dict` does not find.

## What
- A PEFT model's `load_state_dict` is given the weights of a saved adapter:
  adapter_model.safetensors or adapter_model.bin (read as a whole, or tensor by tensor with
  `safe_open`), or what `get_peft_model_state_dict` gave;
- the `load_state_dict` of a model that transformers loads, without an adapter, is given these, or
  the `state_dict()` of a PEFT model;
- `load_state_dict` is given what `torch.save(model, file)` wrote: a model, and no weights.

## Why
PEFT saves without the adapter's name (`q_proj.lora_A.weight`), the model has it
(`q_proj.lora_A.default.weight`). `load_state_dict` raises RuntimeError for missing keys; with
`strict=False` it goes on and loads nothing: the adapter stays new. A model without an adapter has
none of these names, which begin with `base_model.model.`. A whole model is no mapping: TypeError.
Seen in huggingface/peft issue 2885.

## Bad
```python
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model.load_state_dict(load_file("out/adapter_model.safetensors"), strict=False)
```

## Good
```python
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
set_peft_model_state_dict(model, load_file("out/adapter_model.safetensors"))
```

## Fix
Write `set_peft_model_state_dict(model, weights)`, or load the adapter with
`PeftModel.from_pretrained(base, folder)`.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`get_peft_model_state_dict` takes the name out,
`set_peft_model_state_dict` puts it in); torch 2.13.0 `nn/modules/module.py`. Executed.
"""

from __future__ import annotations

import re

from loracheck.rules.support.saved_objects import find_saved_object
from loracheck.rules.support.script_adapters import find_maker
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC179"
NAME = "weights-under-other-names"
SEVERITY = "error"

_FILES = ("adapter_model.safetensors", "adapter_model.bin")
_WORDS = ("eft", "adapter_model.")
"""Words of a file that has to do with adapters."""

_READERS = frozenset({"safetensors.torch.load_file", "torch.load"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every `load_state_dict` of a file that finds none of its weights."""
    script = read_calls(document, "load_state_dict(")
    if script is None or not any(word in document.source for word in _WORDS):
        return
    for use in script.by_name.get("load_state_dict", ()):
        adapted = find_maker(script, use.owner) is not None
        if use.fails or not (adapted or find_bare_load(script, use.owner)):
            continue
        given = use.arguments.get("state_dict", use.arguments.get(0))
        saved_names = _has_saved_names(script, given) or _is_copied(document, script, given)
        if saved_names or (not adapted and _has_wrapper_names(script, given)):
            yield _build_hit(document, use, adapted)
        elif _is_whole_model(script, given):
            yield Hit(
                "torch.save wrote the whole model into this file, and load_state_dict takes a "
                "mapping of weights: TypeError",
                get_call_span(document, use),
                help="write model.save_pretrained(folder), and read it with "
                "PeftModel.from_pretrained(base, folder)",
            )


def _build_hit(document: Document, use: Use, adapted: bool) -> Hit:
    """The hit for weights whose names the model does not have."""
    strict = use.arguments.get("strict", use.arguments.get(1))
    loose = strict is not None and strict.value is False
    effect = "it loads nothing" if loose else "RuntimeError, the keys are missing"
    if adapted:
        return Hit(
            "PEFT saves weights without the adapter's name, and the model's own names have it: "
            f"{effect}",
            get_call_span(document, use),
            help="write set_peft_model_state_dict(model, weights) of peft",
        )
    return Hit(
        "these are weights of an adapter (`base_model.model. ...`), and this model has none: "
        f"{effect}",
        get_call_span(document, use),
        help="write model = PeftModel.from_pretrained(model, folder) of peft",
    )


def _has_wrapper_names(script: Script, given: Operand | None) -> bool:
    """Whether weights are the `state_dict()` of a PEFT model, at once or by way of a file."""
    saved = find_saved_object(script, given)
    source = find_source_call(script, saved[1] if saved is not None else given)
    return (
        source is not None
        and source.last == "state_dict"
        and find_maker(script, source.owner) is not None
    )


def _is_whole_model(script: Script, given: Operand | None) -> bool:
    """Whether what is given is a model that `torch.save` wrote as a whole."""
    saved = find_saved_object(script, given)
    model = saved[1] if saved is not None else None
    return model is not None and (
        find_maker(script, model) is not None or find_bare_load(script, model) is not None
    )


def _has_saved_names(script: Script, operand: Operand | None) -> bool:
    """Whether weights have the names under which PEFT saves them, for certain."""
    source = find_source_call(script, operand)
    if source is None or source.fails:
        return False
    if source.name in _READERS:
        file = source.arguments.get(0, source.arguments.get("filename", source.arguments.get("f")))
        return file is not None and isinstance(file.value, str) and file.value.endswith(_FILES)
    return source.name.startswith("peft.") and source.last == "get_peft_model_state_dict"


def _is_copied(document: Document, script: Script, operand: Operand | None) -> bool:
    """Whether weights are a dict into which a loop copies the only file that is read with
    `safe_open`, tensor by tensor and under its names.
    """
    files = script.by_name.get("safe_open", ())
    if operand is None or not operand.name or len(files) != 1:
        return False
    file = files[0].arguments.get(0, files[0].arguments.get("filename"))
    if file is None or not isinstance(file.value, str) or not file.value.endswith(_FILES):
        return False
    name = re.escape(operand.name)
    copies = re.findall(rf"\b{name}\[(\w+)\]\s*=\s*\w+\.get_tensor\((\w+)\)", document.text)
    entries = re.findall(rf"\b{name}\[[^\]\n]*\]\s*=[^=]", document.text)
    return len(copies) == 1 == len(entries) and copies[0][0] == copies[0][1]
