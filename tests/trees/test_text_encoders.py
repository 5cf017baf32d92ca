"""The text encoders of Stable Diffusion, models of transformers: what trainers put LoRA on there.

kohya's networks take the linear layers in `CLIPAttention` and `CLIPMLP` (sd-scripts 48d368f
`networks/lora.py`, TEXT_ENCODER_TARGET_REPLACE_MODULE); its logs print 72 for CLIP-L and 192 for
OpenCLIP bigG (kohya-ss/sd-scripts issue 2236). diffusers' scripts name four layers of attention.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from loracheck.plan import plan
from loracheck.trees.builder import build
from loracheck.trees.model import ModuleTree

pytestmark = pytest.mark.skipif(find_spec("transformers") is None, reason="no transformers here")

CLIP_L = {
    "architectures": ["CLIPTextModel"],
    "model_type": "clip_text_model",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
}
BIG_G = {
    "architectures": ["CLIPTextModelWithProjection"],
    "model_type": "clip_text_model",
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "projection_dim": 1280,
}
SCRIPTS: dict[str, Any] = {"r": 4, "target_modules": ["q_proj", "k_proj", "v_proj", "out_proj"]}


def count_of_kohya(tree: ModuleTree) -> int:
    found = [one.name for one in tree.modules() if one.node.kind == "Linear"]
    return sum(".self_attn." in name or ".mlp." in name for name in found)


@pytest.mark.parametrize(("config", "count"), [(CLIP_L, 72), (BIG_G, 192)])
def test_the_layers_are_those_that_the_trainers_count(
    config: dict[str, object], count: int
) -> None:
    tree = build(config)
    assert count_of_kohya(tree) == count
    found = plan(SCRIPTS, tree)
    assert found is not None and found.error is None
    assert found.targeted == count * 4 // 6
