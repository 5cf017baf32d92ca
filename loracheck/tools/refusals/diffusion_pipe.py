"""What diffusion-pipe (commit 8f83dbf) refuses."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, equals, is_absent, is_given

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
)
