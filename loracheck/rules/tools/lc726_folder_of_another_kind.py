"""An adapter's folder where a whole model is taken, or the other way round.

## What
vLLM, SGLang, lmdeploy, lm_eval or a converter (llama.cpp's convert_hf_to_gguf.py,
CTranslate2) is given as its model a folder beside the script that holds an adapter alone, by a
command or in the arguments of an engine; or mergekit's YAML names such a folder without its base
model; or an option for an adapter names a folder with a whole model. (vLLM's `LLM(folder)` is told
by LC123.)

## Why
These programs read the model's config.json, which an adapter's folder does not have, and stop:
"does not appear to have a file named config.json", "Unrecognized model". A merged model has no
adapter_config.json: PEFT stops with "Can't find 'adapter_config.json'". Seen in zai-org/GLM-4 issue
249, xorbitsai/inference issue 1165, unslothai/unsloth issue 1197 and
arcee-ai/mergekit issue 470.

## Bad
```sh
vllm serve ./style --enable-lora
```
with `style/adapter_config.json`:
```adapter
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "v_proj"]}
```

## Good
```sh
vllm serve Qwen/Qwen2.5-7B --enable-lora --lora-modules style=./style
```
with the same file:
```adapter
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Name the base model and give the adapter by the program's own option; or merge it, and name the
merged model.

## Source
vLLM `vllm/transformers_utils/config.py` (`get_config`: "Could not detect config format for no
config file found"); lmdeploy `lmdeploy/archs.py`, lm_eval `lm_eval/models/huggingface.py`
(AutoConfig.from_pretrained, executed with transformers 5.24.0); llama.cpp `conversion/base.py`
(`load_hparams`); CTranslate2 4.6.0 `converters/transformers.py`; PEFT 0.21.2 `config.py`
(`PeftConfigMixin._get_peft_type`); mergekit 0.1.4 `mergekit/common.py` (ModelReference:
`MODEL+LORA`).
"""

from __future__ import annotations

from os.path import join

from loracheck.documents.dependencies import exists
from loracheck.rules.support.local_folders import CONFIG, find_local_folder
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.tools.core.model_commands import find_adapters, find_merged_models, find_models
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC726"
NAME = "folder-of-another-kind"
SEVERITY = "error"

_WHOLE = ("config.json", "params.json")
"""Files of which one stands in the folder of a whole model."""

_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin.index.json")
_CLASSES = {
    "vllm.EngineArgs": ("vLLM", "model"),
    "vllm.AsyncEngineArgs": ("vLLM", "model"),
    "sglang.Engine": ("SGLang", "model_path"),
}
"""Class -> its engine, and the keyword of its model."""

_NAMES = tuple(name.rpartition(".")[2] for name in _CLASSES)
_HELPS = {
    "vLLM": "write the base model there, with enable_lora=True, and give generate() the adapter as "
    "a LoRARequest; or merge the adapter first",
    "SGLang": "merge the adapter into its base model and name the merged model",
}


def check(context: RuleContext) -> Iterator[Hit]:
    """The hits of the file; its first setting speaks."""
    if context.first and context.on_disk:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every folder that a program of the file takes for what it is not."""
    named = find_merged_models if document.format == "yaml" else find_models
    for given in named(document):
        if _holds_adapter_alone(document, given.folder):
            yield Hit(
                f"`{given.folder}` holds an adapter and no model: {given.program} stops, as it has "
                "no config.json",
                given.place,
                help=given.help,
            )
    for given in find_adapters(document):
        if _holds_whole_model(document, given.folder):
            yield Hit(
                f"`{given.folder}` holds a whole model and no {CONFIG}: it is no adapter",
                given.place,
                help="name it as the model and leave the adapter out, or name the folder that the "
                "adapter was saved into",
            )
    yield from _check_classes(document)


def _check_classes(document: Document) -> Iterator[Hit]:
    """One hit for every model of a server's class that is an adapter."""
    engines = any(engine in document.source for engine in ("vllm", "sglang"))
    script = read_calls(document) if engines else None
    if script is None:
        return
    for use in (use for name in _NAMES for use in script.by_name.get(name, ())):
        engine, keyword = _CLASSES.get(_shorten(use.name), ("", ""))
        given = use.arguments.get(keyword)
        folder = given.value if given is not None else None
        if not engine or use.fails or not isinstance(folder, str):
            continue
        if _holds_adapter_alone(document, folder):
            yield Hit(
                f"`{folder}` holds an adapter and no model: {engine} stops, as it has no "
                "config.json",
                get_call_span(document, use),
                help=_HELPS[engine],
            )


def _shorten(name: str) -> str:
    """A class's name without the modules between its package and it."""
    return f"{name.partition('.')[0]}.{name.rpartition('.')[2]}"


def _holds_adapter_alone(document: Document, folder: str) -> bool:
    path = find_local_folder(document, folder)
    if path is None or not exists(join(path, CONFIG)):
        return False
    return not any(exists(join(path, name)) for name in _WHOLE)


def _holds_whole_model(document: Document, folder: str) -> bool:
    path = find_local_folder(document, folder)
    if path is None or exists(join(path, CONFIG)) or not exists(join(path, _WHOLE[0])):
        return False
    return any(exists(join(path, name)) for name in _WEIGHTS)
