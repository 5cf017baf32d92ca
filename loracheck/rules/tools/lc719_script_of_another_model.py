"""A training script, or a model family, that is not the one of the base model.

## What
The tool trains a model of one class, by its script's name or by the family that the file names, and
the base model's transformer or UNet is of another class.

## Why
Each of diffusers' scripts loads one class, `FluxTransformer2DModel.from_pretrained(...)`. Given the
files of another model, it passes over the arguments that it does not know and then stops at
weights of other sizes, or goes on with weights that were made at random.

## Bad
```sh
accelerate launch train_dreambooth_lora_flux.py --rank 16 --lora_alpha 16 \\
  --pretrained_model_name_or_path stabilityai/stable-diffusion-3-medium-diffusers
```

## Good
```sh
accelerate launch train_dreambooth_lora_sd3.py --rank 16 \\
  --pretrained_model_name_or_path stabilityai/stable-diffusion-3-medium-diffusers
```

## Fix
Use the script, or the family, of the model.

## Source
diffusers 0.42.1 `configuration_utils.py` (ConfigMixin.extract_init_dict),
`models/modeling_utils.py` (from_pretrained);
the scripts of diffusers commit 58eb52c `examples/dreambooth/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC719"
NAME = "script-of-another-model"
SEVERITY = "warning"
PARTS = ("transformer", "unet")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the bundled model is of another class than the one that the tool loads."""
    setting = context.setting
    model, heads = setting.model, setting.heads
    if setting.part not in PARTS or len(heads) != 1 or not isinstance(model, str):
        return
    if setting.model_place is None:
        return
    from loracheck.trees.sources.diffusers_bundle import find_pipeline

    found = find_pipeline(model)
    if found is None or found.tree.cls == heads[0]:
        return
    name = setting.tool.title.partition(" (")[0] if setting.tool else setting.tool_name
    yield Hit(
        f"{name} loads a {heads[0]} here, and {model} has a {found.tree.cls}",
        setting.model_place,
        help=f"use the script or family for {found.tree.cls}, or another model",
        field="model",
    )
