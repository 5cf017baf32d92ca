"""A LoRA on FLUX.1's input layer, of a variant with another number of inputs.

## What
The file changes `x_embedder`, and takes another number of inputs there than the model: 64 for
FLUX.1-dev, 128 for the control models (Depth, Canny), 384 for Fill.

## Why
diffusers widens the layer, or fills up with zeros; what the pipeline feeds it must be of the same
kind, and a second LoRA is loaded onto the widened layer. Other loaders refuse it. Seen in
https://github.com/huggingface/diffusers/issues/10180,
https://github.com/huggingface/diffusers/issues/10184 and
https://github.com/huggingface/diffusers/issues/11651.

## Bad
With `--model black-forest-labs/FLUX.1-dev`:
```lora
transformer.x_embedder.lora_A.weight F16 [16, 384]
transformer.x_embedder.lora_B.weight F16 [3072, 16]
```

## Good
With `--model black-forest-labs/FLUX.1-Fill-dev`:
```lora
transformer.x_embedder.lora_A.weight F16 [16, 384]
transformer.x_embedder.lora_B.weight F16 [3072, 16]
```

## Fix
Load it with the model and the pipeline of its kind: FluxControlPipeline for control LoRAs,
FLUX.1-Fill-dev and FluxFillPipeline for those of Fill.

## Source
diffusers 0.42.1 `loaders/lora_pipeline.py`
(FluxLoraLoaderMixin._maybe_expand_transformer_param_shape_or_error_).
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC615"
NAME = "lora-input-layer"
SEVERITY = "warning"
KINDS = {
    64: ("a text-to-image model", "FLUX.1-dev"),
    128: ("a control model", "FluxControlPipeline"),
    384: ("a Fill model", "FLUX.1-Fill-dev and FluxFillPipeline"),
}
"""Inputs of `x_embedder` -> kind of model, and what loads its LoRAs."""


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit where the numbers of inputs differ; a control LoRA is meant for FLUX.1-dev itself."""
    tree, fit = context.tree, context.fit
    if tree is None or fit is None or tree.cls != "FluxTransformer2DModel":
        return
    misfit = fit.misfits.get("x_embedder")
    if misfit is None:
        return
    (file_shape, _), (real, _) = misfit
    kind, loads = KINDS.get(file_shape or 0, ("another model", "the model that it was trained on"))
    wider = (
        file_shape is not None and real is not None and file_shape > real and file_shape != 2 * real
    )
    # its second half is another image than Fill's
    control = file_shape == 128 and real == 384
    yield Hit(
        f"`x_embedder` takes {file_shape} inputs in the file, which is one of {kind}, "
        f"and {real} in {context.model}",
        Span(1, 1, 1, 1),
        help=f"load it with {loads}",
        severity=None if wider or control else "note",
        notes=("diffusers widens the layer or fills it up with zeros; other loaders refuse it",),
    )
