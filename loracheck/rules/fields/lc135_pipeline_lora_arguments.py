"""Arguments for the LoRAs of a diffusers pipeline that it refuses, or passes over.

## What
- `load_lora_weights` or `fuse_lora` with an argument that they do not have (`weight`, `scale`);
- the address of a web page in the place of a repository or a file;
- a number, or names of adapters, as the first argument of `fuse_lora`;
- a part in `components` or in the weights of `set_adapters` that the pipeline does not have;
- the scale in the argument of another pipeline's call (`cross_attention_kwargs` for FLUX.1);
- a scale behind `fuse_lora`.

## Why
`load_lora_weights(path, lora_scale=0.5)` takes any argument and looks at those that it knows: the
LoRA counts in full, and nothing is said. The first argument of `fuse_lora` is `components`. The
scale of a call stands in `cross_attention_kwargs` for U-Nets, in `joint_attention_kwargs` for
FLUX.1 and Stable Diffusion 3, and in `attention_kwargs` for most others; a wrong one ends with
TypeError. What is merged already is not scaled any more. An address gives HFValidationError.

## Bad
```python
from diffusers import FluxPipeline
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
pipe.load_lora_weights("loras/ink.safetensors", lora_scale=0.5)
image = pipe("a cat", cross_attention_kwargs={"scale": 0.5}).images[0]
```

## Good
```python
from diffusers import FluxPipeline
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
pipe.load_lora_weights("loras/ink.safetensors", adapter_name="ink")
pipe.set_adapters(["ink"], [0.5])
image = pipe("a cat").images[0]
```

## Fix
Give the weight to `set_adapters(names, weights)` or, where the LoRA is merged, to
`fuse_lora(lora_scale=...)`.

## Source
diffusers 0.42.1 `loaders/lora_pipeline.py` (`load_lora_weights`, `lora_state_dict`), `loaders/
lora_base.py` (`fuse_lora`, `set_adapters`), `pipelines/` (`__call__`). Executed on a tiny Wan.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.pipeline_classes import (
    CROSS,
    SCALES,
    find_other_denoiser,
    find_scale_argument,
)
from loracheck.rules.support.pipeline_loras import (
    LOAD,
    TAKES_OFF,
    find_pipeline_call,
    get_adapter_names,
    list_pipelines,
    stand_in_one_block,
)
from loracheck.rules.support.script_adapters import get_literal, get_text, has_argument
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext
    from loracheck.rules.support.pipeline_loras import Pipeline

CODE = "LC135"
NAME = "pipeline-lora-arguments"
SEVERITY = "error"

_KNOWN = {
    LOAD: frozenset(
        {
            *("pretrained_model_name_or_path_or_dict", "adapter_name", "hotswap", "weight_name"),
            *("subfolder", "revision", "token", "use_safetensors", "local_files_only", "cache_dir"),
            *("force_download", "proxies", "low_cpu_mem_usage", "return_lora_metadata"),
            *("load_into_transformer_2", "unet_config", "use_auth_token", "resume_download"),
            *("mirror", "network_alphas", "user_agent", "metadata", "prefix"),
        }
    ),
    "fuse_lora": frozenset(
        {
            *("components", "lora_scale", "safe_fusing", "adapter_names"),
            *("fuse_unet", "fuse_transformer", "fuse_text_encoder"),
        }
    ),
}
"""Method -> the arguments that it looks at, those of releases from 0.21 on among them."""

_WEIGHT = compile_when_used(
    r"(?:lora_|adapter_|network_)?(?:scale|weights?|alpha|strength|multiplier)"
)
_NAMES = compile_when_used(r"names?|adapters?|adapter_names|lora_name")
_FILES = compile_when_used(r"file_?name|file|weights_name|weights_file|lora_file")
_ADDRESS = compile_when_used(r"https?://\S+")
_HUB = compile_when_used(r"https://huggingface\.co/([\w.-]+/[\w.-]+)(?:/\w+/\w+/(\S+))?")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such argument; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such argument of a file."""
    script = read_calls(document, "diffusers", "load_lora_weights")
    for pipeline in list_pipelines(document, script) if script is not None else ():
        if script is None or has_argument(pipeline.made, "custom_pipeline"):
            continue
        for use in pipeline.methods:
            if use.last in _KNOWN:
                yield from _check_unknown(document, use)
            if use.last == LOAD:
                yield from _check_address(document, use)
            yield from _check_components(document, pipeline, use)
        yield from _check_calls(document, script, pipeline)


