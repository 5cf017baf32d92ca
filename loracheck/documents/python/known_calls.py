"""Calls of libraries that give back what they are given, or an adapter's wrapper around it."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used

KEEPS_OWNER = frozenset(
    {
        *("to", "cuda", "cpu", "half", "float", "bfloat16", "double", "type", "to_empty"),
        *("eval", "train", "requires_grad_", "apply", "share_memory"),
    }
)
"""Methods of torch.nn.Module that return the module itself (torch 2.13.0 nn/modules/module.py)."""

UNWRAPS = frozenset({"merge_and_unload", "unload", "get_base_model"})
"""Methods of PEFT's models that give the base model back (PEFT 0.21.2 peft_model.py,
tuners/tuners_utils.py).
"""

HANDS_BACK = frozenset(
    {
        *("prepare_model_for_kbit_training", "prepare_model_for_int8_training"),  # PEFT
        *("cast_mixed_precision_params", "for_training", "for_inference"),  # PEFT, Unsloth
        *("prepare", "prepare_model", "unwrap_model", "dispatch_model"),  # accelerate
        *("load_checkpoint_and_dispatch",),
        *("setup_chat_format", "clone_chat_template"),  # TRL
        *("prepare_peft_model", "prepare_deepspeed"),  # TRL
        *("compile", "deepcopy"),  # torch, copy
        "get_peft_config",  # TRL's makes a config of the ModelConfig that it is given
    }
)
"""Functions that return the model that is their first argument, with the same module names; with
several arguments `prepare` of accelerate returns them in their order.
"""

METHOD_CONFIGS = frozenset(
    {
        *("AdaLoraConfig", "AdamssConfig", "AdaptionPromptConfig", "BOFTConfig", "BeftConfig"),
        *(
            "C3AConfig",
            "CPTConfig",
            "CartridgeConfig",
            "DeftConfig",
            "DeloraConfig",
            "FourierFTConfig",
        ),
        *("FrodConfig", "GloraConfig", "GraloraConfig", "HRAConfig", "HiraConfig", "IA3Config"),
        *(
            "LNTuningConfig",
            "LilyConfig",
            "LoHaConfig",
            "LoKrConfig",
            "MissConfig",
            "MultitaskPromptTuningConfig",
        ),
        *(
            "OFTConfig",
            "OSFConfig",
            "PeanutConfig",
            "PolyConfig",
            "PrefixTuningConfig",
            "PromptEncoderConfig",
        ),
        *("PromptTuningConfig", "PsoftConfig", "PveraConfig", "RandLoraConfig", "RoadConfig"),
        *(
            "ShadowConfig",
            "ShiraConfig",
            "SupertuningConfig",
            "TinyLoraConfig",
            "TrainableTokensConfig",
        ),
        *("UniLoraConfig", "VBLoRAConfig", "VeraConfig", "WaveFTConfig", "XLoraConfig"),
    }
)
"""Config classes of PEFT's methods beside LoRA (PEFT 0.21.2 mapping.py,
PEFT_TYPE_TO_CONFIG_MAPPING).
"""

CONFIG_ENDING = "LoraConfig"
"""How the name of a class ends that extends or wraps PEFT's LoraConfig (`RFLoraConfig`)."""

CONFIG_PACKAGES = frozenset({"peft", "swift"})
"""Packages whose LoraConfig is PEFT's: ms-swift's is a subclass with three fields of its own, taken
out before PEFT gets it (ms-swift 4.6.0 swift/tuners/peft.py:41, `to_peft_config`).
"""

OWN_FIELDS = frozenset({"lora_dtype", "lorap_lr_ratio", "lorap_emb_lr"})
"""These fields of ms-swift's LoraConfig."""

LORA_CONFIGS = frozenset({"LoraConfig", "BdLoraConfig"})
"""PEFT's own classes whose names end so, beside METHOD_CONFIGS; the second is the value of a field
of the first (PEFT 0.21.2 tuners/lora/config.py).
"""

ADAPTER_WRAPPERS = frozenset(
    {
        *("get_peft_model", "inject_adapter_in_model", "LoraModel", "PeftModel"),
        *("PeftMixedModel", "PeftModelForCausalLM", "PeftModelForSequenceClassification"),
        *("PeftModelForSeq2SeqLM", "PeftModelForTokenClassification"),
        *("PeftModelForQuestionAnswering", "PeftModelForFeatureExtraction"),
    }
)
"""Functions and classes of PEFT that put an adapter on a model (PEFT 0.21.2 mapping_func.py,
mapping.py, peft_model.py).
"""

_ADAPTER_LOADERS = ADAPTER_WRAPPERS | {"Swift"}
"""Classes whose `from_pretrained` puts a saved adapter on a model; ms-swift's hands a folder of
PEFT's on to PeftModel (ms-swift swift/tuners/base.py, Swift.from_pretrained).
"""

_HANDED_ON = compile_when_used(r"swift(?:\.\w+)*\.Swift\.prepare_model")


def standardise_name(name: str) -> str:
    """The name of PEFT's function where a library's own hands its arguments on as they are; any
    other name as it is. ms-swift's `Swift.prepare_model(model, config)` calls `get_peft_model` for
    a config of PEFT's (ms-swift 4.6.0 swift/tuners/base.py:720).
    """
    return "peft.get_peft_model" if _HANDED_ON.fullmatch(name) else name


PIPELINE_PARTS = frozenset(
    {
        *("transformer", "transformer_2", "unet", "prior", "decoder", "vae", "controlnet"),
        *("text_encoder", "text_encoder_2", "text_encoder_3", "text_encoder_4", "image_encoder"),
    }
)
"""Attributes of diffusers' pipelines that are models, under the names of their folders (diffusers
0.40.0 pipelines/pipeline_utils.py, register_modules).
"""


def is_likely_config(name: str) -> bool:
    """Whether a dotted name is, by its ending, that of a class which extends or wraps LoraConfig,
    and none of PEFT's own.
    """
    package, _, last = name.rpartition(".")
    is_config = (
        last in METHOD_CONFIGS | LORA_CONFIGS or package.partition(".")[0] in CONFIG_PACKAGES
    )
    return last.endswith(CONFIG_ENDING) and not is_config


def is_adapter_load(name: str) -> bool:
    """Whether a dotted name is `from_pretrained` of a class that puts a saved adapter on the model
    it is given.
    """
    owner, _, last = name.rpartition(".")
    return last == "from_pretrained" and owner.rpartition(".")[2] in _ADAPTER_LOADERS


def get_model_position(name: str) -> int:
    """Where a call that puts an adapter on a model takes the model, as a positional argument."""
    return 1 if name.rpartition(".")[2] == "inject_adapter_in_model" else 0
