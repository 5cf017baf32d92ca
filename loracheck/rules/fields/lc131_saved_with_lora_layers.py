"""A model of diffusers is saved while LoRA's layers are in it.

## What
`save_pretrained` of a pipeline, or of its `unet` or `transformer`, behind `load_lora_weights` and
before `unload_lora_weights`, with or without `fuse_lora`; `ControlNetModel.from_unet` of such a
U-Net.

## Why
`fuse_lora` adds LoRA's product to the weights and leaves its layers where they are: weights are
saved as `to_q.base_layer.weight`. `from_pretrained` finds no `to_q.weight` there, and gives the
layer random weights, or leaves it on the meta device; nothing but a warning is said. `from_unet`
ends with RuntimeError. Seen in huggingface/diffusers issues 9420, 6602 and 7350.

## Bad
```python
from diffusers import FluxPipeline
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
pipe.load_lora_weights("loras/ink.safetensors")
pipe.fuse_lora(lora_scale=0.8)
pipe.transformer.save_pretrained("flux-ink")
```

## Good
```python
from diffusers import FluxPipeline
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
pipe.load_lora_weights("loras/ink.safetensors")
pipe.fuse_lora(lora_scale=0.8)
pipe.unload_lora_weights()
pipe.transformer.save_pretrained("flux-ink")
```

## Fix
Write `unload_lora_weights()` behind `fuse_lora()`; what is merged stays. To keep the LoRA in a file
of its own, save that file, not the model.

## Source
diffusers 0.42.1 `loaders/lora_base.py` (`fuse_lora`), `models/modeling_utils.py`
(`save_pretrained`, `from_pretrained`), `models/controlnets/controlnet.py` (`from_unet`). Executed
on a tiny Flux and a tiny U-Net.
"""

from __future__ import annotations

from loracheck.rules.support.pipeline_loras import (
    TAKES_OFF,
    find_denoiser,
    find_pipeline_call,
    list_pipelines,
)
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext
    from loracheck.rules.support.pipeline_loras import Pipeline

CODE = "LC131"
NAME = "saved-with-lora-layers"
SEVERITY = "error"

_OTHER_WAYS = (*TAKES_OFF, "delete_adapter(", ".unload(", "merge_and_unload(", "state_dict(")
"""Words of a file that takes the layers off itself, somewhere."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    script = read_calls(document, "diffusers", "load_lora_weights")
    if script is None or any(word in document.source for word in _OTHER_WAYS[3:]):
        return
    for pipeline in list_pipelines(document, script):
        for use in script.uses:
            what = _find_saved(document, script, pipeline, use)
            loads = pipeline.list_loads(use.number) if what is not None else []
            off = any(one.last in TAKES_OFF for one in pipeline.methods if one.number < use.number)
            if what is not None and loads and not off:
                yield _build_hit(document, pipeline, use, loads[-1], what)


def _find_saved(document: Document, script: Script, pipeline: Pipeline, use: Use) -> str | None:
    """What of a pipeline a call saves, or copies into a ControlNet; None for every other call."""
    if use.fails or use.scope != pipeline.made.scope:
        return None
    if use.last == "save_pretrained":
        made = find_pipeline_call(script, use.owner)
        if made is not None and made.number == pipeline.made.number:
            return "pipeline"
        return find_denoiser(document, pipeline, use.owner)
    given = use.arguments.get(0, use.arguments.get("unet"))
    if use.last == "from_unet" and given is not None and use.name.startswith("diffusers."):
        return find_denoiser(document, pipeline, given)
    return None


def _build_hit(document: Document, pipeline: Pipeline, use: Use, load: Use, what: str) -> Hit:
    fused = any(one.last == "fuse_lora" for one in pipeline.methods if one.number < use.number)
    pipe = pipeline.name or "pipe"
    copied = use.last == "from_unet"
    effect = (
        "RuntimeError, its weights have other names"
        if copied
        else "what is saved has them under other names, and loads with random weights"
    )
    steps = f"{pipe}.unload_lora_weights()"
    return Hit(
        f"LoRA's layers are still in the {what}: {effect}",
        get_call_span(document, use),
        help=f"write {steps} before it, which leaves merged weights as they are"
        if fused
        else f"write {pipe}.fuse_lora() and {steps} before it",
        spans=((get_call_span(document, load), "they are put in here"),),
    )
