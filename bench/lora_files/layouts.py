"""LoRA files in the layouts in which they are published, as names and shapes of tensors.

Those of trainers have the modules that the trainers' own code chose (`headers.json`, made by
`tools.py`); those of diffusers and PEFT the modules of a model's tree.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from loracheck.trees.model import ModuleTree

HEADERS = Path(__file__).parent / "headers.json"
RANK = 4
Shapes = dict[str, list[int]]


class Layout(NamedTuple):
    """How a layout names a module's tensors."""

    prefix: str
    joined: bool
    """Whether dots become underscores."""

    down: str = ".lora_A.weight"
    up: str = ".lora_B.weight"
    alpha: bool = False


KOHYA = Layout("lora_unet_", True, ".lora_down.weight", ".lora_up.weight", alpha=True)
LAYOUTS = {
    "kohya": KOHYA,
    "comfyui": Layout("diffusion_model.", False),
    "comfyui-down": Layout("diffusion_model.", False, ".lora_down.weight", ".lora_up.weight"),
    "bare": Layout("", False),
}
"""Layouts with the trainers' own names of modules."""

TREE_LAYOUTS = {
    "diffusers": Layout("{part}.", False),
    "diffusers-down": Layout("{part}.", False, ".lora.down.weight", ".lora.up.weight"),
    "peft": Layout("base_model.model.", False),
    "left-in": Layout("{part}.base_model.model.", False),
    "lora-transformer": Layout(
        "lora_transformer_", True, ".lora_down.weight", ".lora_up.weight", alpha=True
    ),
    "comfyui-own": Layout("diffusion_model.", False),
}
"""Layouts with diffusers' names of modules."""


def read_headers() -> dict[str, tuple[str, list[tuple[str, list[int]]]]]:
    """Name -> (hub id of the model, the modules with their weights' shapes)."""
    data = json.loads(HEADERS.read_text("utf-8"))
    return {
        name: (one["model"], [tuple(row) for row in one["modules"]]) for name, one in data.items()
    }


def name_tensors(
    modules: list[tuple[str, list[int]]], layout: Layout, part: str = "transformer"
) -> Shapes:
    """The tensors of a LoRA on these modules."""
    found: Shapes = {}
    for name, (outputs, inputs, *kernel) in modules:
        own = name.replace(".", "_") if layout.joined else name
        stem = layout.prefix.format(part=part) + own
        found[stem + layout.down] = [RANK, inputs, *kernel]
        found[stem + layout.up] = [outputs, RANK, *(1 for _ in kernel)]
        if layout.alpha:
            found[f"{stem}.alpha"] = []
    return found


def tree_modules(
    tree: ModuleTree, take: Callable[[str], bool] | None = None
) -> list[tuple[str, list[int]]]:
    """The linear layers of the first blocks of a tree, with their weights' shapes."""
    found = []
    for module in tree.modules():
        weight = module.node.parameter("weight")
        numbers = [int(word) for word in module.name.split(".") if word.isdecimal()]
        if module.node.kind != "Linear" or weight is None or len(weight.shape) != 2:
            continue
        if (numbers[0] < 1 if numbers else True) and (take is None or take(module.name)):
            found.append((module.name, list(weight.shape)))
    return found
