"""A LoRA file whose layers are not the model's.

## What
The base model is named, by --model or by the file's metadata, and some layers of the file are not
in it or have other sizes; or they are layers that diffusers has fused (`to_qkv`), where the model
has three.

## Why
Layers that are not there are passed over, sizes that differ end the loading with an error: a LoRA
of Stable Diffusion 1.5 on SDXL, of a 14B model on 1.3B, of image-to-video on text-to-video. Seen in
https://github.com/Comfy-Org/ComfyUI/issues/10222,
https://github.com/instantX-research/InstantID/issues/116 and
https://github.com/huggingface/diffusers/issues/10804.

## Bad
With `--model stabilityai/stable-diffusion-xl-base-1.0`:
```lora
lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight F16 [8, 768]
lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight F16 [640, 8]
lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.alpha F16 [] = 8
```

## Good
With `--model stable-diffusion-v1-5/stable-diffusion-v1-5`:
```lora
lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight F16 [8, 768]
lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight F16 [640, 8]
lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.alpha F16 [] = 8
```

## Fix
Load it with the model that it was trained on; `loracheck explain FILE` names those that its sizes
fit.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (set_peft_model_state_dict: size mismatch), diffusers 0.42.1
`loaders/peft.py` (unexpected keys), executed.
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.rules.support.phrases import have_or_has, is_or_are, quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.lora_files.reach import Fit
    from loracheck.lora_files.sides import Sides
    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC614"
NAME = "lora-of-another-model"
SEVERITY = "error"
SHOWN = 6
"""Base models that a note names."""


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit where layers are missing or of other sizes."""
    tree, fit = context.tree, context.fit
    if tree is None or not context.file.denoiser:
        return
    if fit is None:
        if context.is_for_diffusers and context.is_foreign:
            count = len(context.file.denoiser)
            none = "its only layer is not" if count == 1 else f"none of its {count:,} layers is"
            yield _build_hit(context, f"{none} in {_describe_model(context)}")
        elif context.is_for_diffusers and (parts := _find_parts(context)):
            yield _build_fused_hit(context, parts)
        return
    wrong = _find_wrong_sizes(context, fit)
    missing = [name for name in fit.missing if name]
    count = len(fit.reached) + len(fit.misfits) + len(fit.missing)
    if wrong:
        name, (file_shape, real) = next(iter(wrong.items()))
        text = (
            f"{_count_own(len(wrong), count)} {have_or_has(len(wrong))} other sizes in "
            f"{_describe_model(context)}"
        )
        yield _build_hit(
            context,
            text,
            f"first `{name}`: {_format_sizes(file_shape)} here, {_format_sizes(real)} there",
        )
    elif missing and fit.reached:
        text = (
            f"{_count_own(len(missing), count)} {is_or_are(len(missing))} not in "
            f"{_describe_model(context)}"
        )
        yield _build_hit(context, text, f"first `{missing[0]}`")
    elif strangers := context.find_strangers():
        count = len(context.file.denoiser)
        text = f"{len(strangers):,} of its {count:,} layers are not in {_describe_model(context)}"
        yield _build_hit(context, text, f"first `{strangers[0].stem}`")


def _find_parts(context: LoraFileContext) -> list[str]:
    """What the model has in the place of a layer that diffusers has fused (`to_qkv`), where all
    names are in diffusers' own layout and the model has none of them; empty for another file.
    """
    from loracheck.rules.support.diffusion_names import names_in_diffusers
    from loracheck.trees.groups import Splitter, group_modules

    names, fit, tree = context.loader_result.names, context.loaded_fit, context.tree
    plain = all(module.prefix.text in PLAIN for module in context.file.denoiser)
    if not plain or names is None or names.error or fit is None or tree is None:
        return []
    last = fit.missing[0].rpartition(".")[2] if fit.missing else ""
    groups = list(group_modules(tree, Splitter()))
    return names_in_diffusers(last, tree, groups) if last else []


def _build_fused_hit(context: LoraFileContext, parts: list[str]) -> Hit:
    count = len(context.file.denoiser)
    none = "its only layer is not" if count == 1 else f"none of its {count:,} layers is"
    return Hit(
        f"{none} in {_describe_model(context)}; there they are {quote_names(parts)}",
        Span(1, 1, 1, 1),
        help="split each of them into these layers, or save it without fused projections",
        severity="warning",
    )


PLAIN = frozenset({"transformer.", "unet."})
"""What names in diffusers' own layout begin with."""


def _count_own(number: int, total: int) -> str:
    return "its only layer" if total == 1 else f"{number:,} of its {total:,} layers"


def _find_wrong_sizes(context: LoraFileContext, fit: Fit) -> dict[str, tuple[Sides, Sides]]:
    """Layers of other sizes, without the input layer of FLUX.1's variants (LC615)."""
    if context.tree is not None and context.tree.cls == "FluxTransformer2DModel":
        return {name: sides for name, sides in fit.misfits.items() if name != "x_embedder"}
    return fit.misfits


def _build_hit(context: LoraFileContext, text: str, first: str | None = None) -> Hit:
    notes = [first] if first else []
    models = [base.name for base in context.bases] if context.is_for_diffusers else []
    if models:
        more = f" and {len(models) - SHOWN} more" if len(models) > SHOWN else ""
        notes.append(f"its layers fit {', '.join(models[:SHOWN])}{more}")
    evidence = f"; `{context.named_by}` names that model" if context.named_by else ""
    return Hit(
        text + evidence,
        Span(1, 1, 1, 1),
        help=f"load it with {models[0]}" if models else "load it with the model it was trained on",
        notes=tuple(notes),
        severity="warning" if context.named_by else None,
    )


def _describe_model(context: LoraFileContext) -> str:
    cls = context.tree.cls if context.tree is not None else None
    return f"{context.model or 'the model'} ({cls})"


def _format_sizes(sides: Sides) -> str:
    inputs, outputs = ("?" if side is None else str(side) for side in sides)
    return f"{inputs} in, {outputs} out"
