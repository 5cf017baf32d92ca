"""A call that a tool's classes do not have, or that ends with the tool's own error.

## What
A method that is not there (`FastLanguageModel.save_pretrained`, which is the model's), a
`save_method` that Unsloth refuses, a GGUF type that it does not know; a `dtype` given to its loader
as text that it does not read ("auto"), targets that are the ends of the model alone; Unsloth's
methods on a model that transformers loaded, with PEFT's wrapper around it or without; and
`load_lora` of a model that Unsloth loaded without vLLM, or that has no adapter.

## Why
Most of these calls stand at the end of a script, behind the training: the error comes after hours,
and what was trained is still in memory alone. Apple's MLX merges into 4 bits, and takes more GGUF
types and other words for `dtype`, so these are warnings where nothing in the file is about a GPU.
Seen in unslothai/unsloth issues 1094, 1241, 1670 and 2971 and huggingface/peft issue 2546.

## Bad
```python
import torch
from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Qwen2.5-7B-Instruct")
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
torch.cuda.empty_cache()
model.save_pretrained_merged("merged", tokenizer, save_method="merged_4bit")
```

## Good
```python
import torch
from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Qwen2.5-7B-Instruct")
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=16)
torch.cuda.empty_cache()
model.save_pretrained_merged("merged", tokenizer, save_method="merged_16bit")
```

## Fix
Write the method or the value that the help names.

## Source
Unsloth 2026.10.9 `unsloth/models/loader.py`, `unsloth/save.py` (ALLOWED_QUANTS, save_to_gguf,
unsloth_save_model, unsloth_generic_save), and their history since 2023; `unsloth/models/_utils.py`
(patch_peft_fast_inference: `load_lora` where there is a vllm_engine;
_raise_if_no_lora_targets_left). PEFT 0.21.2 `peft_model.py`.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import get_literal
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    find_wrapped_load,
    get_call_span,
    get_model_argument,
    read_calls,
)
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext
    from loracheck.tools.unsloth_calls import RefusedCall

CODE = "LC174"
NAME = "tool-call-refused"
SEVERITY = "error"

_WORDS = ("Fast", "save_pretrained_", "push_to_hub_")
"""One of these stands in a script with such a call."""

_PATCHES = (
    *("patch_saving_functions", "hasattr(", "AttributeError", "setattr(", "isinstance("),
    *("def save_pretrained_", "def push_to_hub_"),
    *(".save_pretrained_merged =", ".save_pretrained_gguf =", ".load_lora =", "MethodType("),
)
"""Words of a file that may give a model such methods, or asks for them first."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    if not any(word in document.source for word in _WORDS):
        return
    script = read_calls(document)
    if script is None:
        return
    from loracheck.tools.unsloth_arguments import find_refused_arguments
    from loracheck.tools.unsloth_calls import (
        PACKAGE,
        SINCE,
        find_missing_methods,
        find_refused_saves,
    )

    yield from _check_plain_models(document, script)
    if PACKAGE not in document.source:
        return
    for call in find_missing_methods(script, document.source):
        yield _build_hit(document, call)
    for call in find_refused_arguments(script, document.source):
        yield _build_hit(document, call)
    yield from _check_engine_method(document, script)
    if not is_older(document, PACKAGE, SINCE):
        for call in find_refused_saves(script, document.source):
            yield _build_hit(document, call)


def _build_hit(document: Document, call: RefusedCall) -> Hit:
    return Hit(
        call.says,
        get_call_span(document, call.use),
        help=call.help,
        notes=(call.source,),
        severity=None if call.certain else "warning",
    )


def _check_plain_models(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every method of a tool's that is called on a model of transformers, with PEFT's
    wrapper around it or without.
    """
    from loracheck.tools.unsloth_calls import ADDED_METHODS, MERGES, WITHOUT_LOADER

    for use in script.uses:
        if use.last not in ADDED_METHODS or use.fails or not use.owner.name:
            continue
        bare = find_bare_load(script, use.owner)
        load = bare or find_wrapped_load(script, use.owner)
        if load is None or _may_have_methods(document, script, load):
            continue
        wraps = bare is None and use.last in MERGES
        write = "save_pretrained" if use.last.startswith("save_") else "push_to_hub"
        yield Hit(
            f"{'a model' if bare else 'the PEFT model around a model'} of transformers has no "
            f"`{use.last}`: AttributeError",
            get_call_span(document, use),
            help=f"write .merge_and_unload().{write}(...)" if wraps else WITHOUT_LOADER,
            spans=((get_call_span(document, load), "the model is loaded here"),),
        )


def _check_engine_method(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every `load_lora` of a model that Unsloth has loaded without vLLM, or on which no
    adapter was put.
    """
    from loracheck.tools.unsloth_calls import (
        ENGINE_METHOD,
        ENGINE_SOURCE,
        NO_ADAPTER,
        NO_ENGINE,
        PUT_ADAPTER,
        START_ENGINE,
    )
    from loracheck.tools.unsloth_models import find_class, loads_published_base

    for use in script.by_name.get(ENGINE_METHOD, ()):
        wrap = find_source_call(script, use.owner)
        if wrap is None or use.fails:
            continue
        if loads_published_base(wrap) and not any(word in document.source for word in _PATCHES):
            yield Hit(
                NO_ADAPTER,
                get_call_span(document, use),
                help=PUT_ADAPTER,
                notes=(ENGINE_SOURCE,),
                spans=((get_call_span(document, wrap), "loaded here"),),
            )
        if find_class(wrap, "get_peft_model") is None:
            continue
        load = find_source_call(script, get_model_argument(wrap))
        if load is None or find_class(load, "from_pretrained") is None or not load.complete:
            continue
        has_engine = "fast_inference" in load.arguments and (
            load.arguments["fast_inference"].value is not False
        )
        if has_engine or any(word in document.source for word in _PATCHES):
            continue
        yield Hit(
            NO_ENGINE,
            get_call_span(document, use),
            help=START_ENGINE,
            notes=(ENGINE_SOURCE,),
            spans=((get_call_span(document, load), "loaded here"),),
        )


def _may_have_methods(document: Document, script: Script, load: Use) -> bool:
    """Whether a loaded model may have methods that its class has not: by its own code, by a call of
    the tool's that it is given to, or by the file.
    """
    if get_literal(load, "trust_remote_code") is True or not load.complete:
        return True
    if any(word in document.source for word in _PATCHES):
        return True
    from loracheck.tools.unsloth_calls import PACKAGE

    return any(
        operand.call_number == load.number
        for use in script.uses
        if use.name.startswith(PACKAGE)
        for operand in use.arguments.values()
    )