def _check_unknown(document: Document, use: Use) -> Iterator[Hit]:
    """A hit for an argument that the method has no use for, where the author surely has one."""
    for name in use.arguments:
        if not isinstance(name, str) or name in _KNOWN[use.last]:
            continue
        if _WEIGHT.fullmatch(name):
            becomes, help_text = (
                ("the LoRA is merged in full", "write lora_scale")
                if use.last == "fuse_lora"
                else ("the LoRA counts in full", "give it to set_adapters([name], [weight])")
            )
        elif _NAMES.fullmatch(name):
            right = "adapter_names=[...]" if use.last == "fuse_lora" else "adapter_name"
            becomes, help_text = "the name is lost", f"write {right}"
        elif _FILES.fullmatch(name) and use.last == LOAD:
            becomes, help_text = "the file is looked for under its usual name", "write weight_name"
        else:
            continue
        yield Hit(
            f"{use.last} has no argument `{name}`, and passes over it: {becomes}",
            get_call_span(document, use),
            help=help_text,
            severity="warning",
        )


def _check_address(document: Document, use: Use) -> Iterator[Hit]:
    path = get_text(use, 0, "pretrained_model_name_or_path_or_dict") or ""
    if _ADDRESS.fullmatch(path) is None:
        return
    found = _HUB.fullmatch(path)
    help_text = "download the file, and give its path"
    if found is not None:
        file = f', weight_name="{found[2]}"' if found[2] else ""
        help_text = f'write load_lora_weights("{found[1]}"{file})'
    yield Hit(
        "the address of a web page is no repository and no file: HFValidationError",
        get_call_span(document, use),
        help=help_text,
    )


def _check_components(document: Document, pipeline: Pipeline, use: Use) -> Iterator[Hit]:
    """Hits for `components` that are none, or another pipeline's."""
    span = get_call_span(document, use)
    other = find_other_denoiser(pipeline.made)
    if use.last in ("fuse_lora", "unfuse_lora"):
        parts = get_literal(use, 0, "components")
        names = [one for one in parts if one] if isinstance(parts, (list, tuple)) else [parts]
        if isinstance(parts, float):
            yield Hit(
                f"the first argument of {use.last} is `components`: TypeError",
                span,
                help=f"write {use.last}(lora_scale={parts})",
            )
        elif parts is not None and (other in names or _are_adapters(pipeline, use, names)):
            yield Hit(
                f"`components`: {quote_names([str(name) for name in names])}: no part of this "
                "pipeline: ValueError",
                span,
                help="`components` names parts of the pipeline; adapters go to adapter_names",
            )
    weights = get_literal(use, 1, "adapter_weights") if use.last == "set_adapters" else None
    for weight in weights if isinstance(weights, (list, tuple)) else [weights]:
        if isinstance(weight, dict) and other in weight:
            yield Hit(
                f"the pipeline has no `{other}`: its weight is passed over",
                span,
                help="write " + ("`unet`" if other == "transformer" else "`transformer`"),
                severity="warning",
            )


def _are_adapters(pipeline: Pipeline, use: Use, parts: list[object]) -> bool:
    loads = pipeline.list_loads(use.number)
    names = [get_text(load, 1, "adapter_name") for load in loads]
    return any(name is not None and name in parts for name in names)


def _check_calls(document: Document, script: Script, pipeline: Pipeline) -> Iterator[Hit]:
    """Hits for the scale in calls of the pipeline."""
    right = find_scale_argument(pipeline.made)
    for use in script.uses:
        if use.called is None or find_pipeline_call(script, use.called) is not pipeline.made:
            continue
        for name in sorted(SCALES.intersection(map(str, use.arguments))):
            if right is not None and name != right and right != CROSS:
                yield Hit(
                    f"a call of this pipeline has no argument `{name}`: TypeError",
                    get_call_span(document, use),
                    help=f"write {right}, or give the weight to set_adapters",
                )
            elif isinstance(get_literal(use, name), dict) and "scale" in get_literal(use, name):
                yield from _check_merged(document, pipeline, use, name)


def _check_merged(document: Document, pipeline: Pipeline, use: Use, name: str) -> Iterator[Hit]:
    """A hit for a scale of LoRAs that are merged already, and not taken apart again."""
    changes = [one for one in pipeline.methods if one.number < use.number]
    fused = next((one for one in reversed(changes) if one.last == "fuse_lora"), None)
    later = changes[changes.index(fused) + 1 :] if fused is not None else []
    others = TAKES_OFF | {"unfuse_lora", LOAD}
    if fused is None or not pipeline.whole or any(one.last in others for one in later):
        return
    if get_adapter_names(fused, "adapter_names") is None and stand_in_one_block(
        document, fused, use
    ):
        yield Hit(
            f"the LoRA is merged already, and the scale in {name} has no effect",
            get_call_span(document, use),
            help="give it to fuse_lora as lora_scale, or leave the LoRA unmerged",
            severity="warning",
            spans=((get_call_span(document, fused), "merged here"),),
        )
