"""Adapters of a diffusers pipeline that it does not have, refuses, or does not use.

## What
- `set_adapters` or `fuse_lora(adapter_names=...)` of a pipeline with a name that none of its LoRAs
  was loaded under;
- as many weights as there are no names;
- two LoRAs of one name;
- several LoRAs, and no `set_adapters` before the pipeline is called.

## Why
The name is the one that `adapter_name` of `load_lora_weights` gives, `default_0`, `default_1` where
none is given; a file or repository is none. `set_adapters` ends with ValueError, "Adapter name(s)
... not in the list of present adapters" (before diffusers 0.31 it passes over the name), and
`fuse_lora` merges nothing without a word. A second LoRA takes the first one's place: both count
where `set_adapters` names both. Seen in huggingface/diffusers issue 12007.

## Bad
```python
from diffusers import FluxPipeline
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
pipe.load_lora_weights("loras/ink.safetensors")
pipe.set_adapters(["ink"], [0.8])
```

## Good
```python
from diffusers import FluxPipeline
pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
pipe.load_lora_weights("loras/ink.safetensors", adapter_name="ink")
pipe.set_adapters(["ink"], [0.8])
```

## Fix
Give `adapter_name` to `load_lora_weights`, and the same names, each once and with one weight each,
to `set_adapters`.

## Source
diffusers 0.42.1 `loaders/lora_base.py` (`set_adapters`, `fuse_lora`), `loaders/peft.py`
(`load_lora_adapter`, `set_adapters`). Executed on a tiny Flux.
"""

from __future__ import annotations

import re
from itertools import pairwise

from loracheck.rules.support.phrases import quote_names
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

CODE = "LC134"
NAME = "pipeline-adapters"
SEVERITY = "error"

_NAMES: dict[str, tuple[str | int, ...]] = {
    "set_adapters": (0, "adapter_names"),
    "fuse_lora": ("adapter_names",),
}
"""Method -> where it takes names of adapters."""

_CHOOSES = ("set_adapter", "fuse_lora", "hotswap", "load_into_transformer_2", "PeftModel")
"""Words of a file that makes more than the last adapter count."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    script = read_calls(document, "diffusers", "load_lora_weights")
    for pipeline in list_pipelines(document, script) if script is not None else ():
        for use in pipeline.methods:
            if use.last in _NAMES and use.complete:
                yield from _check_names(document, pipeline, use)
        yield from _check_repeated_name(document, pipeline)
        if script is not None and not any(word in document.source for word in _CHOOSES):
            yield from _check_replaced(document, script, pipeline)


def _check_names(document: Document, pipeline: Pipeline, use: Use) -> Iterator[Hit]:
    names = get_adapter_names(use, *_NAMES[use.last])
    if names is None:
        return
    weights = get_literal(use, 1, "adapter_weights") if use.last == "set_adapters" else None
    if isinstance(weights, (list, tuple)) and len(weights) != len(names):
        yield Hit(
            f"{len(names)} names and {len(weights)} weights: ValueError",
            get_call_span(document, use),
            help="give each adapter one weight, or one number for all of them",
        )
    there = _list_names(pipeline, use)
    for name in names if there else ():
        unnamed = re.fullmatch(r"default_\d+", name) is not None and "default_0" in there
        if name not in there and not unnamed:
            merges = "nothing is merged" if use.last == "fuse_lora" else "ValueError"
            yield Hit(
                f"the pipeline has no adapter `{name}`: {merges}",
                get_call_span(document, use),
                help=f"it has {quote_names(there)}; give adapter_name to {LOAD}",
                notes=("diffusers before 0.31 passes over the name",)
                if use.last == "set_adapters"
                else (),
            )
            return


def _list_names(pipeline: Pipeline, use: Use) -> list[str]:
    """The names of a pipeline's adapters at a call; none where they are not known."""
    names: list[str] = []
    unnamed = 0
    for load in pipeline.list_loads(use.number) if pipeline.whole else ():
        name = get_text(load, 1, "adapter_name")
        if name is None and (has_argument(load, 1, "adapter_name") or not load.complete):
            return []
        names.append(f"default_{unnamed}" if name is None else name)
        unnamed += name is None
    return list(dict.fromkeys(names))


def _check_repeated_name(document: Document, pipeline: Pipeline) -> Iterator[Hit]:
    """A hit for a LoRA that gets the name of the one that was loaded before it."""
    changes = [use for use in pipeline.methods if use.last == LOAD or use.last in TAKES_OFF]
    for first, second in pairwise(changes):
        name = get_text(first, 1, "adapter_name")
        swaps = {"hotswap", 2}.intersection(second.arguments) or not second.complete
        swaps = swaps or any("load_into_transformer_2" in use.arguments for use in (first, second))
        if first.last != LOAD or second.last != LOAD or not name or swaps:
            continue
        if get_text(second, 1, "adapter_name") == name and stand_in_one_block(
            document, first, second
        ):
            yield Hit(
                f"the pipeline has an adapter `{name}` already: ValueError",
                get_call_span(document, second),
                help="give it another adapter_name",
                spans=((get_call_span(document, first), "loaded here"),),
            )


def _check_replaced(document: Document, script: Script, pipeline: Pipeline) -> Iterator[Hit]:
    """A hit for the last of several LoRAs, with which the pipeline is called."""
    calls = (
        use
        for use in script.uses
        if use.called is not None and find_pipeline_call(script, use.called) is pipeline.made
    )
    call = next(calls, None)
    loads = pipeline.list_loads(call.number) if call is not None else []
    taken_off = any(use.last in TAKES_OFF or use.last == "disable_lora" for use in pipeline.methods)
    if call is None or len(loads) < 2 or taken_off or not pipeline.whole:
        return
    if stand_in_one_block(document, *loads, call):
        yield Hit(
            "the last LoRA alone counts: each that is loaded takes the place of those before it",
            get_call_span(document, loads[-1]),
            help="give each an adapter_name, and all of them to set_adapters([...])",
            severity="warning",
            spans=((get_call_span(document, loads[0]), "this one has no effect"),),
        )
