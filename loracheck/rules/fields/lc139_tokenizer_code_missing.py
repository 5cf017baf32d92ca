"""An adapter's folder whose tokenizer needs code that is not there.

## What
`AutoTokenizer.from_pretrained`, or an `AutoPeftModel...`, is given the folder of an adapter beside
the script, whose tokenizer_config.json names a module of the folder (`tokenization_qwen`) that is
not in it.

## Why
A trainer saves the tokenizer into the adapter's folder, but not the Python files that came with the
base model: OSError, "does not appear to have a file named tokenization_qwen.py". PEFT's
AutoPeftModel classes load the tokenizer that lies beside an adapter too. Seen in QwenLM/Qwen-VL
issue 379 and shibing624/MedicalGPT issue 68.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("style", trust_remote_code=True)
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen-VL-Chat", trust_remote_code=True)
model = PeftModel.from_pretrained(base, "style")
```
with `style/adapter_config.json` and `style/tokenizer_config.json`:
```adapter
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen-VL-Chat", "r": 8, "lora_alpha": 16,
 "target_modules": ["c_attn"], "task_type": "CAUSAL_LM"}
```
```tokenizer
{"auto_map": {"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", null]}}
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen-VL-Chat", trust_remote_code=True)
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen-VL-Chat", trust_remote_code=True)
model = PeftModel.from_pretrained(base, "style")
```
with the same files:
```adapter
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen-VL-Chat", "r": 8, "lora_alpha": 16,
 "target_modules": ["c_attn"], "task_type": "CAUSAL_LM"}
```
```tokenizer
{"auto_map": {"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", null]}}
```

## Fix
Load the tokenizer from the base model, or copy the base model's Python files into the folder.

## Source
transformers 5.24.0 `dynamic_module_utils.py` (`get_cached_module_file`), executed; PEFT 0.21.2
`auto.py` (`_BaseAutoPeftModel.from_pretrained`).
"""

from __future__ import annotations

import json
from os.path import join

from loracheck.documents.dependencies import exists
from loracheck.documents.model import DocumentError
from loracheck.documents.source import load
from loracheck.rules.support.local_folders import CONFIG, find_local_folder
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.support.tokenizer_files import MAX_BYTES
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC139"
NAME = "tokenizer-code-missing"
SEVERITY = "error"

_TOKENIZER = "transformers.AutoTokenizer.from_pretrained"
_MODELS = "peft.AutoPeftModel"
_SETTINGS = "tokenizer_config.json"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first and context.on_disk:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every load of a tokenizer whose code is not in the adapter's folder."""
    script = read_calls(document, "trust_remote_code", ".from_pretrained(")
    for use in script.by_name.get("from_pretrained", ()) if script is not None else ():
        trusts = use.arguments.get("trust_remote_code")
        loads = use.name == _TOKENIZER or use.name.startswith(_MODELS)
        if not loads or use.fails or trusts is None or trusts.value is not True:
            continue
        given = use.arguments.get(0, use.arguments.get("pretrained_model_name_or_path"))
        folder = find_local_folder(document, given.value) if given is not None else None
        if folder is None or not exists(join(folder, CONFIG)):
            continue
        module = _find_module(folder)
        if module is not None and not exists(join(folder, f"{module}.py")):
            yield Hit(
                f"the tokenizer in the adapter's folder needs {module}.py, which is not there: "
                "OSError",
                get_call_span(document, use),
                help="load the tokenizer from the base model, or copy its Python files into the "
                "folder",
            )


def _find_module(folder: str) -> str | None:
    """The module of its own folder that a tokenizer is made by; None where there is none, or where
    it is one of another repository (`OWNER/NAME--module.Class`).
    """
    try:
        settings = json.loads(load(join(folder, _SETTINGS), MAX_BYTES))
    except (OSError, DocumentError, ValueError, RecursionError):
        return None
    classes = settings.get("auto_map") if isinstance(settings, dict) else None
    entry = classes.get("AutoTokenizer") if isinstance(classes, dict) else classes
    names = entry if isinstance(entry, list) else [entry]
    name = next((one for one in names if isinstance(one, str)), "")
    module, dot, _ = name.rpartition(".")
    return module if dot and module.isidentifier() else None
