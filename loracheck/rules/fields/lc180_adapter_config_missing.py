"""A folder that is loaded as PEFT's adapter and is none.

## What
`PeftModel.from_pretrained`, an `AutoPeftModel...` or `PeftConfig.from_pretrained` is given a folder
that lies beside the script, holds weights or a trainer's checkpoints, and has no
adapter_config.json; or the id of a base model, of which loracheck has the tree (a warning: what its
repository holds is not looked up).

## Why
ValueError, "Can't find 'adapter_config.json'": PEFT looks for it on the Hub after that, under the
folder's name. A LoRA that diffusers saved (pytorch_lora_weights.safetensors) and a merged or whole
model have none, and a trainer's output folder has one only where the model was saved at the end:
the adapters are in its checkpoints. Seen in yifan123/flow_grpo issue 156 and
datawhalechina/self-llm issue 468.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("openai-community/gpt2")
model = PeftModel.from_pretrained(base, ".")
```
```weights
base_model.model.transformer.h.0.attn.c_attn.lora_A.weight F32 [8,768]
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("openai-community/gpt2")
model = PeftModel.from_pretrained(base, "style")
```
with `style/adapter_config.json`:
```adapter
{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["c_attn"],
 "fan_in_fan_out": true, "base_model_name_or_path": "openai-community/gpt2"}
```

## Fix
Load a LoRA of diffusers with `load_lora_weights` of the pipeline, and a whole model with
`from_pretrained` of its class; or name the folder that has the adapter's config, as the last
checkpoint.

## Source
PEFT 0.21.2 `config.py` (`PeftConfigMixin._get_peft_type`), executed.
"""

from __future__ import annotations

from os.path import join

from loracheck.documents.dependencies import exists
from loracheck.documents.python.known_calls import is_adapter_load
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.local_folders import CONFIG, find_checkpoint, find_local_folder
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC180"
NAME = "adapter-config-missing"
SEVERITY = "error"

_WEIGHTS = {
    "pytorch_lora_weights.safetensors": "it is a LoRA of diffusers: write "
    "pipeline.load_lora_weights(folder)",
    "model.safetensors": "it is a whole model: load it with from_pretrained of its own class",
    "model.safetensors.index.json": "it is a whole model: load it with from_pretrained of its own "
    "class",
    "adapter_model.safetensors": "put the adapter's adapter_config.json beside its weights",
    "adapter_model.bin": "put the adapter's adapter_config.json beside its weights",
}
"""File of weights -> what to do."""

_SAVES = compile_when_used(r"\bsave_(?:model|pretrained)\(|\bsave_adapter\(|push_to_hub")
"""A file with one of these may save the adapter there before it loads it."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first and context.on_disk:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every folder of a file that is loaded as an adapter and has no config of one."""
    yield from _check_ids(document)
    script = read_calls(document, "eft", ".from_pretrained(")
    for use in script.by_name.get("from_pretrained", ()) if script is not None else ():
        given = _find_folder(document, use) if not use.fails else None
        folder = find_local_folder(document, given) if given is not None else None
        if given is None or folder is None or exists(join(folder, CONFIG)):
            continue
        holds, mend = "weights", _find_mend(folder)
        checkpoint = find_checkpoint(folder) if mend is None else None
        if checkpoint is not None and not _SAVES.search(document.source):
            holds, mend = "checkpoints", f"name the checkpoint: {given.rstrip('/')}/{checkpoint}"
        if mend is not None:
            yield Hit(
                f"the folder holds {holds} and no adapter_config.json: ValueError",
                get_call_span(document, use),
                help=mend,
            )


def _check_ids(document: Document) -> Iterator[Hit]:
    """One hit for every id of a base model that a file loads as an adapter."""
    script = read_calls(document, "eft", ".from_pretrained(")
    for use in script.by_name.get("from_pretrained", ()) if script is not None else ():
        model = _find_folder(document, use) if not use.fails else None
        folder = find_local_folder(document, model)
        if model is None or "/" not in model or (folder is not None and exists(folder)):
            continue
        from loracheck.trees.sources.bundle import find_model

        if find_model(model) is not None:
            yield Hit(
                f"{model} is a base model and has no adapter_config.json: ValueError",
                get_call_span(document, use),
                help="name the adapter; a base model is loaded by a class of transformers",
                severity="warning",
            )


def _find_mend(folder: str) -> str | None:
    """What to do with the weights that a folder holds; None where it holds none."""
    return next((_WEIGHTS[name] for name in _WEIGHTS if exists(join(folder, name))), None)


def _find_folder(document: Document, use: Use) -> str | None:
    """The folder that a call loads as an adapter, as it names it; None where that is not known."""
    owner = use.name.removesuffix(".from_pretrained")
    whole = owner.startswith("peft.") and owner.rpartition(".")[2].startswith(("AutoPeft", "PeftC"))
    if not whole and not (is_adapter_load(use.name) and owner.startswith("peft.")):
        return None
    keys = (0, "pretrained_model_name_or_path") if whole else (1, "model_id")
    given = next((use.arguments[key] for key in keys if key in use.arguments), None)
    if given is None or not use.complete or "subfolder" in use.arguments:
        return None
    return given.value if isinstance(given.value, str) else None
