"""A LoRA file whose alpha stands in the metadata alone.

## What
The metadata (`lora_adapter_metadata`) have an alpha that is not the rank, and no tensor has one.

## Why
diffusers reads it from `lora_adapter_metadata`, since 0.34. Loaders that read alphas from tensors
take the rank in its place: the LoRA runs at a scale of 1. Seen in
https://github.com/Comfy-Org/ComfyUI/pull/15830 and
https://github.com/huggingface/diffusers/issues/6087. Which of the two it is depends on the loader,
so it is a note; with `--serve` LC620 judges by the loader's own source.

## Bad
```lora
metadata lora_adapter_metadata {"transformer.r": 16, "transformer.lora_alpha": 64}
transformer.transformer_blocks.0.attn.to_q.lora_A.weight F16 [16, 3072]
transformer.transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 16]
```

## Good
```lora
metadata lora_adapter_metadata {"transformer.r": 16, "transformer.lora_alpha": 16}
transformer.transformer_blocks.0.attn.to_q.lora_A.weight F16 [16, 3072]
transformer.transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 16]
```

## Fix
Save the alphas as tensors too, or load it at the strength that the help names.

## Source
diffusers 0.42.1 `loaders/lora_base.py` (LORA_ADAPTER_METADATA_KEY); ComfyUI 0.3.64 `comfy/lora.py`
(load_lora).
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC617"
NAME = "lora-alpha-in-metadata"
SEVERITY = "note"
SHOWN = 3
"""Scales that are named, where the ranks differ."""


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit for the file."""
    metadata, scales = context.file.metadata, context.file.told_scales
    if metadata.alpha is None or all(scale == 1 for scale in scales):
        return
    text = " and ".join(f"{scale:g}" for scale in scales[:SHOWN])
    mend = f"load it with a strength of {text}" if len(scales) == 1 else "load it in diffusers"
    yield Hit(
        f"alpha {metadata.alpha:g} stands in the metadata (`{metadata.alpha_key}`) alone: loaders "
        f"that read tensors run it at 1 in place of {text}",
        Span(1, 1, 1, 1),
        help=f"save the alphas as tensors, or {mend}",
        notes=("diffusers reads it from lora_adapter_metadata, since 0.34",),
    )
