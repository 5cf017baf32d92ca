"""What OpenRLHF 0.11.0 does not do together (openrlhf/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, equals, exceeds, is_turned_on, started_by

_RANK = exceeds("ds.lora.rank|lora_rank", 0)
"""LoRA is on: the option of 0.10 and later, or that of older releases."""

REFUSALS = (
    Refusal(
        (_RANK, exceeds("vllm.num_engines|vllm_num_engines", 0)),
        "There is no module or parameter named 'base_model'",
        "train without vLLM (num_engines 0), or without LoRA",
        "openrlhf/trainer/ray/ppo_actor.py:477 (ActorPPOTrainer.broadcast_to_vllm): PEFT's names "
        "of the parameters go to vLLM as they are, whose load_weights stops at them",
    ),
    Refusal(
        (_RANK, started_by("train_rm")),
        "the reward head begins at random and is frozen, and the adapter is saved without it: with "
        "another random head it gives other rewards",
        "train the reward model in full, or with a tool that saves the head too",
        "openrlhf/models/model.py:131 (get_llm_for_sequence_regression), "
        "openrlhf/utils/deepspeed/deepspeed.py:565 (save_model)",
        effect="spoils",
    ),
    *(
        Refusal(
            (is_turned_on(f"{block}load_in_4bit"), equals(dtype, *values)),
            "we only support bnb_4bit_compute_dtype = bf16",
            f"write --{mend}",
            "openrlhf/models/actor.py:116, model.py:97",
        )
        for block, dtype, values, mend in (
            ("ds.", "ds.param_dtype", ("fp16", "fp32"), "ds.param_dtype bf16"),
            ("", "param_dtype", ("fp16", "fp32"), "param_dtype bf16"),
        )
    ),
    *(
        Refusal(
            (is_turned_on(bits), equals(rank, 0, default=0)),
            "weights in 4 bits take no gradient: only norms, embeddings and the head are trained",
            f"write --{rank} 64, or take --{bits} out",
            "openrlhf/models/actor.py:116 (Actor.__init__)",
            effect="drops",
        )
        for bits, rank in (("ds.load_in_4bit", "ds.lora.rank"), ("load_in_4bit", "lora_rank"))
    ),
)
