"""Models of diffusers for the differential run: every model class, a few blocks deep, on the meta
device. A spec is "diffusers/Class".
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any

from bench.trees import diffusers_models
from bench.trees.diffusers_models import CONFIGS

KIND = "diffusers"
FEW = {
    "num_layers": 2,
    "num_single_layers": 3,
    "num_refiner_layers": 1,
    "n_layers": 2,
    "n_refiner_layers": 1,
    "num_mmdit_layers": 1,
    "num_single_dit_layers": 2,
    "num_visual_blocks": 2,
    "num_text_blocks": 1,
    "depth": 2,
}
"""Numbers of blocks: PEFT looks at each module, and one block is like another."""
NO_BASE = (
    *("Autoencoder", "VQModel", "VAE", "Vae", "ControlNet", "Adapter", "Decoder"),
    *("Tokenizer", "Vocoder"),
)
"""Parts of the names of classes that nobody puts LoRA on. Those of sound have weights by
`torch.nn.utils.weight_norm`, of which `copy.deepcopy` raises RuntimeError (torch 2.13.0), so
`peft_side.ask_peft`, which copies the model, cannot be asked. PEFT 0.21.2 itself takes them: on the
model without a copy it adds LoRA to such a Conv1d (Cosmos3AVAEAudioTokenizer, MiniMaxMusic3Vocoder
and LongCatAudioDiTVae of diffusers 0.42.1).
"""


@cache
def list_specs() -> list[str]:
    """A spec for each class that is trained with LoRA."""
    names = [name for name in diffusers_models.list_types() if "/" not in name]
    return [f"{KIND}/{name}" for name in names if not any(part in name for part in NO_BASE)]


def build(name: str) -> Any:
    """The model of a class: its defaults, or a small config where there are none, with few blocks.
    Raises what the constructor raises.
    """
    import torch

    cls = getattr(import_module("diffusers.models"), name)
    own = json.loads(CONFIGS.read_text("utf-8")).get(name)
    few = {key: FEW[key] for key in FEW if key in signature(cls.__init__).parameters}
    with torch.device("meta"):
        try:
            return cls.from_config(own if own is not None else few)
        except (ValueError, TypeError, AssertionError, IndexError):  # numbers that go together
            return cls.from_config({})
