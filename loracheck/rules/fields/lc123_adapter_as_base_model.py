"""The folder of an adapter is given to vLLM as the model.

## What
`LLM(folder)` of vLLM where the same file saves an adapter alone into that folder, or where the
folder lies beside the file and has adapter_config.json and no config.json.

## Why
vLLM reads the config.json of what it is given, and an adapter's folder has none: ValueError, "No
supported config format found". `enable_lora=True` changes nothing: it lets requests name an adapter
beside the base model. transformers, whose `from_pretrained` finds the base model by
adapter_config.json, loads the same folder. Seen in unslothai/unsloth issue 1191 and
vllm-project/vllm issue 4416.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from vllm import LLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj", "v_proj"]))
model.save_pretrained("out/adapter")
llm = LLM("out/adapter", enable_lora=True)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
from vllm import LLM
from vllm.lora.request import LoRARequest
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=16, target_modules=["q_proj", "v_proj"]))
model.save_pretrained("out/adapter")
llm = LLM("Qwen/Qwen2.5-7B", enable_lora=True)
answers = llm.generate(["Hello"], lora_request=LoRARequest("adapter", 1, "out/adapter"))
```

## Fix
Give `LLM` the base model and each request `LoRARequest(name, 1, folder)`, or merge the adapter and
save the whole model first.

## Source
vLLM 0.8.5 `transformers_utils/config.py` (`get_config`), `lora/request.py`; Unsloth 2026.10.9
`save.py` (`save_method="lora"`).
"""

from __future__ import annotations

from os.path import join

from loracheck.documents.dependencies import exists
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.local_folders import find_local_folder, read_local_adapter
from loracheck.rules.support.script_adapters import get_literal
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

CODE = "LC123"
NAME = "adapter-as-base-model"
SEVERITY = "error"

_ENGINE = "vllm.LLM"
_WRITES_MORE = compile_when_used(
    r"merge_and_unload|get_base_model|copy|rename|symlink|save_config|\.config\.save|to_json_file",
    words=(
        *("merge_and_unload", "get_base_model", "copy", "rename", "symlink"),
        *("save_config", ".config.save", "to_json_file"),
    ),
)
"""Words of a file that may put a whole model, or its config, into the folder too."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such model; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every engine that is given an adapter's folder as the model."""
    script = read_calls(document, "vllm", "LLM(")
    for use in script.uses if script is not None else ():
        if script is None or use.name != _ENGINE or use.fails:
            continue
        model = get_model_argument(use)
        folder = _name_folder(model)
        saved = None if _WRITES_MORE.search(document.source) else _find_save(script, folder)
        beside = model is not None and _is_adapter_alone(document, model.value)
        if saved is None and not beside:
            continue
        spans = ((get_call_span(document, saved), "the adapter is saved here"),) if saved else ()
        yield Hit(
            "vLLM is given an adapter's folder as the model, which has no config.json: ValueError",
            get_call_span(document, use),
            help="give it the base model with enable_lora=True, and generate() "
            "lora_request=LoRARequest(name, 1, folder); or merge the adapter first",
            spans=spans,
        )


def _name_folder(operand: Operand | None) -> str:
    """The folder that an argument names for certain: its text, or the attribute that it is."""
    if operand is None:
        return ""
    text = operand.value if isinstance(operand.value, str) else ""
    return text.rstrip("/").removeprefix("./") or operand.path


def _find_save(script: Script, folder: str) -> Use | None:
    """The call that saves an adapter alone into a folder; None where another one does too."""
    found = None
    for use in script.uses if folder else ():
        target = use.arguments.get("save_directory", use.arguments.get(0))
        if not use.last.startswith("save_") or use.fails or _name_folder(target) != folder:
            continue
        if _saves_adapter(script, use):
            found = found or use
        elif not _saves_tokenizer(script, use):
            return None
    return found


def _saves_adapter(script: Script, use: Use) -> bool:
    """Whether a call saves an adapter without its base model, for certain."""
    if use.last == "save_pretrained_merged":
        return bool(get_literal(use, "save_method", 2) == "lora")
    maker = find_source_call(script, use.owner)
    if maker is None:
        return False
    if use.last == "save_model" and is_trainer(maker):
        if "peft_config" in maker.arguments:
            config = maker.arguments["peft_config"]
            return config.call_number >= 0
        maker = find_source_call(script, get_model_argument(maker))
    return use.last in ("save_pretrained", "save_model") and maker is not None and _adapts(maker)


def _adapts(maker: Use) -> bool:
    """Whether a call puts an adapter on a model: PEFT's, or that of a tool's own class."""
    own = maker.name.rpartition(".")[0].rpartition(".")[2].startswith("Fast")
    return makes_adapter(maker) or (maker.last == "get_peft_model" and own)


def _saves_tokenizer(script: Script, use: Use) -> bool:
    """Whether a call saves a tokenizer, by what made it or by its name."""
    maker = find_source_call(script, use.owner)
    name = use.owner.name or use.owner.path
    made = maker is not None and ("Tokenizer" in maker.name or "Processor" in maker.name)
    return made or "token" in name.lower() or "processor" in name.lower()


def _is_adapter_alone(document: Document, folder: object) -> bool:
    """Whether a folder beside the file has the config of an adapter, and none of a model."""
    path = find_local_folder(document, folder)
    alone = path is not None and not exists(join(path, "config.json"))
    return alone and read_local_adapter(document, folder) is not None
