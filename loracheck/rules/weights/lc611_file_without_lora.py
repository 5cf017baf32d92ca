"""A file of weights that holds no LoRA.

## What
A .safetensors file was named, and none of its tensors is part of a LoRA: a whole checkpoint, a
merged model, or the vectors of a textual inversion.

## Why
A loader for LoRA files refuses it, or loads it and changes nothing. Seen in
https://github.com/huggingface/diffusers/issues/11657.

## Bad
```lora
model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight F16 [320, 320]
```

## Good
```lora
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight F16 [8, 320]
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight F16 [320, 8]
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.alpha F16 [] = 8
```

## Fix
Load it as a model (`from_single_file`), or as an embedding (`load_textual_inversion`).

## Source
diffusers 0.42.1 `loaders/lora_pipeline.py` (load_lora_weights: "Invalid LoRA checkpoint").
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC611"
NAME = "file-without-lora"
SEVERITY = "warning"
EMBEDDINGS = frozenset({"emb_params", "clip_l", "clip_g", "t5xxl", "<|endoftext|>"})
"""Names of the vectors of a textual inversion (AUTOMATIC1111's and diffusers' files)."""


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit for a file without a module that a LoRA changes."""
    file = context.file
    if file.changed:
        return
    count = len(file.tensors)
    if not count:
        yield Hit("there is no tensor in it", Span(1, 1, 1, 1), help="save the LoRA again")
        return
    embedding = count <= len(EMBEDDINGS) and EMBEDDINGS.issuperset(file.tensors)
    what = "the vectors of a textual inversion" if embedding else "no LoRA"
    yield Hit(
        f"none of its {count:,} tensors is part of a LoRA"
        if count > 1
        else "its only tensor is no part of a LoRA",
        Span(1, 1, 1, 1),
        help="load it with load_textual_inversion"
        if embedding
        else "load it as a model, not as a LoRA",
        notes=(f"it holds {what}; first {quote_names(list(file.tensors)[:1])}",),
    )
