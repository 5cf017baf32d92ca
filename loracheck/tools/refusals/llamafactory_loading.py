"""What LLaMA-Factory 0.9.5 refuses while it loads adapters and quantised models
(src/llamafactory).
"""

from __future__ import annotations

from loracheck.tools.core.quantized_names import PACKED_NAME
from loracheck.tools.core.refusal import (
    PROGRAM,
    Refusal,
    differs,
    equals,
    is_absent,
    is_given,
    is_turned_on,
    matches,
    unless,
)

_BITS = is_given("quantization_bit")
_SEVERAL = matches("adapter_name_or_path", r",")
_ADAPTER = "model/adapter.py:{} (_setup_lora_tuning)"
_PARSER = "hparams/parser.py:{} (get_train_args)"
_INFERENCE = "hparams/parser.py:{} (get_infer_args)"
_QUANTIZATION = "model/model_utils/quantization.py:{} (configure_quantization)"
_MERGE_FIRST = "merge the adapters first, and name the merged model"
_STORED = matches("model_name_or_path", rf"{PACKED_NAME}|(?i:-bnb-[48]bit/?$)")
"""A checkpoint that is stored quantised, by the end of its name."""

_PACKED = matches("model_name_or_path", PACKED_NAME)
"""One that is stored by a method other than bitsandbytes."""

_BY_NAME_OF_MODEL = "told by the end of the model's name"
_WIDE = "name the checkpoint in 16 bits"
_INIT = "model/adapter.py:{} (init_adapter)"
_LORA = equals("finetuning_type", "lora", default="lora")
_RESUMES = (is_given("adapter_name_or_path"), is_turned_on("do_train"))
_ZERO_3 = matches(
    "deepspeed", r"(?i)(?:^|[/\\_.-])(?:ds_?)?(?:z|zero|stage)[_-]?3(?![0-9])[^/\\]*$"
)
_STAGE_2 = "name a config of stage 2 (ds_z2_config.json)"
_BY_NAME = "told by the name of the file, as ds_z3_config.json is LLaMA-Factory's own of stage 3"

