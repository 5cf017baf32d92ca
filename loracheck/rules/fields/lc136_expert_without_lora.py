"""A pipeline of Wan 2.2 whose LoRA goes to the wrong one of its two experts, or to one alone.

## What
- A LoRA whose file is named for low noise is loaded without `load_into_transformer_2`, or one for
  high noise with it.
- All LoRAs of a pipeline with two experts go to the first one (a note).
- `load_into_transformer_2=True` in a pipeline of Wan 2.1, which has one.

## Why
`load_lora_weights` puts a LoRA into `transformer`, which makes the first, noisy steps. The one for
the last steps, `transformer_2`, gets none unless the call says so; with a LoRA that saves steps the
result is blurred or full of noise. A pipeline without a second expert ends with AttributeError.
Seen in huggingface/diffusers issue 12535; huggingface/diffusers pull request 12074 shows the calls.

## Bad
```python
from diffusers import WanPipeline
pipe = WanPipeline.from_pretrained("Wan-AI/Wan2.2-T2V-A14B-Diffusers")
pipe.load_lora_weights("loras/high_noise_lora.safetensors", adapter_name="high")
pipe.load_lora_weights("loras/low_noise_lora.safetensors", adapter_name="low")
pipe.set_adapters(["high", "low"], [1.0, 1.0])
```

## Good
```python
from diffusers import WanPipeline
pipe = WanPipeline.from_pretrained("Wan-AI/Wan2.2-T2V-A14B-Diffusers")
pipe.load_lora_weights("loras/high_noise_lora.safetensors", adapter_name="fast")
pipe.load_lora_weights(
    "loras/low_noise_lora.safetensors", adapter_name="fast", load_into_transformer_2=True
)
pipe.set_adapters(["fast"], [1.0])
```

## Fix
Give `load_into_transformer_2=True` to the call that loads the LoRA for low noise.

## Source
diffusers 0.42.1 `loaders/lora_pipeline.py` (`WanLoraLoaderMixin.load_lora_weights`),
`docs/source/en/api/pipelines/wan.md`. Executed on a tiny Wan.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.pipeline_loras import LOAD, list_pipelines
from loracheck.rules.support.script_adapters import get_literal, get_text, has_argument
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext
    from loracheck.rules.support.pipeline_loras import Pipeline

CODE = "LC136"
NAME = "expert-without-lora"
SEVERITY = "warning"

_SECOND = "load_into_transformer_2"
_ADDED = "from diffusers 0.35 on, which has the argument"

_TWO_EXPERTS = compile_when_used(r"Wan-AI/Wan2\.2-(?:T2V|I2V)-A14B-Diffusers")
_ONE_EXPERT = compile_when_used(r"Wan-AI/Wan2\.(?:1-\S+|2-TI2V-5B)-Diffusers")
_LOW = compile_when_used(r".*(?:^|[^a-z])low(?:[_-]?noise)?(?:[^a-z].*|$)")
_HIGH = compile_when_used(r".*(?:^|[^a-z])high(?:[_-]?noise)?(?:[^a-z].*|$)")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    script = read_calls(document, "diffusers", "load_lora_weights", "Wan-AI")
    for pipeline in list_pipelines(document, script) if script is not None else ():
        model = get_text(pipeline.made, 0, "pretrained_model_name_or_path") or ""
        loads = [use for use in pipeline.methods if use.last == LOAD and use.complete]
        if _ONE_EXPERT.fullmatch(model):
            yield from _check_one_expert(document, loads)
        elif script is not None and _TWO_EXPERTS.fullmatch(model):
            hits = [hit for use in loads for hit in _check_named(document, script, use)]
            yield from hits or _check_second(document, pipeline, loads)


def _check_one_expert(document: Document, loads: list[Use]) -> Iterator[Hit]:
    for use in loads:
        if get_literal(use, _SECOND) is True:
            yield Hit(
                "this model has one transformer, and no transformer_2: AttributeError",
                get_call_span(document, use),
                help=f"take {_SECOND} out",
                severity="error",
            )


def _check_named(document: Document, script: Script, use: Use) -> Iterator[Hit]:
    """A hit for a LoRA that goes to the other expert than its file's name says."""
    given = get_literal(use, _SECOND)
    if has_argument(use, _SECOND) and not isinstance(given, bool):
        return
    names = [name.lower() for name in _list_names(script, use)]
    low = any(_LOW.fullmatch(name) for name in names)
    high = any(_HIGH.fullmatch(name) for name in names)
    if low and not high and not given:
        yield Hit(
            "a LoRA for low noise goes to `transformer`, the expert of the noisy first steps",
            get_call_span(document, use),
            help=f"add {_SECOND}=True",
            notes=(_ADDED,),
        )
    elif high and not low and given:
        yield Hit(
            "a LoRA for high noise goes to `transformer_2`, the expert of the last steps",
            get_call_span(document, use),
            help=f"take {_SECOND} out",
        )


def _check_second(document: Document, pipeline: Pipeline, loads: list[Use]) -> Iterator[Hit]:
    """A note where none of the LoRAs goes to the second expert."""
    if not loads or not pipeline.whole or "transformer_2" in document.source:
        return
    yield Hit(
        "the LoRA goes to `transformer` alone: `transformer_2`, the expert of the last steps, has "
        "none",
        get_call_span(document, loads[-1]),
        help=f"load one into the second expert too, with {_SECOND}=True, unless this is meant",
        notes=(_ADDED,),
        severity="note",
    )


def _list_names(script: Script, use: Use) -> Iterator[str]:
    """The names of the file that a call loads, those that it is fetched under among them."""
    for key in (0, "pretrained_model_name_or_path_or_dict", "weight_name", "subfolder"):
        if key in use.arguments:
            yield from _list_texts(script, use.arguments[key])


def _list_texts(script: Script, operand: Operand) -> Iterator[str]:
    if isinstance(operand.value, str):
        yield operand.value
    if operand.call_number >= 0:
        call = script.uses[operand.call_number]
        if call.last == "hf_hub_download":
            yield from (one.value for one in call.arguments.values() if isinstance(one.value, str))
