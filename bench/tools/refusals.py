"""`python -m bench.tools.refusals TOOL...`: ask the installed tools whether they refuse what
`loracheck/tools/refusals/` says, and write tests/tools/refused/.

For each refusal there is a file that has all of its conditions, and for each condition one that
lacks it. In go these files, out comes what the tool's own validator says of each.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loracheck.tools.core.refusal import PROGRAM
from loracheck.tools.core.refusal_lookup import load_refusals

from .answers import installed_version
from .validators import ASKED, NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.refusal import Condition, Refusal

PACKAGES = {"autotrain": "autotrain-advanced"}
"""The package of a tool, where it is not called as the tool is."""

FOLDER = Path(__file__).parents[2] / "tests" / "tools" / "refused"

BASES: dict[str, dict[str, Any]] = {
    "axolotl": {
        "base_model": "a/b",
        "adapter": "lora",
        "datasets": [{"path": "a/b", "type": "alpaca"}],
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 1,
        "num_epochs": 1,
        "learning_rate": 1e-4,
        "sequence_len": 512,
        "lora_r": 8,
        "lora_alpha": 16,
        "lora_target_modules": ["q_proj"],
    },
    "llamafactory": {
        "model_name_or_path": "a/b",
        "stage": "sft",
        "do_train": True,
        "dataset": "a",
        "template": "default",
        "output_dir": "refused_out",
        "lora_rank": 8,
        "report_to": "none",
    },
    "trl": {"model_name_or_path": "a/b", "lora_r": 8, "use_peft": True},
    "torchtune": {
        "model": {
            "_component_": "torchtune.models.llama3_2.lora_llama3_2_1b",
            "lora_attn_modules": ["q_proj"],
            "lora_rank": 8,
            "lora_alpha": 16,
        }
    },
    "oumi": {
        "model": {"model_name": "a/b"},
        "training": {"use_peft": True},
        "data": {"train": {"datasets": [{"dataset_name": "a/c"}]}},
    },
    "ms-swift": {
        "model": "a/b",
        "tuner_type": "lora",
        "dataset": ["a/c"],
        "report_to": ["none"],
    },
    "litgpt": {"checkpoint_dir": "checkpoints/a/b", "lora_r": 8},
    "autotrain": {"model": "a/b", "peft": True},
}
"""What a file has beside the keys of a refusal."""

MATCHING = {
    "adapter": ("peft",),
    "adapter_name_or_path": ("a/b,c/d",),
    "deepspeed": ("examples/deepspeed/ds_z3_config.json",),
    "optimizer": ("adamw_8bit", "SGD"),
    "optimizer.class_path": ("torch.optim.SGD",),
    "quantize": ("bnb.nf4",),
    "precision": ("bf16-mixed",),
    "training.trainer_type": ("TRL_SFT",),
}
"""Values of each key in one of which the pattern of some refusal is found."""

SAMPLES: dict[str, Any] = {
    "lr_groups": [{"name": "a", "modules": ["q_proj"], "lr": 1e-4}],
    "unfrozen_parameters": ["lm_head"],
    "peft_layers_to_transform": [0],
    "peft": {"loftq_config": {"loftq_bits": 4}},
    "qat": {"weight_dtype": "int8"},
    "rl": "dpo",
    "fsdp": ["full_shard"],
    "fsdp_config": {"offload_params": False},
    "deepspeed": "zero2.json",
    "jagged_restart_steps": 10,
    "loraplus_lr_ratio": 16.0,
    "model_quantization_config": "Mxfp4Config",
    "adapter": "lora",
    "adapter_name_or_path": "a/c",
    "quantization_bit": 4,
    "reward_model": "a/d",
    "model.apply_lora_to_output": True,
    "model.lora_attn_modules": ["q_proj"],
    "model.decoder_trainable": "full",
    "lora_modules_to_save": ["embed_tokens"],
    "ref_model_quantization_bit": 3,
    "reward_model_quantization_bit": 3,
    "quant_method": "bnb",
    "quant_bits": 4,
    "ref_model": "a/d",
    "train.max_tokens": 1000,
    "train.max_norm": 1.0,
    "train.lr_warmup_fraction": 0.1,
    "deepspeed.train_batch_size": "auto",
    **dict.fromkeys(("learning_rate", "num_train_epochs", "train_batch_size"), 1),
    **dict.fromkeys(("repo_id", "evaluation_strategy"), "a"),
}
"""A value for a key that must be set."""

OTHERS: dict[str, Any] = {
    "finetuning_type": "full",
    "adapter": "llama-adapter",
    "fsdp_version": 1,
    "optimizer": "adamw_torch",
    "infer_backend": "huggingface",
    "quantization_bit": 3,
    "ref_model_quantization_bit": 3,
    "reward_model_quantization_bit": 3,
    "pref_loss": "sigmoid",
    "model._component_": "torchtune.models.llama3_2.lora_llama3_2_1b",
    "quant_method": "bnb",
    "quant_bits": 3,
    "tuner_type": "full",
    "optimizer.class_path": "torch.optim.AdamW",
    "training.mixed_precision_dtype": "NONE",
    "training.trainer_type": "TRL_SFT",
    "deepspeed.train_batch_size": 8,
    "model.torch_dtype_str": "bfloat16",
}
"""A value for a key that must be none of some."""


NOT_ASKED = frozenset(
    {
        "Bitsandbytes only accepts 4-bit or 8-bit quantization.",
        "EETQ only accepts 8-bit quantization.",
        "HQQ only accepts 1/2/3/4/5/6/8-bit quantization.",
        "Only 4-bit quantized model can use fsdp+qlora or auto device map.",
        "HQQ quantization is incompatible with DeepSpeed ZeRO-3 or FSDP.",
        "EETQ quantization is incompatible with DeepSpeed ZeRO-3 or FSDP.",
        "Cannot use multiple adapters in DeepSpeed ZeRO-3.",
        "Unsloth model only accepts a single adapter.",
        "KTransformers model only accepts a single adapter",
        "Please use scripts/pissa_init.py to initialize PiSSA in DeepSpeed ZeRO-3.",
        "`pure_bf16` is incompatible with DeepSpeed ZeRO-3.",
        "Unsloth is incompatible with DeepSpeed ZeRO-3.",
        "KTransformers is incompatible with DeepSpeed ZeRO-3.",
        "vLLM engine does not support bnb quantization (GPTQ and AWQ are supported).",
        "vLLM only accepts a single adapter. Merge them first.",
        "are ignored when loading an existing adapter via lora_model_dir",
        "nvfp4_merge_aware requires a LoRA adapter (adapter: lora)",
        "nvfp4_merge_aware is incompatible with",
        "attention/module-level LoRA is not supported with use_dsv4_kernels",
        "mora.use_mora must be true when adapter: mora is set",
        "adapter: mora currently requires a full-precision base model.",
        "adapter: mora is not compatible with GPTQ quantized base models.",
        "QAT is currently not compatible with DoRA",
        "Compile is not yet supported for QAT. Please set compile=False.",
        "Unsloth is currently not supported for OFT.",
        "KTransformers only supports LoRA finetuning.",
        "Cannot merge adapters to a quantized model.",
        "Please merge adapters before quantizing the model.",
        "You passed `sync_ref_model=True` while using a PEFT model, which is currently not "
        "supported.",
        "Applying a PEFT adapter to `lm_head` is not supported",
        "You cannot perform fine-tuning on purely quantized models.",
        "fp16 precision is not supported in this recipe. Please use fp32 or bf16.",
        "Cannot initialize PiSSA adapter on quantized models.",
        "Quantized models can only be used for the LoRA or OFT tuning.",
        "DoRA is not compatible with PTQ-quantized models.",
        "DeepSpeed ZeRO-3 or FSDP is incompatible with PTQ-quantized models.",
        "nvfp4_merge_aware requires the sonicmoe expert backend",
        "nvfp4_merge_aware_start_step requires nvfp4_merge_aware: true",
        "vLLM does not support in-flight 8-bit quantization.",
        "Template does not exist.",
        "Evaluation will be deprecated in the future.",
        "Some keys are not used by the HfArgumentParser",
        "Missing key(s) in state_dict",
        "For Llama4 training, you should set save_adapter_weights_only to True.",
        "Unsloth does not support LongLoRA",
        'LoRA training is not yet supported with bridge_backend="megatron-bridge".',
        "`merge_lora` must be True when using `--tuner_type lora_llm`",
        "`no_save_optim` must be True when using `--tuner_type lora_llm`",
        '`tuner_type="lora_llm"` is not supported when `language_model_only=True`.',
        "Target module LanguageModelEmbedding",
        "remaining_argv",
        "LISA only supports full parameter training.",
        "Currently, only DPO, KTO, and GRPO support `ref_adapters`.",
        "vLLM does not yet support DoRA.",
        "all params must have the same dtype",
        "ambiguous option: --adapter could match --adapters, --adapter_act, --adapter_length",
        "torch_dtype cannot be 'auto' for QLoRA FSDP training.",
        "BnB 4-bit quantization storage dtype must match model dtype.",
        "Quantization and mixed precision is not supported.",
        "Quantization is currently not supported for multi-GPU training.",
        "element 0 of tensors does not require grad and does not have a grad_fn",
        "enable_activation_offloading should only be True when enable_activation_checkpointing is "
        "True",
    }
)
"""What a tool says after its arguments were checked (as it loads the model, or trains), with a
plugin, or in another run than the one that is asked here: DeepSpeed's and chats' parsers.
"""


def write(tool: str) -> None:
    """Write what a tool says of its files."""
    rows = [
        row
        for refusal in load_refusals(tool)
        if refusal.effect == "raises" and refusal.message not in NOT_ASKED
        for holds, file in _files(BASES[tool], refusal)
        for row in _ask(tool, refusal, holds, file)
    ]
    FOLDER.mkdir(exist_ok=True)
    lines = ",\n  ".join(json.dumps(row, sort_keys=True) for row in rows)
    head = json.dumps({"tool": tool, "version": installed_version(PACKAGES.get(tool, tool))})[:-1]
    (FOLDER / f"{tool}.json").write_text(f'{head}, "cases": [\n  {lines}\n]}}\n', "utf-8")
    wrong = [r for r in rows if r["holds"] and str(r["says"]) not in (r["said"] or "")]
    print(f"{tool}: {len(rows)} files, {sum(bool(r['said']) for r in rows)} refused")
    for row in wrong:
        print("  NOT SO:", row["file"], "->", row["said"])


def _ask(tool: str, refusal: Refusal, holds: bool, file: dict[str, Any]) -> Iterator[Any]:
    """The row of one file; nothing where the tool lacks a package for it."""
    try:
        said = ASKED[tool](file)
    except NotInstalledError as error:
        print("  not asked:", refusal.message, error)
        return
    row = {"holds": holds, "file": file, "says": refusal.message, "said": said}
    yield {**row, **_find_program(refusal)}


def _find_program(refusal: Refusal) -> dict[str, Any]:
    """The program of a refusal that only a command gets, as a part of its rows."""
    programs = [one.values[0] for one in refusal.when if one.key == PROGRAM and one.test == "is"]
    return {"program": programs[0]} if programs else {}


def _files(base: dict[str, Any], refusal: Refusal) -> Iterator[tuple[bool, dict[str, Any]]]:
    """A file with all conditions, and one without each of them."""
    yield True, _file(base, [(one, True) for one in refusal.when])
    for lacking in refusal.when:
        if lacking.key == PROGRAM:  # a file has none
            continue
        yield False, _file(base, [(one, one is not lacking) for one in refusal.when])


def _file(base: dict[str, Any], parts: list[tuple[Condition, bool]]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(base))
    for condition, holds in parts:
        if condition.key == PROGRAM:  # a file has none
            continue
        for key in condition.key.split("|")[: 1 if holds else None]:
            _set(made, key, _value(condition, key, holds))
    return made


def _value(condition: Condition, key: str, holds: bool) -> Any:
    """A value by which a condition holds, or does not; None to leave the key out."""
    match condition.test:
        case "on" | "given":
            return SAMPLES.get(key, True) if holds else None
        case "off" | "missing":
            return None if holds else SAMPLES.get(key, True)
        case "is":
            return condition.values[0] if holds else OTHERS.get(key)
        case "is not":
            return OTHERS.get(key) if holds else condition.values[0]
        case "above":
            return condition.values[0] + (1 if holds else 0)  # type: ignore[operator]
        case "at most":
            return condition.values[0] + (0 if holds else 1)  # type: ignore[operator]
        case "has":
            return [condition.values[0] if holds else "q_proj"]
        case "lacks":
            return ["q_proj" if holds else condition.values[0]]
        case "matches":
            pattern = str(condition.values[0])
            fitting = (value for value in MATCHING[key] if re.search(pattern, value))
            return next(fitting) if holds else OTHERS.get(key)
        case "has match" | "entry matches":
            raise ValueError("no validator is asked about entries that match")


def _set(made: dict[str, Any], key: str, value: Any) -> None:
    *above, name = key.split(".")
    for step in above:
        made = made.setdefault(step, {})
    if value is None:
        made.pop(name, None)
    else:
        made[name] = value


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(name)
