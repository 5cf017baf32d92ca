"""A merged model is saved into the folder of its adapter.

## What
`merged = model.merge_and_unload()`, and `merged.save_pretrained(folder)` where the same file loads
the adapter from that folder, or saves it there.

## Why
The folder then has the merged weights and adapter_config.json. transformers finds the latter and
puts the adapter on once more: what is loaded is neither the merged model nor the base model. Seen
in huggingface/peft issue 1381.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "out/final")
model = model.merge_and_unload()
model.save_pretrained("out/final")
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(model, "out/final")
model = model.merge_and_unload()
model.save_pretrained("out/merged")
```

## Fix
Save the merged model into a folder of its own.

## Source
transformers 5.24.0 `modeling_utils.py` (`from_pretrained`), `integrations/peft.py`
(`maybe_load_adapters`). Executed with transformers 5.24.0 on a tiny Llama: what is loaded differs
from the merged model, and its layers are LoRA's.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import (
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

CODE = "LC199"
NAME = "merged-beside-adapter"
SEVERITY = "error"

_REMOVES = compile_when_used(
    r"rmtree|os\.remove|unlink|\brm -", words=("rmtree", "os.remove", "unlink", "rm -")
)


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such folder; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every merged model that is saved where the file has an adapter."""
    script = read_calls(document, "merge_and_unload(", "save_pretrained(")
    if script is None or _REMOVES.search(document.source):
        return
    adapters: dict[str, Use] = {}
    for use in script.uses:
        folder = _find_adapter_folder(script, use)
        if folder:
            adapters.setdefault(folder, use)
        folder = _find_merged_folder(script, use)
        if folder in adapters and not use.fails:
            yield Hit(
                "the merged model is saved beside adapter_config.json: transformers puts the "
                "adapter on it once more when it loads the folder",
                get_call_span(document, use),
                help="save it into a folder of its own",
                spans=((get_call_span(document, adapters[folder]), "the adapter's folder"),),
            )


def _name_folder(operand: Operand | None) -> str:
    """The folder that an argument names for certain: its text, or the attribute that it is."""
    if operand is None:
        return ""
    text = operand.value if isinstance(operand.value, str) else ""
    return text.rstrip("/").removeprefix("./") or operand.path


def _find_adapter_folder(script: Script, use: Use) -> str:
    """The folder that a call saves an adapter into, or loads one from; "" for any other call."""
    if use.last == "from_pretrained" and makes_adapter(use):
        return _name_folder(use.arguments.get(1, use.arguments.get("model_id")))
    maker = find_source_call(script, use.owner)
    if maker is None or use.last not in ("save_pretrained", "save_model"):
        return ""
    if use.last == "save_model" and is_trainer(maker):
        maker = find_source_call(script, get_model_argument(maker))
    saves = maker is not None and makes_adapter(maker)
    return _name_folder(use.arguments.get(0, use.arguments.get("save_directory"))) if saves else ""


def _find_merged_folder(script: Script, use: Use) -> str:
    """The folder that a call saves a merged model into; "" for any other call."""
    maker = find_source_call(script, use.owner) if use.last == "save_pretrained" else None
    if maker is None or maker.last != "merge_and_unload":
        return ""
    wrapper = find_source_call(script, maker.owner)
    if wrapper is None or not makes_adapter(wrapper):
        return ""
    return _name_folder(use.arguments.get(0, use.arguments.get("save_directory")))
