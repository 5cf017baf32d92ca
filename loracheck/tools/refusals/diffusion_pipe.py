"""What diffusion-pipe (commit 8f83dbf) refuses."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    equals,
    exceeds,
    is_absent,
    is_given,
    matches,
)

REFUSALS = (
    Refusal(
        (is_given("adapter.alpha"),),
        "This script forces alpha=rank to make the saved adapter format simpler and more "
        "predictable with downstream inference programs. Please remove alpha from the config.",
        "take alpha out; the scale is 1",
        "train.py:119 (set_config_defaults)",
    ),
    Refusal(
        (equals("adapter.type", "lora", "lokr"), is_absent("adapter.rank")),
        "KeyError: 'rank'",
        "write rank = 32, or the rank that is meant",
        "train.py:122 (set_config_defaults)",
    ),
    *(
        Refusal(
            (is_given(key), is_absent(f"model.{key}"), equals("model.type", "wan")),
            "the model is trained over all timesteps",
            f"move {key} into [model]",
            "models/wan/wan.py:360 (prepare_inputs)",
            effect="drops",
        )
        for key in ("min_t", "max_t")
    ),
    Refusal(
        (exceeds("blocks_to_swap", 0), exceeds("pipeline_stages", 1)),
        "Block swapping only works with pipeline_stages=1",
        "write pipeline_stages = 1, or take blocks_to_swap out",
        "train.py:577",
    ),
    Refusal(
        (matches("activation_checkpointing", r"^(?!unsloth$)."),),
        "is not implemented",
        "write activation_checkpointing = true, or 'unsloth'",
        "train.py:598",
    ),
)
