"""What OpenRLHF 0.11.0 does not do together (openrlhf/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, exceeds, started_by

_VLLM = "There is no module or parameter named 'base_model'"
_WITHOUT_VLLM = "train without vLLM (num_engines 0), or without LoRA"
_BROADCAST = "openrlhf/trainer/ray/ppo_actor.py:477 (ActorPPOTrainer.broadcast_to_vllm)"
_FROZEN = (
    "the reward head begins at random and is frozen, and the adapter is saved without it: with "
    "another random head it gives other rewards"
)
_HEAD = "train the reward model in full, or with a tool that saves the head too"

REFUSALS = (
    Refusal(
        (exceeds("ds.lora.rank", 0), exceeds("vllm.num_engines", 0)),
        _VLLM,
        _WITHOUT_VLLM,
        f"{_BROADCAST}: PEFT's names of the parameters go to vLLM as they are, whose load_weights "
        "stops at them",
    ),
    Refusal(
        (exceeds("lora_rank", 0), exceeds("vllm_num_engines", 0)),
        _VLLM,
        _WITHOUT_VLLM,
        f"{_BROADCAST}: PEFT's names of the parameters go to vLLM as they are, whose load_weights "
        "stops at them",
    ),
    Refusal(
        (exceeds("ds.lora.rank", 0), started_by("train_rm")),
        _FROZEN,
        _HEAD,
        "openrlhf/models/model.py:131 (get_llm_for_sequence_regression), "
        "openrlhf/utils/deepspeed/deepspeed.py:565 (save_model)",
        effect="spoils",
    ),
    Refusal(
        (exceeds("lora_rank", 0), started_by("train_rm")),
        _FROZEN,
        _HEAD,
        "openrlhf/models/model.py:131 (get_llm_for_sequence_regression), "
        "openrlhf/utils/deepspeed/deepspeed.py:565 (save_model)",
        effect="spoils",
    ),
)
