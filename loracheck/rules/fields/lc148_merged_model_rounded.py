"""A model that is merged in 16 bits, and loaded again in fewer.

## What
A script merges its adapter and saves the whole model in 16 bits (`save_pretrained_merged` of
Unsloth, or `save_pretrained` of what `merge_and_unload` gives), and then loads that folder in 4 or
8 bits. Unsloth's `from_pretrained` loads in 4 bits where nothing else is said.

## Why
Quantising rounds the merged weights, the adapter's small changes among them, in another way than
the base model was rounded for the training: the loaded model does not answer as the trained one in
memory did. Nothing fails, so it is a note. Seen in unslothai/unsloth issue 928 and
unslothai/unsloth issue 800.

## Bad
```python
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Meta-Llama-3.1-8B")
model = FastLanguageModel.get_peft_model(model, r=16, target_modules=["q_proj", "v_proj"])
model.save_pretrained_merged("merged", tokenizer, save_method="merged_16bit")
model, tokenizer = FastLanguageModel.from_pretrained("merged", load_in_4bit=True)
```

## Good
```python
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Meta-Llama-3.1-8B")
model = FastLanguageModel.get_peft_model(model, r=16, target_modules=["q_proj", "v_proj"])
model.save_pretrained_merged("merged", tokenizer, save_method="merged_16bit")
model, tokenizer = FastLanguageModel.from_pretrained("merged", load_in_4bit=False)
```

## Fix
Load the merged model in 16 bits; or save the adapter and load that in 4 bits, as it was trained.

## Source
Unsloth 2026.8 `save.py` (`unsloth_save_pretrained_merged`), `models/loader.py` (`load_in_4bit =
True`).
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    find_bits_option,
    find_source_call,
    get_call_span,
    is_model_load,
    read_calls,
)
from loracheck.rules.support.trained_adapters import name_folder
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC148"
NAME = "merged-model-rounded"
SEVERITY = "note"

_FOLDER_KEYS = (0, "model_name", "pretrained_model_name_or_path")
"""Where Unsloth's and transformers' from_pretrained take the folder."""

_OF_UNSLOTH = "unsloth.Fast"

_OTHER_SIZES = frozenset({"load_in_8bit", "load_in_16bit", "load_in_fp8", "full_finetuning"})
"""Arguments of Unsloth's from_pretrained beside which 4 bits are not the default."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such load; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every load in few bits of a folder that got a merged model before."""
    script = read_calls(document, "merge", "from_pretrained")
    merged: dict[str, Use] = {}
    for use in script.uses if script is not None else ():
        if script is None or use.fails:
            continue
        folder = _find_saved(script, use)
        if folder:
            merged[folder] = use
        if use.last != "from_pretrained":
            continue
        loaded = name_folder(
            next((use.arguments[k] for k in _FOLDER_KEYS if k in use.arguments), None)
        )
        bits = _find_bits(script, use) if loaded in merged else ""
        if bits:
            yield Hit(
                f"the merged 16-bit weights are rounded to {bits}: the loaded model does not "
                "answer as the trained one did",
                get_call_span(document, use),
                help="load the merged model with load_in_4bit=False, or load the adapter's folder "
                "in few bits in its place"
                if use.name.startswith(_OF_UNSLOTH)
                else "load the merged model without few bits",
                spans=((get_call_span(document, merged[loaded]), "merged and saved here"),),
            )


def _find_saved(script: Script, use: Use) -> str:
    """The folder that a call saves a merged 16-bit model into; "" where it saves none."""
    folder = name_folder(use.arguments.get(0, use.arguments.get("save_directory")))
    if use.last == "save_pretrained_merged":
        method = use.arguments.get("save_method", use.arguments.get(2))
        wide = method is None or method.value == "merged_16bit"
        return folder if wide and use.complete else ""
    source = find_source_call(script, use.owner) if use.last == "save_pretrained" else None
    return folder if source is not None and source.last == "merge_and_unload" else ""


def _find_bits(script: Script, use: Use) -> str:
    """The bits that a call loads its model in, for certain; "" where it may be 16."""
    if not use.name.startswith(_OF_UNSLOTH):
        option = find_bits_option(script, use) if is_model_load(use) else None
        return {"load_in_4bit": "4 bits", "load_in_8bit": "8 bits"}.get(option or "", "")
    few = use.arguments.get("load_in_4bit")
    if few is not None:
        return "4 bits" if few.value is True else ""
    silent = use.complete and not _OTHER_SIZES & use.arguments.keys()
    return "4 bits, Unsloth's default" if silent else ""
