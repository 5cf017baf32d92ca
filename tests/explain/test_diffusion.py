"""What is told of a model of diffusers."""

from __future__ import annotations

import pytest

from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.model.overview import describe_model
from loracheck.pipeline.contexts import read_contexts
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.diffusers_bundle import load_index
from loracheck.trees.sources.request import Request

from .build import JOB

FLUX = "black-forest-labs/FLUX.1-dev"


def test_components_of_flux() -> None:
    found = {row.name: row.component for row in describe_model(FLUX, resolve(Request(FLUX))).rows}
    assert found["context_embedder"] == found["x_embedder"] == "embeddings"
    assert found["transformer_blocks.*.attn.add_q_proj"] == "attention"
    assert found["single_transformer_blocks.*.proj_mlp"] == "mlp"
    assert found["transformer_blocks.*.norm1_context.linear"] == "modulation"
    assert found["transformer_blocks.*.attn.to_out.0"] == "attention"
    assert found["transformer_blocks.*.ff.net.2"] == "mlp"
    assert found["proj_out"] == "other"


def test_the_choices_name_the_last_layers_of_attention_and_mlp() -> None:
    choices = describe_model(FLUX, resolve(Request(FLUX))).choices
    found = {one.name: one.fields["target_modules"] for one in choices}
    assert "to_out.0" in found["attention"]
    assert found["mlp"] == ["proj", "net.2", "proj_mlp"]


def test_a_unets_feed_forward_is_no_attention() -> None:
    model = "stabilityai/stable-diffusion-xl-base-1.0"
    found = {row.name: row.component for row in describe_model(model, resolve(Request(model))).rows}
    block = "down_blocks.*.attentions.*"
    assert found[f"{block}.transformer_blocks.*.ff.net.2"] == "mlp"
    assert found[f"{block}.transformer_blocks.*.attn2.to_out.0"] == "attention"
    assert found[f"{block}.proj_in"] == found["down_blocks.*.resnets.*.conv1"] == "other"


@pytest.mark.parametrize("model", sorted(load_index().entries)[::7])
def test_no_head_starts_untrained_and_nothing_is_a_tower(model: str) -> None:
    overview = describe_model(model, resolve(Request(model)))
    assert not {"head", "vision", "audio"} & {row.component for row in overview.rows}
    assert not [one for one in overview.pitfalls if one[0] in ("new-head", "vision-tower")]
    assert overview.choices


def test_what_a_tools_own_filters_choose() -> None:
    text = """
job: extension
config:
  process:
    - network:
        {type: lora, linear: 16, network_kwargs: {only_if_contains: [single_transformer_blocks.]}}
      model: {name_or_path: black-forest-labs/FLUX.1-dev, is_flux: true}
"""
    (context,) = read_contexts("a.yaml", JOB, text)
    impact = assess_setting(context)
    assert impact.reason == "the tool's own filters choose 228 of 494 layers"
    assert impact.refusal is None
