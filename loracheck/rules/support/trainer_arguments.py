"""Arguments that the trainers of TRL and transformers, and their configs, took once and do not take
any more, as data: class -> argument -> the first release without it, and what to write instead.

TRL: read in each of its releases from 0.4.2 to 1.9.0 and run with 1.16.0. transformers: read in
4.45.2, 4.49.0, 4.51.3, 4.57.6, 5.0.0, 5.12.0, run with 5.24.0; the release is the first of these
without the argument. `python -m bench.oracle.trainer_arguments` holds them against the libraries.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple


class Gone(NamedTuple):
    """An argument that is not taken any more."""

    since: str
    """The first release without it."""

    mend: str
    """What to write instead."""


def _move(since: str, config: str, *names: str) -> dict[str, Gone]:
    """Arguments of a trainer that are its config's now, under the same names."""
    return {name: Gone(since, f"{config}({name}=...)") for name in names}


def _drop(since: str, *names: str) -> dict[str, Gone]:
    """Arguments that nothing has taken the place of."""
    return {name: Gone(since, f"leave {name} out") for name in names}


def _rename(since: str, **names: str) -> dict[str, Gone]:
    """Arguments with another name now."""
    return {old: Gone(since, f"{new} for {old}") for old, new in names.items()}


TRL: dict[str, dict[str, Gone]] = {
    "SFTTrainer": {
        **_rename("0.16.0", tokenizer="processing_class"),
        **_move("0.13.0", "SFTConfig", "dataset_text_field", "packing", "eval_packing"),
        **_move("0.13.0", "SFTConfig", "dataset_num_proc", "dataset_kwargs", "model_init_kwargs"),
        **_move("0.13.0", "SFTConfig", "neftune_noise_alpha"),
        **_drop("0.13.0", "dataset_batch_size", "num_of_sequences", "chars_per_token", "infinite"),
        "max_seq_length": Gone("0.13.0", "SFTConfig(max_length=...) for max_seq_length"),
        "model_init": Gone("0.15.0", "model=model_init() for model_init"),
    },
    "SFTConfig": {
        **_rename("0.20.0", max_seq_length="max_length"),
        **_rename("0.18.0", use_liger="use_liger_kernel"),
        **_drop("0.18.0", "dataset_batch_size", "num_of_sequences", "chars_per_token"),
    },
    "DPOTrainer": {
        **_rename("0.16.0", tokenizer="processing_class"),
        **_move("0.13.0", "DPOConfig", "beta", "loss_type", "label_smoothing", "max_length"),
        **_move("0.13.0", "DPOConfig", "truncation_mode", "disable_dropout", "dataset_num_proc"),
        **_move("0.13.0", "DPOConfig", "model_init_kwargs", "precompute_ref_log_probs"),
        **_drop("0.13.0", "max_prompt_length", "max_target_length", "generate_during_eval"),
        **_drop("0.13.0", "padding_value", "label_pad_token_id", "is_encoder_decoder"),
        **_drop("0.13.0", "reference_free", "force_use_ref_model", "ref_model_init_kwargs"),
        **_drop("0.13.0", "model_adapter_name", "ref_adapter_name"),
        **_drop("0.29.0", "preprocess_logits_for_metrics", "optimizer_cls_and_kwargs"),
        "model_init": Gone("0.19.0", "model=model_init() for model_init"),
    },
    "DPOConfig": {
        **_drop("0.29.0", "max_prompt_length", "max_completion_length", "generate_during_eval"),
        **_drop("0.29.0", "label_pad_token_id", "reference_free", "force_use_ref_model"),
        **_drop("0.29.0", "ref_model_init_kwargs", "rpo_alpha", "base_model_attribute_name"),
        **_drop("0.29.0", "model_adapter_name", "ref_adapter_name"),
        **_drop("0.26.0", "padding_value"),
        **_drop("0.15.0", "is_encoder_decoder"),
        **_drop("0.14.0", "max_target_length"),
        **_rename("0.28.0", use_liger_loss="use_liger_kernel"),
    },
    "GRPOConfig": {
        **_drop("0.28.0", "max_prompt_length"),
        **_drop("0.18.0", "vllm_device", "vllm_dtype", "vllm_enable_prefix_caching"),
        **_rename("0.18.0", vllm_max_model_len="vllm_max_model_length"),
        **_rename("0.28.0", use_liger_loss="use_liger_kernel"),
    },
    "GRPOTrainer": {
        **_rename("0.14.0", tokenizer="processing_class", reward_func="reward_funcs"),
        **_move("0.14.0", "GRPOConfig", "beta", "num_generations", "max_completion_length"),
        **_move("0.14.0", "GRPOConfig", "temperature", "model_init_kwargs"),
        **_drop("0.14.0", "ref_model", "data_collator", "compute_metrics", "formatting_func"),
        **_drop("0.14.0", "max_seq_length", "dataset_text_field", "packing", "max_prompt_length"),
    },
    "RewardTrainer": {
        **_rename("0.15.0", tokenizer="processing_class"),
        **_move("0.14.0", "RewardConfig", "max_length"),
        "model_init": Gone("0.24.0", "model=model_init() for model_init"),
    },
    "KTOTrainer": _rename("0.14.0", tokenizer="processing_class"),
    "CPOTrainer": _rename("0.14.0", tokenizer="processing_class"),
    "ORPOTrainer": _rename("0.15.0", tokenizer="processing_class"),
}
"""Of TRL's trainers and configs; GRPOTrainer, which is there since 0.14.0, never took its own."""

