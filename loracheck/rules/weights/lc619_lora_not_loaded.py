"""diffusers' loader stops at a LoRA file, or finds nothing in it.

## What
diffusers' own `load_lora_weights` for the model's pipelines was run on the names and shapes of the
file: it raises an error, or hands no layer to the model that the model has.

## Why
With `--serve diffusers` it is an error: the pipeline stops, or warns and runs without the LoRA. It
is a note otherwise, as other programs may load the file. Seen in
https://github.com/huggingface/diffusers/issues/11657,
https://github.com/huggingface/diffusers/issues/10398 and
https://github.com/huggingface/diffusers/issues/9178.

## Bad
With `--model black-forest-labs/FLUX.1-dev --serve diffusers`:
```lora
transformer_blocks.0.attn.to_q.lora_A.weight F16 [16, 3072]
transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 16]
```

## Good
With `--model black-forest-labs/FLUX.1-dev --serve diffusers`:
```lora
transformer.transformer_blocks.0.attn.to_q.lora_A.weight F16 [16, 3072]
transformer.transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 16]
```

## Fix
Write the prefix of the pipeline's part (`transformer.`, `unet.`) before the names, or load the file
into the part itself: `pipe.transformer.load_lora_adapter(path, prefix=None)`.

## Source
diffusers 0.42.1 `loaders/lora_pipeline.py`, `loaders/lora_conversion_utils.py`, executed on a
stand-in for torch.
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.lora_files.reach import find_error
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.lora_file_context import LoraFileContext
    from loracheck.rules.types import Severity

CODE = "LC619"
NAME = "lora-not-loaded"
SEVERITY = "error"


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit where diffusers raises, reaches nothing, or leaves layers out."""
    names, fit = context.loader_result.names, context.loaded_fit
    if names is None or fit is None or not context.file.denoiser or fit.misfits:
        return
    served = context.serves("diffusers")
    if not served and context.fit is None and context.is_foreign:
        return  # it is for another model, as LC614 says
    severity: Severity = "error" if served else "note"
    who = f"diffusers {names.version} ({names.loader})"
    error = find_error(names, context.tree) if context.tree is not None else names.error
    if error is not None:
        yield Hit(
            f"{who} stops at this file: {error[:300]}",
            Span(1, 1, 1, 1),
            help=_mend(context),
            severity=severity,
        )
    elif names.unsure and not names.layers:
        yield Hit(
            f"whether {who} loads this file is not known from the header: it looks at values",
            Span(1, 1, 1, 1),
            severity="note",
        )
    elif not fit.reached:
        yield Hit(
            f"{who} finds no layer of {context.model or 'the model'} in this file: it would run "
            "without the LoRA",
            Span(1, 1, 1, 1),
            help=_mend(context),
            severity=severity,
        )
    elif fit.missing:
        own_fit = context.own_fit
        if own_fit is not None and len(own_fit.reached) > len(fit.reached):
            yield Hit(
                f"{who} leaves {len(fit.missing):,} of {len(fit.missing) + len(fit.reached):,} "
                "layers out",
                Span(1, 1, 1, 1),
                help=_mend(context),
                notes=(f"first `{fit.missing[0]}`",),
                severity="warning" if served else "note",
            )
    texts = len(context.file.changed) - len(context.file.denoiser)
    if error is None and fit.reached and texts and not sum(names.texts.values()):
        yield Hit(
            f"{who} leaves out the {texts:,} modules of text encoders",
            Span(1, 1, 1, 1),
            help="load it with the program that its names are made for, or train without the text "
            "encoders",
            severity="warning" if served else "note",
        )


def _mend(context: LoraFileContext) -> str:
    """What to do, by what the names are."""
    file, fit = context.file, context.own_fit
    part = (
        "unet"
        if context.tree is not None and "UNet" in (context.tree.cls or "")
        else ("transformer")
    )
    prefix = file.denoiser[0].prefix
    bare = prefix.text in ("", "base_model.model.")
    if fit is not None and fit.reached and bare:
        return f"write `{part}.` before the names, or load it with " + (
            f"pipe.{part}.load_lora_adapter(path, prefix=None)"
        )
    if fit is not None and fit.reached and not prefix.joined:
        if prefix.text == f"{part}.":
            return "write `.lora_A.weight` and `.lora_B.weight` after the names of the layers"
        return f"write `{part}.` in the place of `{prefix.text}`"
    if prefix.text == "lycoris_":
        return "load it in ComfyUI, or with the tool that trained it: diffusers knows no `lycoris_`"
    if not all(module.kind == "lora" for module in file.denoiser):
        return "load it in ComfyUI, or merge it into the model with the tool that trained it"
    return (
        "load it with the program that its names are made for, or convert the names to diffusers'"
    )
