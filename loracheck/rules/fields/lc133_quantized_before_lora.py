"""A LoRA is loaded into, or merged into, a diffusers model that was quantised by hand.

## What
`load_lora_weights` behind optimum-quanto's `freeze` of the pipeline's `unet` or `transformer`;
`fuse_lora` behind torchao's `quantize_` of it.

## Why
A frozen layer of quanto holds its weight in parts: loading ends with KeyError, or, in older
releases, with missing `weight_qtype`. torchao's layers get LoRA beside them and cannot take it in:
ValueError, "instantiated without `get_apply_tensor_subclass`". Seen in huggingface/diffusers issue
9514 and zai-org/CogVideo issue 580.

## Bad
```python
from diffusers import FluxPipeline
from optimum.quanto import freeze, qfloat8, quantize
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
quantize(pipe.transformer, weights=qfloat8)
freeze(pipe.transformer)
pipe.load_lora_weights("loras/ink.safetensors")
```

## Good
```python
from diffusers import FluxPipeline
from optimum.quanto import freeze, qfloat8, quantize
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
pipe.load_lora_weights("loras/ink.safetensors")
pipe.fuse_lora()
pipe.unload_lora_weights()
quantize(pipe.transformer, weights=qfloat8)
freeze(pipe.transformer)
```

## Fix
Load the LoRA, `fuse_lora()`, `unload_lora_weights()`, and quantise the model behind that; or load
the model with a quantisation config (`TorchAoConfig`, `BitsAndBytesConfig`), and leave LoRA beside
it.

## Source
optimum-quanto 0.2.7 `quantize.py` (`freeze`), torchao 0.18.0 `quantization/quant_api.py`
(`quantize_`), PEFT 0.21.2 `tuners/lora/torchao.py`, diffusers 0.42.1 `loaders/peft.py`. Executed on
a tiny Flux in qfloat8, qint8, int8 and float8.
"""

from __future__ import annotations

from loracheck.rules.support.pipeline_loras import LOAD, find_denoiser, list_pipelines
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC133"
NAME = "quantized-before-lora"
SEVERITY = "error"

_ENDS = {
    "optimum.quanto.freeze": (LOAD, "quanto's frozen layers take no LoRA: KeyError"),
    "torchao.quantization.quantize_": (
        "fuse_lora",
        "LoRA cannot be merged into torchao's layers: ValueError",
    ),
}
"""Call that quantises -> method that fails behind it, and how."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    script = read_calls(document, "diffusers", "load_lora_weights")
    for pipeline in list_pipelines(document, script) if script is not None else ():
        for use in script.uses if script is not None else ():
            name = use.name.replace("quant_api.", "").replace("quantize.freeze", "freeze")
            model = use.arguments.get(0, use.arguments.get("model"))
            if name not in _ENDS or model is None or use.scope != pipeline.made.scope or use.fails:
                continue
            method, message = _ENDS[name]
            later = [u for u in pipeline.methods if u.last == method and u.number > use.number]
            if later and find_denoiser(document, pipeline, model) is not None:
                yield Hit(
                    message,
                    get_call_span(document, later[0]),
                    help="load the LoRA first, then fuse_lora() and unload_lora_weights(), and "
                    "quantise behind that",
                    spans=((get_call_span(document, use), "quantised here"),),
                )
