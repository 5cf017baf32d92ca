"""A program of `--serve` does not load the LoRA file, or not as it was trained.

## What
With `--serve comfyui`, `forge`, `a1111` or `diffusers` (`==0.3.49` for a release): the names, the
kind (LoHa, LoKr, DoRA, ...) or the alpha of the file is something that the program passes over or
computes otherwise.

## Why
Most programs pass over names that they do not know, with a line in a log: the image is made, and
the LoRA has no effect. Seen in https://github.com/huggingface/finetrainers/issues/133,
https://github.com/Comfy-Org/ComfyUI/issues/4607 and
https://github.com/AUTOMATIC1111/stable-diffusion-webui/issues/8360.

## Bad
With `--model Lightricks/LTX-Video --serve comfyui`:
```lora
transformer.transformer_blocks.0.attn1.to_q.lora_A.weight F16 [16, 2048]
transformer.transformer_blocks.0.attn1.to_q.lora_B.weight F16 [2048, 16]
```

## Good
With `--model Lightricks/LTX-Video --serve comfyui`:
```lora
diffusion_model.transformer_blocks.0.attn1.to_q.lora_A.weight F16 [16, 2048]
diffusion_model.transformer_blocks.0.attn1.to_q.lora_B.weight F16 [2048, 16]
```

## Fix
The finding says what the program reads. Of what was not read in its source nothing is said.

## Source
The sources named with each fact in `loracheck/engines/data/lora_files/`: Comfy-Org/ComfyUI
`comfy/lora.py`, lllyasviel/stable-diffusion-webui-forge, AUTOMATIC1111/stable-diffusion-webui
`extensions-builtin/Lora/networks.py`, diffusers `loaders/`.
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.engines import judge
from loracheck.rules.support.lora_file_traits import find_traits
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.engines import Engine, Refusal
    from loracheck.rules.lora_file_context import LoraFileContext
    from loracheck.rules.types import Severity

CODE = "LC620"
NAME = "lora-loader"
SEVERITY = "error"


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit for each thing that a program does not do with the file."""
    if not context.engines or not context.file.changed:
        return
    cls = context.tree.cls if context.tree is not None else None
    traits = find_traits(context)
    for engine in context.engines:
        for refusal in judge(engine, traits, cls):
            yield _build_hit(engine, refusal, len(context.file.changed))


def _build_hit(engine: Engine, refusal: Refusal, count: int) -> Hit:
    some = refusal.trait.count
    part = f" ({some:,} of {count:,} modules)" if some and some < count else ""
    whole = not some or some >= count
    severity: Severity = (
        "error"
        if refusal.effect == "refused" or (whole and refusal.effect == "ignored")
        else "warning"
    )
    return Hit(
        f"{engine.label}: {refusal.text}{part}",
        Span(1, 1, 1, 1),
        help=refusal.help,
        notes=(f"source: {refusal.source}", *(f"seen in {seen}" for seen in refusal.seen)),
        severity=severity,
    )
