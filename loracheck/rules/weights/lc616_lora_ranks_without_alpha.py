"""Several ranks in a LoRA file that has no alpha.

## What
The modules have different ranks, and neither tensors nor metadata have an alpha.

## Why
Loaders take the rank for the alpha, which is a scale of 1. diffusers before 0.40 takes one rank for
all of them, so that the layers of other ranks run at a fraction or a multiple. Seen in
https://github.com/huggingface/diffusers/pull/14409.

## Bad
```lora
transformer.transformer_blocks.0.attn.to_q.lora_A.weight F16 [64, 3072]
transformer.transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 64]
transformer.transformer_blocks.0.attn.to_k.lora_A.weight F16 [16, 3072]
transformer.transformer_blocks.0.attn.to_k.lora_B.weight F16 [3072, 16]
```

## Good
```lora
transformer.transformer_blocks.0.attn.to_q.lora_A.weight F16 [16, 3072]
transformer.transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 16]
transformer.transformer_blocks.0.attn.to_k.lora_A.weight F16 [16, 3072]
transformer.transformer_blocks.0.attn.to_k.lora_B.weight F16 [3072, 16]
```

## Fix
Load it with diffusers 0.40 or newer, or save an alpha for each module.

## Source
diffusers 0.39.0 and 0.40.0 `utils/peft_utils.py` (get_peft_kwargs).
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC616"
NAME = "lora-ranks-without-alpha"
SEVERITY = "note"


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit for the file."""
    file = context.file
    modules = [module for module in file.changed if module.kind == "lora"]
    ranks = sorted({module.rank for module in modules if module.rank is not None})
    if len(ranks) < 2 or file.metadata.alpha is not None:
        return
    if any("alpha" in module.tensors for module in modules):
        return
    text = ", ".join(map(str, ranks[:6])) + (", ..." if len(ranks) > 6 else "")
    yield Hit(
        f"its modules have {len(ranks)} ranks ({text}) and no alpha: diffusers before 0.40 scales "
        "them by one rank for all",
        Span(1, 1, 1, 1),
        help="load it with diffusers 0.40 or newer, or save an alpha for each module",
    )
