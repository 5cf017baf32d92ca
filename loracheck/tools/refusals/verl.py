"""What verl 0.9.1 refuses, and what the engines of 0.10.0.dev make of LoRA (verl/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    exceeds,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    started_by,
    unless,
)

_DUMMY = ("dummy", "dummy_dtensor", "dummy_hf", "dummy_megatron")
_WHOLE = "the whole model is trained"
_FSDP_ONLY = "verl/workers/engine/fsdp/transformer_impl.py:320 (FSDPEngine._build_lora_module)"
_WITHOUT_LORA = ("veomni", "torchtitan", "automodel")
"""Engines that build no LoRA: theirs is the whole model, whatever `lora_rank` says."""

_BACKENDS = tuple(
    Refusal(
        (exceeds(rank, 0), equals(key, *_WITHOUT_LORA)),
        f"this engine builds no LoRA: {_WHOLE}",
        f"write {key}: {mend}",
        f"{_FSDP_ONLY}; verl/workers/engine/veomni/transformer_impl.py:309, torchtitan and "
        "automodel beside it",
        effect="drops",
    )
    for rank, key, mend in (
        ("actor_rollout_ref.model.lora_rank", "actor_rollout_ref.actor.strategy", "fsdp2"),
        ("actor_rollout_ref.model.lora_rank", "model_engine", "dp"),
        ("critic.model.lora_rank", "critic.strategy", "fsdp2"),
        ("model.lora_rank", "engine", "fsdp"),
        ("model.lora_rank", "engine.strategy", "fsdp2"),
    )
)

_MEGATRON = tuple(
    Refusal(
        (exceeds(f"{block}lora_rank", 0), equals(key, "megatron"), is_turned_off(other)),
        f"Megatron reads the `lora` block alone: {_WHOLE}",
        f"write {block}lora.rank and lora.alpha",
        "verl/workers/config/megatron_peft.py:23 (get_peft_cls)",
        effect="drops",
    )
    for block, key, other in (
        ("actor_rollout_ref.model.", "model_engine", "actor_rollout_ref.model.lora.rank"),
        ("critic.model.", "critic.strategy", "critic.model.lora.rank"),
        ("model.", "engine", "model.lora.rank"),
        ("model.", "engine.strategy", "model.lora.rank"),
    )
)

REFUSALS = (
    *_BACKENDS,
    *_MEGATRON,
    Refusal(
        (
            exceeds("model.lora.rank", 0),
            equals("engine", "fsdp", default="fsdp"),
            is_turned_off("model.lora_rank"),
            started_by("sft_trainer", "sft_trainer_ray"),
        ),
        f"the `lora` block is Megatron's: with FSDP {_WHOLE}",
        "write model.lora_rank, model.lora_alpha and model.target_modules",
        "verl/workers/engine/fsdp/transformer_impl.py:143",
        effect="drops",
    ),
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora_rank", 512),
            equals("actor_rollout_ref.rollout.name", "vllm"),
            unless("actor_rollout_ref.model.lora.merge"),
        ),
        "lora_rank must be less than or equal to 512",
        "write a rank of 512 or less",
        "verl/workers/rollout/vllm_rollout/utils.py:98 (get_vllm_max_lora_rank)",
    ),
    Refusal(
        (
            matches("actor_rollout_ref.model.target_modules", r"^(?!all-linear$)."),
            equals("actor_rollout_ref.rollout.name", "sglang"),
            exceeds("actor_rollout_ref.model.lora_rank", 0),
            unless("actor_rollout_ref.model.lora.merge"),
        ),
        "SGLang cannot serve a regex `target_modules`",
        "write all-linear, or a list of module names",
        "verl/workers/rollout/sglang_rollout/utils.py:98 (sglang_lora_target_modules)",
    ),
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora.rank", 512),
            equals("actor_rollout_ref.rollout.name", "vllm"),
            unless("actor_rollout_ref.model.lora.merge"),
        ),
        "lora_rank must be less than or equal to 512",
        "write a rank of 512 or less",
        "verl/workers/rollout/vllm_rollout/utils.py:98 (get_vllm_max_lora_rank)",
    ),
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora.rank", 0),
            equals("actor_rollout_ref.actor.strategy", "fsdp", "fsdp2"),
            is_turned_off("actor_rollout_ref.model.lora_rank"),
        ),
        "the `lora` block is Megatron's: with FSDP the whole model is trained",
        "write lora_rank, lora_alpha and target_modules in `model` itself",
        "verl/workers/engine/fsdp/transformer_impl.py:162",
        effect="drops",
    ),
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora_rank", 0),
            equals("actor_rollout_ref.actor.strategy", "megatron"),
            is_turned_off("actor_rollout_ref.model.lora.rank"),
        ),
        "Megatron reads the `lora` block alone: the whole model is trained",
        "write lora: {rank: ...} in `model`",
        "verl/workers/config/megatron_peft.py:23 (get_peft_cls)",
        effect="drops",
    ),
    Refusal(
        (
            is_given("actor_rollout_ref.model.lora.exclude_modules"),
            differs("actor_rollout_ref.model.lora.exclude_modules", []),
            exceeds("actor_rollout_ref.model.lora.rank", 0),
            is_given("actor_rollout_ref.model.lora.target_modules"),
            differs("actor_rollout_ref.model.lora.target_modules", []),
        ),
        "exclude_modules should be empty when using target_modules",
        "write target_modules: [] beside it, or take exclude_modules out",
        "Megatron-Bridge src/megatron/bridge/peft/module_matcher.py:142 (ModuleMatcher.match)",
    ),
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora.rank", 0),
            is_turned_on("actor_rollout_ref.actor.megatron.vanilla_mbridge"),
        ),
        "LoRA/PEFT only supported via Megatron-Bridge",
        "write vanilla_mbridge: False, which is the default since 0.9",
        "verl/workers/config/megatron_peft.py:26 (get_peft_cls)",
    ),
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora.rank", 0),
            equals("actor_rollout_ref.actor.megatron.use_mbridge", False),
        ),
        "use_mbridge must be True",
        "write use_mbridge: True",
        "verl/workers/engine/megatron/transformer_impl.py:191 (MegatronEngine.__init__)",
    ),
    Refusal(
        (
            is_turned_on("actor_rollout_ref.rollout.layered_summon"),
            exceeds("actor_rollout_ref.model.lora_rank", 0),
            equals("actor_rollout_ref.rollout.load_format", *_DUMMY, default="dummy"),
            equals("actor_rollout_ref.actor.strategy", "fsdp", "fsdp2", default="fsdp"),
            unless("actor_rollout_ref.model.lora.merge"),
        ),
        "To use layered_summon, you must make sure base-model is preloaded in vllm",
        "write actor_rollout_ref.rollout.load_format=safetensors",
        "verl/utils/fsdp_utils.py:727 (collect_lora_params); load_format is dummy where nothing is "
        "given (trainer/config/rollout/rollout.yaml)",
    ),
    Refusal(
        (
            is_given("actor_rollout_ref.model.lora_adapter_path"),
            equals("actor_rollout_ref.model.lora_rank", 0),
            equals("actor_rollout_ref.actor.strategy", "fsdp", "fsdp2", default="fsdp"),
        ),
        "the adapter is not loaded, and the whole model is trained",
        "write lora_rank: the rank of the adapter",
        "verl/workers/engine/fsdp/transformer_impl.py:162 (FSDPEngine)",
        effect="drops",
    ),
    Refusal(
        (
            exceeds("actor_rollout_ref.model.lora_rank", 0),
            matches("config_name", r"^ppo_megatron_trainer(?:\.ya?ml)?$"),
        ),
        "the Megatron trainer reads the `lora` block alone: the whole model is trained",
        "write actor_rollout_ref.model.lora.rank and lora.alpha",
        "verl/trainer/config/ppo_megatron_trainer.yaml, "
        "verl/workers/config/megatron_peft.py:23 (get_peft_cls)",
        effect="drops",
        note="releases of 2025 refuse the key: Key 'lora_rank' is not in struct",
    ),
)
