"""What LLaMA-Factory 0.9.6.dev0 makes of keys that another kind of training reads, and of a
template that it does not have (src/llamafactory).
"""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    is_absent,
    is_given,
    is_turned_on,
    matches,
    unless,
)

_LORA = equals("finetuning_type", "lora", default="lora")
_TEMPLATE = "data/template.py:683 (get_template_and_fix_tokenizer)"
_TEMPLATES = (
    ("qwen", ("qwen1.5", "qwen1_5", "qwen2", "qwen2.5", "qwen2_5", "qwen-2.5", "qwen25")),
    ("qwen2_vl", ("qwen2_5_vl", "qwen2.5_vl", "qwen2.5-vl", "qwen2vl", "qwen25_vl", "qwen2-vl")),
    ("qwen3_vl", ("qwen3-vl", "qwen3vl")),
    ("qwen3", ("qwen3_moe", "qwen3-moe")),
    ("llama3", ("llama3.1", "llama3_1", "llama3.2", "llama3_2", "llama3.3", "llama3_3", "llama-3")),
    ("mllama", ("llama3_vision", "llama3.2_vision", "llama3_2_vision")),
    ("deepseekr1", ("deepseek-r1", "deepseek_r1")),
    ("deepseek3", ("deepseekv3", "deepseek-v3", "deepseek_v3")),
    ("glm4", ("chatglm4", "glm-4", "glm4-9b")),
    ("gpt_oss", ("gpt-oss", "gptoss")),
    ("intern_vl", ("internvl", "internvl2_5", "internvl3")),
    ("intern2", ("internlm2_5", "internlm2.5")),
    ("phi", ("phi3", "phi-3")),
    ("phi4", ("phi-4",)),
    ("gemma3", ("gemma-3",)),
    ("gemma2", ("gemma-2",)),
    ("minicpm_v", ("minicpmv", "minicpm-v")),
)
"""Names of models that no release up to 0.9.6.dev0 has a template of, and the one for them."""

_QWEN_VL = matches("model_name_or_path", r"(?i)qwen[\d.]*-(?:vl|omni)|llava")
"""Models whose projector has no layer with a name that the language model has too: what `all` finds
there would reach it.
"""

TRAINING = (
    *(
        Refusal(
            (equals("template", *wrong),),
            "Template does not exist.",
            f"write template: {right}",
            _TEMPLATE,
            note="a template of one's own may have the name",
        )
        for right, wrong in _TEMPLATES
    ),
    Refusal(
        (
            is_given("dataset"),
            is_given("output_dir"),
            is_given("stage"),
            is_given("learning_rate|num_train_epochs|max_steps"),
            is_absent("do_train"),
            unless("do_eval|do_predict|predict_with_generate"),
            unless("export_dir"),
        ),
        "nothing is trained: the run ends once the model is loaded",
        "write do_train: true",
        "train/sft/workflow.py:120 (run_sft); the other stages alike",
        effect="drops",
    ),
    Refusal(
        (
            is_given("freeze_trainable_layers|freeze_trainable_modules|freeze_extra_modules"),
            _LORA,
            is_turned_on("do_train"),
            unless("use_llama_pro"),
        ),
        "only finetuning_type: freeze reads it: LoRA is put on every layer",
        "take it out, or name the modules of the layers in lora_target "
        "(lora_target: layers.30.self_attn.q_proj,...)",
        "model/adapter.py:57 (_setup_freeze_tuning), :147 (_setup_lora_tuning)",
        effect="drops",
    ),
    Refusal(
        (
            equals("freeze_multi_modal_projector", False),
            _LORA,
            equals("lora_target", "all", default="all"),
            is_turned_on("freeze_vision_tower", default=True),
            unless("adapter_name_or_path"),
            _QWEN_VL,
        ),
        "lora_target: all leaves the projector out all the same",
        "train it in full beside LoRA by additional_target, or name its layers in lora_target",
        "model/model_utils/misc.py:29 (find_all_linear_modules)",
        effect="drops",
    ),
    Refusal(
        (
            is_given("adapter_name_or_path"),
            equals("stage", "dpo", "kto"),
            is_absent("ref_model"),
            is_turned_on("do_train"),
            unless("create_new_adapter"),
            differs("pref_loss", "orpo", "simpo"),
            _LORA,
        ),
        "the reference is model_name_or_path without the adapter, not the model that the adapter "
        "makes of it",
        "write create_new_adapter: true, which merges the adapter first and trains a new one, or "
        "give ref_model and ref_model_adapters",
        "train/trainer_utils.py:115 (create_ref_model); train/dpo/trainer.py "
        "(compute_reference_log_probs)",
        effect="tells",
    ),
    Refusal(
        (
            is_given("lora_rank|lora_alpha|lora_target|lora_dropout"),
            equals("finetuning_type", "full", "freeze"),
            is_turned_on("do_train"),
        ),
        "no LoRA is put on the model",
        "write finetuning_type: lora, or take the keys of LoRA out",
        "model/adapter.py:317 (init_adapter)",
        effect="unread",
    ),
    Refusal(
        (is_given("task"), is_given("n_shot|lang|task_dir|save_dir"), unless("do_train")),
        "Evaluation will be deprecated in the future.",
        "evaluate the merged model with lm-evaluation-harness or a program of its kind, or run "
        "llamafactory-cli eval of 0.9.3",
        "launcher.py:147 (launch)",
        note="since 0.9.4",
    ),
    Refusal(
        (is_given("task"), is_given("split"), is_given("n_shot|lang|task_dir|save_dir")),
        "Some keys are not used by the HfArgumentParser",
        "take split out, and write it behind the task: task: mmlu_test",
        "hparams/evaluation_args.py (EvaluationArguments)",
        note="releases before 0.8.3 have the key",
    ),
)
