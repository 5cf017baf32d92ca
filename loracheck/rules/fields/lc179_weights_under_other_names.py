"""Saved weights of an adapter that `load_state_dict` does not find.

## What
A PEFT model's `load_state_dict` is given the weights of a saved adapter: adapter_model.safetensors
or adapter_model.bin (read as a whole, or tensor by tensor with `safe_open`), or what
`get_peft_model_state_dict` gave.

## Why
PEFT saves without the adapter's name (`q_proj.lora_A.weight`), the model has it
(`q_proj.lora_A.default.weight`). `load_state_dict` raises RuntimeError for missing keys; with
`strict=False` it goes on and loads nothing: the adapter stays new. Seen in huggingface/peft issue
2885.

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

from loracheck.rules.support.script_adapters import find_maker
from loracheck.rules.support.script_calls import find_source_call, get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script
    from loracheck.rules.context import RuleContext

CODE = "LC179"
NAME = "weights-under-other-names"
SEVERITY = "error"

_FILES = ("adapter_model.safetensors", "adapter_model.bin")
_READERS = frozenset({"safetensors.torch.load_file", "torch.load"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every `load_state_dict` of a file that finds none of its weights."""
    script = read_calls(document, "eft", "load_state_dict(")
    for use in script.by_name.get("load_state_dict", ()) if script is not None else ():
        if script is None or use.fails or find_maker(script, use.owner) is None:
            continue
        given = use.arguments.get("state_dict", use.arguments.get(0))
        if _has_saved_names(script, given) or _is_copied(document, script, given):
            strict = use.arguments.get("strict", use.arguments.get(1))
            loose = strict is not None and strict.value is False
            effect = "it loads nothing" if loose else "RuntimeError, the keys are missing"
            yield Hit(
                "PEFT saves weights without the adapter's name, and the model's own names have it: "
                f"{effect}",
                get_call_span(document, use),
                help="write set_peft_model_state_dict(model, weights) of peft",
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
