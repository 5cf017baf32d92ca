"""What is told of a model of diffusers."""

from __future__ import annotations

import pytest

from loracheck.explain.model.overview import describe_model
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.diffusers_bundle import load_index
from loracheck.trees.sources.request import Request

FLUX = "black-forest-labs/FLUX.1-dev"


def test_components_of_flux() -> None:
    found = {row.name: row.component for row in describe_model(FLUX, resolve(Request(FLUX))).rows}
    assert found["context_embedder"] == found["x_embedder"] == "embeddings"
    assert found["transformer_blocks.*.attn.add_q_proj"] == "attention"
    assert found["single_transformer_blocks.*.proj_mlp"] == "mlp"
    assert found["transformer_blocks.*.norm1_context.linear"] == "norms"
    assert found["proj_out"] == "other"


@pytest.mark.parametrize("model", sorted(load_index().entries)[::7])
def test_no_head_starts_untrained_and_nothing_is_a_tower(model: str) -> None:
    overview = describe_model(model, resolve(Request(model)))
    assert not {"head", "vision", "audio"} & {row.component for row in overview.rows}
    assert not [one for one in overview.pitfalls if one[0] in ("new-head", "vision-tower")]
    assert overview.choices