FIRST_RELEASES = {"GRPOTrainer": "0.14.0"}
"""Trainers that came when the arguments above were gone: no release takes those."""

TRANSFORMERS_OF_TRL = {
    **dict.fromkeys(("0.13.0", "0.14.0", "0.15.0", "0.16.0"), "4.46.0"),
    "0.18.0": "4.50.0",
    "0.19.0": "4.51.0",
    "0.20.0": "4.53.2",
    "0.24.0": "4.56.1",
    "0.26.0": "4.56.1",
    **dict.fromkeys(("0.28.0", "0.29.0"), "4.56.2"),
}
"""The oldest transformers that each of these releases of TRL runs with: what its own requirements
say.
"""

_ARGUMENTS: dict[str, Gone] = {
    **_rename("4.51.3", evaluation_strategy="eval_strategy"),
    **_rename("5.0.0", no_cuda="use_cpu", push_to_hub_token="hub_token"),
    **_rename("5.0.0", push_to_hub_model_id="hub_model_id"),
    **_rename("5.0.0", per_gpu_train_batch_size="per_device_train_batch_size"),
    **_rename("5.0.0", per_gpu_eval_batch_size="per_device_eval_batch_size"),
    **_drop("5.0.0", "overwrite_output_dir", "save_safetensors", "use_mps_device"),
    **_drop("5.0.0", "fp16_backend", "fp16_opt_level", "half_precision_backend"),
    "adafactor": Gone("5.0.0", 'optim="adafactor" for adafactor'),
    "include_inputs_for_metrics": Gone(
        "5.0.0", 'include_for_metrics=["inputs"] for include_inputs_for_metrics'
    ),
    "group_by_length": Gone(
        "5.12.0", 'train_sampling_strategy="group_by_length" for group_by_length'
    ),
    "warmup_ratio": Gone("5.24.0", "warmup_steps, which takes a share below 1, for warmup_ratio"),
    "logging_dir": Gone("5.24.0", "TENSORBOARD_LOGGING_DIR in the environment, not logging_dir"),
}

TRANSFORMERS: dict[str, dict[str, Gone]] = {
    **dict.fromkeys(("Trainer", "Seq2SeqTrainer"), _rename("5.0.0", tokenizer="processing_class")),
    **dict.fromkeys(("TrainingArguments", "Seq2SeqTrainingArguments"), _ARGUMENTS),
}
"""Of transformers' trainers and their arguments."""
