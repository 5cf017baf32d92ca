"""Modules of a LoRA file that cannot be computed.

## What
One of the two matrices of a module is missing, their ranks are not the same, or its alpha is zero
or no number.

## Why
Loaders stop at half a module with a KeyError, and at ranks that differ with a size error; an alpha
of zero turns the module off. Seen in https://github.com/huggingface/diffusers/issues/3910.

## Bad
```lora
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight F16 [8, 320]
```

## Good
```lora
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight F16 [8, 320]
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight F16 [320, 8]
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.alpha F16 [] = 8
```

## Fix
Save or download the file again.

## Source
diffusers 0.42.1 `loaders/lora_conversion_utils.py` (the converters take both matrices); ComfyUI
0.3.64 `comfy/weight_adapter/lora.py`.
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.rules.support.phrases import count_of, have_or_has
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.lora_files.model import LoraModule
    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC618"
NAME = "lora-file-damaged"
SEVERITY = "error"
SCALED = frozenset({"lora", "loha", "lokr", "glora"})
"""Kinds whose change is multiplied by alpha / rank; OFT's alpha is its constraint, 0 by default
(LyCORIS 4.1.3 `lycoris/modules/diag_oft.py`, `boft.py`).
"""


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit for each kind of damage."""
    modules = [module for module in context.file.changed if module.kind == "lora"]
    scaled = [module for module in context.file.changed if module.kind in SCALED]
    halves = [module for module in modules if not {"down", "up"} <= module.tensors.keys()]
    ranks = [module for module in modules if len(set(module.ranks)) > 1]
    dead = [m for m in scaled if m.alpha is not None and not _is_usable(m.alpha)]
    if halves:
        yield _build_hit(halves, len(modules), "only one of two matrices")
    if ranks:
        yield _build_hit(ranks, len(modules), "matrices of different ranks")
    if dead:
        hit = _build_hit(dead, len(scaled), f"an alpha of {dead[0].alpha:g}")
        yield hit._replace(help="train it with an alpha above 0, or save the file again")


def _is_usable(alpha: float) -> bool:
    return alpha != 0 and abs(alpha) < float("inf")  # NaN is less than nothing


def _build_hit(modules: list[LoraModule], count: int, text: str) -> Hit:
    return Hit(
        f"{count_of(len(modules), count, 'module')} {have_or_has(len(modules))} {text}",
        Span(1, 1, 1, 1),
        help="save or download the file again",
        notes=(f"first `{modules[0].stem}`",),
    )
