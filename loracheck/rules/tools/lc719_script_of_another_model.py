"""A training script, or a model family, that is not the one of the base model.

## What
The tool trains a model of one class, by its script's name or by the family that the file names, and
the base model's transformer or UNet is of another class; or the class is the same and the model is
not, as with Stable Diffusion 1.5 and XL.

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
kohya-ss/sd-scripts commit 48d368f `train_network.py`, `sdxl_train_network.py` (load_target_model);
diffusers 0.42.1 `configuration_utils.py` (ConfigMixin.extract_init_dict),
`models/modeling_utils.py` (from_pretrained);
the scripts of diffusers commit 58eb52c `examples/dreambooth/`.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.setting import Setting

CODE = "LC719"
NAME = "script-of-another-model"
SEVERITY = "warning"
PARTS = ("transformer", "unet")


KINDS = {"None": "Stable Diffusion 1 and 2", "text_time": "Stable Diffusion XL"}
"""What models of one class, UNet2DConditionModel, are told by: `addition_embed_type`."""


class Requirement(NamedTuple):
    """The model that the tool loads, and what it must be."""

    model: str
    place: Path
    cls: str
    kinds: tuple[str, ...]
    """What `addition_embed_type` may be; any where there are none."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the bundled model is of another class than the one that the tool loads, or of
    another kind of the same class.
    """
    from loracheck.trees.sources.diffusers_bundle import find_pipeline

    setting = context.setting
    model_kind = _find_wanted(setting)
    pipeline = find_pipeline(model_kind.model) if model_kind is not None else None
    if model_kind is None or pipeline is None:
        return
    name = setting.tool.title.partition(" (")[0] if setting.tool else setting.tool_name
    name = f"{setting.behaviour.program}.py" if setting.behaviour.program else name
    kind = str(pipeline.config.get("addition_embed_type"))
    if pipeline.tree.cls != model_kind.cls:
        right = pipeline.tree.cls
        says = f"{name} loads a {model_kind.cls} here, and {model_kind.model} has a {right}"
    elif (
        model_kind.kinds
        and kind not in model_kind.kinds
        and {kind, model_kind.kinds[0]} <= KINDS.keys()
    ):
        right, trained = KINDS[kind], KINDS[model_kind.kinds[0]]
        says = f"{name} trains {trained} here, and {model_kind.model} is a model of {right}"
    else:
        return
    yield Hit(
        says,
        model_kind.place,
        help=f"use the script or family for {right}, or another model",
        field="model",
    )


def _find_wanted(setting: Setting) -> Requirement | None:
    """What the file says of both; None where it says one of them alone."""
    from loracheck.trees.sources.diffusers_bundle import find_pipeline

    model, behaviour = setting.model, setting.behaviour
    if setting.part not in PARTS or not isinstance(model, str):
        return None
    if behaviour.checkpoint is not None:
        like = find_pipeline(model)
        kind = str(like.config.get("addition_embed_type")) if like is not None else ""
        cls = like.tree.cls if like is not None else None
        return Requirement(*behaviour.checkpoint, cls, (kind,)) if cls else None
    if setting.model_place is None or len(setting.heads) != 1:
        return None
    kinds = map(str, behaviour.model_config.get("addition_embed_type", ()))
    return Requirement(model, setting.model_place, setting.heads[0], tuple(kinds))
