"""A LoRA of diffusers that is saved under names which the pipeline does not read.

## What
A script that trains a model of diffusers through PEFT's wrapper (`get_peft_model`) and saves what
the wrapper gives: `save_pretrained`, or `get_peft_model_state_dict` of the wrapper handed to
`save_lora_weights`; and then `load_lora_weights`. Or `modules_to_save` in a config for diffusers'
`add_adapter`.

## Why
The wrapper's names begin with `base_model.model.`. `load_lora_weights` looks for names that begin
with `unet.` or `transformer.`: it says "No LoRA keys associated to UNet2DConditionModel found" in
the log and loads nothing; with the wrapper's prefix behind its own it ends with "Target modules ...
not found". Modules of `modules_to_save` have no `lora` in their names: most pipelines refuse the
file ("Invalid LoRA checkpoint"), Flux's leave them out in silence. Seen in huggingface/peft issue
2608 and huggingface/diffusers issue 9810.

## Bad
```python
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig, get_peft_model
name = "stable-diffusion-v1-5/stable-diffusion-v1-5"
unet = UNet2DConditionModel.from_pretrained(name, subfolder="unet")
unet = get_peft_model(unet, LoraConfig(r=8, lora_alpha=8, target_modules=["to_q", "to_k", "to_v"]))
unet.save_pretrained("out")
pipe = StableDiffusionPipeline.from_pretrained(name)
pipe.load_lora_weights("out")
```

## Good
```python
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
name = "stable-diffusion-v1-5/stable-diffusion-v1-5"
unet = UNet2DConditionModel.from_pretrained(name, subfolder="unet")
unet.requires_grad_(False)
unet.add_adapter(LoraConfig(r=8, lora_alpha=8, target_modules=["to_q", "to_k", "to_v"]))
state = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet))
StableDiffusionPipeline.save_lora_weights("out", unet_lora_layers=state)
pipe = StableDiffusionPipeline.from_pretrained(name)
pipe.load_lora_weights("out")
```

## Fix
Put the adapter on with `unet.add_adapter(config)`, and give `get_peft_model_state_dict(unet)` to
the pipeline's `save_lora_weights`; or load what the wrapper has saved with
`PeftModel.from_pretrained(pipe.unet, folder)`. Train no module in full beside LoRA, or save it in a
file of its own.

## Source
diffusers 0.42.1 `loaders/lora_pipeline.py` (`is_correct_format`), `loaders/peft.py`
(`load_lora_adapter`: the prefix); PEFT 0.21.2 `utils/save_and_load.py`. Executed on a tiny UNet and
a tiny Flux.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import find_config_call, get_literal
from loracheck.rules.support.script_calls import (
    SAVES,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_library_load,
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

CODE = "LC185"
NAME = "adapter-saved-under-other-names"
SEVERITY = "error"

_HANDLES = ("base_model.model", "PeftModel", "unwrap", ".base_model", "get_base_model")
"""Words of a file that take the wrapper off, or its names."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such way; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, "diffusers", "lora_weights") if context.first else None
    if script is None:
        return
    yield from _check_saved_modules(document, script)
    if not any(word in document.source for word in _HANDLES):
        yield from _check_wrappers(document, script)


def _check_saved_modules(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every config with `modules_to_save` that diffusers' `add_adapter` is given."""
    for use in script.uses:
        load = find_source_call(script, use.owner) if use.last == "add_adapter" else None
        config = find_config_call(script, use, 0, "adapter_config") if load is not None else None
        saved = get_literal(config, "modules_to_save") if config is not None else None
        if load is None or config is None or not is_library_load(load) or not saved:
            continue
        if load.name.startswith("diffusers."):
            yield Hit(
                "`modules_to_save` is trained and cannot be loaded again: load_lora_weights takes "
                "LoRA's weights only, and refuses the file or leaves the rest out",
                get_call_span(document, config),
                help="take modules_to_save out, or save these modules in a file of their own",
                severity="warning",
            )


def _check_wrappers(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every wrapper whose weights are saved as they are, and loaded by a pipeline."""
    loads = script.by_name.get("load_lora_weights", ())
    for use in script.uses:
        if use.last in SAVES and any(_reads(load, use) for load in loads):
            wrapper = _find_wrapper(script, use.owner)
        elif use.last == "save_lora_weights":
            wrapper = _find_state_dict(script, use)
        else:
            continue
        if wrapper is not None and not use.fails:
            yield Hit(
                "the names of PEFT's wrapper are saved (`base_model.model.`), and "
                "load_lora_weights finds none of its own",
                get_call_span(document, use),
                help="put LoRA on with add_adapter(config) of the model, and save "
                "get_peft_model_state_dict(model) by save_lora_weights",
                spans=((get_call_span(document, wrapper), "wrapped here"),),
            )


def _reads(load: Use, save: Use) -> bool:
    """Whether a call loads what another one has saved: from one folder, or by PEFT's file name."""
    to = save.arguments.get("save_directory", save.arguments.get(0))
    source = load.arguments.get(0)
    if to is None or source is None:
        return False
    same = type(to.value) is str and to.value == source.value
    named = bool(to.name) and to.name == source.name
    return same or named or get_literal(load, "weight_name") == "adapter_model.safetensors"


def _find_wrapper(script: Script, operand: Operand | None) -> Use | None:
    """The `get_peft_model` that a model of diffusers has come out of."""
    maker = find_source_call(script, operand)
    if maker is None or maker.last != "get_peft_model" or not makes_adapter(maker):
        return None
    load = find_source_call(script, get_model_argument(maker))
    is_diffusers = load is not None and is_library_load(load) and load.name.startswith("diffusers.")
    return maker if is_diffusers else None


def _find_state_dict(script: Script, use: Use) -> Use | None:
    """The wrapper whose state dict is handed to `save_lora_weights` as it is."""
    for operand in use.arguments.values():
        state = find_source_call(script, operand)
        if state is not None and state.last == "get_peft_model_state_dict":
            return _find_wrapper(script, get_model_argument(state))
    return None
