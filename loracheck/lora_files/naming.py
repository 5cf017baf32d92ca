"""Whose layout the names of a file have (diffusers', a trainer's), and whether they are the model's
own.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from math import prod

from loracheck.type_checking import TYPE_CHECKING

from .reach import LORA_KINDS

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

    from .model import LoraFile, LoraModule
    from .sides import Sides

LAYOUTS = {
    "peft": "PEFT (`base_model.model.`)",
    "diffusers": "diffusers (`transformer.`, `unet.`)",
    "diffusers-processor": "diffusers before 0.20 (`processor.to_q_lora`)",
    "lora-unet": "kohya (`lora_unet_`)",
    "lora-transformer": "OneTrainer (`lora_transformer_`)",
    "lycoris": "SimpleTuner's LyCORIS (`lycoris_`)",
    "comfyui": "ComfyUI (`diffusion_model.`)",
    "xlabs": "XLabs (`processor.qkv_lora`)",
    "bfl": "BFL's control LoRAs (`img_in.lora_A`)",
    "bare": "no prefix",
}
"""Layout -> its name in reports."""

KINDS = {
    "lora": "LoRA",
    "loha": "LoHa",
    "lokr": "LoKr",
    "oft": "OFT",
    "glora": "GLoRA",
    "ia3": "IA3",
    "diff": "full difference",
}
"""Kind of change -> its name in reports."""


def detect_layout(module: LoraModule) -> str:
    """The layout of one module's names, a key of LAYOUTS."""
    if module.style == "_lora.down":
        xlabs = module.stem.startswith(("double_blocks.", "single_blocks."))
        return "xlabs" if xlabs else "diffusers-processor"
    text = module.prefix.text
    if "base_model.model." in text:
        return "peft"
    for start, layout in _BY_PREFIX:
        if text.startswith(start):
            return layout
    return "bare"


_BY_PREFIX = (
    ("lora_transformer_", "lora-transformer"),
    ("lycoris_", "lycoris"),
    ("lora_", "lora-unet"),
    ("oft_", "lora-unet"),
    ("diffusion_model.", "comfyui"),
    ("model.diffusion_model.", "comfyui"),
    ("text_encoders.", "comfyui"),
    ("transformer", "diffusers"),
    ("unet.", "diffusers"),
    ("prior.", "diffusers"),
    ("text_", "diffusers"),
)


def count_layouts(file: LoraFile) -> dict[str, int]:
    """Layout -> number of modules, the most common first."""
    if any(name.endswith("query_norm.scale") for name in file.others):
        return {"bfl": len(file.changed)}
    return dict(Counter(map(detect_layout, file.changed)).most_common())


def count_change_kinds(file: LoraFile) -> dict[str, int]:
    """Kind of change in words -> number of modules, the most common first."""
    words = []
    for module in file.changed:
        name = KINDS[module.kind]
        if module.kind == "lora" and module.is_convolution:
            name = "LoRA on a convolution (LoCon)"
        words.append(f"{name} with DoRA" if module.is_dora else name)
    return dict(Counter(words).most_common())


class ModelNames:
    """The names of a model's modules."""

    def __init__(self, tree: ModuleTree) -> None:
        self.tree = tree

    @cached_property
    def joined(self) -> dict[str, str]:
        """A module's name with underscores for dots -> its name."""
        return {module.name.replace(".", "_"): module.name for module in self.tree.modules()}


def collect_own_layers(file: LoraFile, names: ModelNames) -> dict[str, Sides]:
    """The denoiser's modules whose names are those of layers of the model, with their sides."""
    layers: dict[str, Sides] = {}
    for module in file.denoiser:
        name = find_own_name(module, names)
        node = names.tree.find(name) if name is not None else None
        if name is not None and node is not None and node.kind in LORA_KINDS:
            layers[name] = module.sides
    return layers


def find_own_name(module: LoraModule, names: ModelNames) -> str | None:
    """The model's own name of a module that the file calls by it; None where it has another."""
    if module.prefix.joined:
        return names.joined.get(module.name)
    tree = names.tree
    name = module.name.replace(".processor.to_", ".to_")
    if name.endswith(".to_out") and tree.find(f"{name}.0") is not None:
        name += ".0"
    return name if name and tree.find(name) is not None else None


def count_parameters(file: LoraFile) -> int:
    """The numbers that the file adds to a model: the elements of all matrices."""
    return sum(
        prod(tensor.shape)
        for module in file.changed
        for role, tensor in module.tensors.items()
        if role != "alpha"
    )
