"""What verl 0.9.1 refuses (verl/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, equals, exceeds

REFUSALS = (
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora_rank", 512),
            equals("actor_rollout_ref.rollout.name", "vllm"),
        ),
        "lora_rank must be less than or equal to 512",
        "write a rank of 512 or less",
        "verl/workers/rollout/vllm_rollout/utils.py:98 (get_vllm_max_lora_rank)",
    ),
)