LOADING = (
    *(
        Refusal(
            (equals(key, True, False), differs(PROGRAM, "llamafactory-cli", "lmf")),
            "'bool' object has no attribute 'split'",
            f"write the tokens themselves, with commas between them ({key}: '<a>,<b>'), or take it "
            "out: the tokenizer is the one in the model's folder",
            f"hparams/model_args.py:{line} (BaseModelArguments.__post_init__)",
        )
        for key, line in (("add_tokens", 214), ("add_special_tokens", 258))
    ),
    Refusal(
        (_SEVERAL, is_turned_on("use_unsloth")),
        "Unsloth model only accepts a single adapter.",
        f"{_MERGE_FIRST}, or take use_unsloth out",
        _ADAPTER.format(172),
    ),
    Refusal(
        (_SEVERAL, is_turned_on("use_kt")),
        "KTransformers model only accepts a single adapter",
        f"{_MERGE_FIRST}, or take use_kt out",
        _ADAPTER.format(168),
    ),
    Refusal(
        (_SEVERAL, _ZERO_3),
        "Cannot use multiple adapters in DeepSpeed ZeRO-3.",
        f"{_MERGE_FIRST}, or {_STAGE_2}",
        _ADAPTER.format(164),
        note=_BY_NAME,
    ),
    Refusal(
        (equals("infer_backend", "vllm", "sglang"), is_turned_on("do_train")),
        "vLLM/SGLang backend is only available for API, CLI and Web.",
        "take infer_backend out: it is for chatting with the model",
        _PARSER.format(407),
    ),
    Refusal(
        (equals("infer_backend", "vllm"), _BITS, unless("do_train")),
        "vLLM engine does not support bnb quantization (GPTQ and AWQ are supported).",
        "take quantization_bit out, or write infer_backend: huggingface",
        _INFERENCE.format(549),
    ),
    Refusal(
        (_SEVERAL, equals("infer_backend", "vllm"), unless("do_train")),
        "vLLM only accepts a single adapter. Merge them first.",
        f"{_MERGE_FIRST}, or write infer_backend: huggingface",
        _INFERENCE.format(555),
    ),
    Refusal(
        (
            equals("quantization_bit", 8),
            equals("quantization_device_map", "auto"),
            equals("quantization_method", "bnb", "BNB", default="bnb"),
            unless("do_train"),
        ),
        "Only 4-bit quantized model can use fsdp+qlora or auto device map.",
        "write quantization_bit: 4, or take quantization_device_map out",
        _QUANTIZATION.format(188),
    ),
    Refusal(
        (
            equals("quantization_bit", 8),
            _ZERO_3,
            equals("quantization_method", "bnb", "BNB", default="bnb"),
        ),
        "Only 4-bit quantized model can use fsdp+qlora or auto device map.",
        f"write quantization_bit: 4, or {_STAGE_2}",
        _QUANTIZATION.format(188),
        note=_BY_NAME,
    ),
    *(
        Refusal(
            (equals("quantization_method", method), _BITS, _ZERO_3),
            f"{method.upper()} quantization is incompatible with DeepSpeed ZeRO-3 or FSDP.",
            f"write quantization_method: bnb, or {_STAGE_2}",
            _QUANTIZATION.format(line),
            note=_BY_NAME,
        )
        for method, line in (("hqq", 200), ("eetq", 212))
    ),
    Refusal(
        (is_turned_on("pissa_init"), _ZERO_3),
        "Please use scripts/pissa_init.py to initialize PiSSA in DeepSpeed ZeRO-3.",
        f"run scripts/pissa_init.py first and train on what it saves, or {_STAGE_2}",
        _PARSER.format(378),
        note=_BY_NAME,
    ),
    *(
        Refusal(
            (is_turned_on(key), _ZERO_3),
            says,
            f"take {key} out, or {_STAGE_2}",
            _PARSER.format(line),
            note=_BY_NAME,
        )
        for key, says, line in (
            ("pure_bf16", "`pure_bf16` is incompatible with DeepSpeed ZeRO-3.", 385),
            ("use_unsloth", "Unsloth is incompatible with DeepSpeed ZeRO-3.", 410),
            ("use_kt", "KTransformers is incompatible with DeepSpeed ZeRO-3.", 413),
        )
    ),
    Refusal(
        (
            is_turned_on("pissa_init"),
            _STORED,
            is_turned_on("do_train"),
            is_absent("quantization_bit"),
        ),
        "Cannot initialize PiSSA adapter on quantized models.",
        f"{_WIDE}, or take pissa_init out",
        _INIT.format(311),
        note=_BY_NAME_OF_MODEL,
    ),
    Refusal(
        (
            equals("finetuning_type", "full", "freeze"),
            _STORED,
            is_turned_on("do_train"),
            is_absent("quantization_bit"),
        ),
        "Quantized models can only be used for the LoRA or OFT tuning.",
        f"write finetuning_type: lora, or {_WIDE}",
        _INIT.format(308),
        note=_BY_NAME_OF_MODEL,
    ),
    Refusal(
        (is_turned_on("use_dora"), _PACKED, is_turned_on("do_train"), _LORA),
        "DoRA is not compatible with PTQ-quantized models.",
        f"take use_dora out, or {_WIDE}",
        _ADAPTER.format(220),
        note=_BY_NAME_OF_MODEL,
    ),
    Refusal(
        (_PACKED, _ZERO_3, is_turned_on("do_train")),
        "DeepSpeed ZeRO-3 or FSDP is incompatible with PTQ-quantized models.",
        f"{_STAGE_2}, or {_WIDE}",
        _QUANTIZATION.format(99),
        note=f"{_BY_NAME_OF_MODEL}; {_BY_NAME}",
    ),
    Refusal(
        (
            is_given("quantization_method"),
            differs("quantization_method", "bnb", "BNB", "hqq", "HQQ", "eetq", "EETQ"),
            _BITS,
        ),
        "no method that quantises has this name: the model is loaded as it is",
        "write quantization_method: bnb, or take it out, which is the same",
        _QUANTIZATION.format(151),
        effect="drops",
        note="releases before 0.9.3 call bnb bitsandbytes; on the command line the parser stops",
    ),
    Refusal(
        (
            is_given(
                "lora_rank|lora_alpha|lora_target|lora_dropout|use_rslora|use_dora|pissa_init"
            ),
            *_RESUMES,
            _LORA,
            unless("create_new_adapter"),
        ),
        "the training goes on with the adapter as it was made: its adapter_config.json says what "
        "this key says",
        "take the keys of LoRA out; create_new_adapter: true merges the adapter and begins another "
        "one with them",
        _ADAPTER.format(180),
        effect="unread",
    ),
    *(
        Refusal(
            (is_given(key), differs(key, 4, 8)),
            "We only accept 4-bit or 8-bit quantization.",
            f"write {key}: 4, or take it out",
            f"hparams/finetuning_args.py:{line} (FinetuningArguments.__post_init__)",
        )
        for key, line in (
            ("ref_model_quantization_bit", 577),
            ("reward_model_quantization_bit", 578),
        )
    ),
)
"""A run on stage 3 is told by the file's name alone; what stands in it is not read."""
