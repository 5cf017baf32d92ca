"""An adapter that is put on a module inside of a model: PEFT is given that very module."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from bench.oracle import models, peft_side, plan_side
from loracheck.trees.submodule import select_submodule

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning"),
]

PLACES = {
    "clip/Model": ("vision_model", "text_model.encoder"),
    "t5/Seq2SeqLM": ("encoder", "decoder.block"),
    "llava/ImageTextToText": ("model.language_model", "model.vision_tower"),
    "bert/SequenceClassification": ("bert.encoder", "bert"),
}
CONFIGS: list[dict[str, Any]] = [
    {"target_modules": ["q_proj", "q", "query", "layer.1.attention.self.value", "0.q"]},
    {"target_modules": "all-linear", "r": 4},
    {"target_modules": r".*(self_attn|SelfAttention|self)\.(v_proj|v|value)", "bias": "all"},
    {"target_modules": ["v_proj", "v", "value"], "layers_to_transform": [1]},
    {"target_modules": ["k_proj", "k", "key"], "modules_to_save": ["final_layer_norm", "pooler"]},
    {"target_modules": ["lm_head", "classifier"]},
]


@pytest.mark.parametrize(
    ("spec", "name"), [(spec, name) for spec, names in PLACES.items() for name in names]
)
def test_the_plan_is_what_peft_does_to_it(spec: str, name: str) -> None:
    model = models.build(spec)
    tree = select_submodule(plan_side.build_tree(model), name)
    assert tree is not None
    for config in CONFIGS:
        theirs = peft_side.ask_peft(model.get_submodule(name), config)
        ours = plan_side.ask_plan(tree, config)
        assert (theirs.wrapped, theirs.saved) == (ours.wrapped, ours.saved), config
        assert (theirs.error is None) == (ours.error is None), config
        assert theirs.dead == ours.dead, config


def test_a_name_that_no_module_has() -> None:
    tree = plan_side.build_tree(models.build("t5/Seq2SeqLM"))
    assert select_submodule(tree, "vision_tower") is None
