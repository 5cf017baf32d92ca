"""Family LC1, LoraConfig's fields: names, types, choices, ranges and combinations that PEFT refuses
or ignores. Most of these rules turn the issues of `loracheck.config` into `Hit`s through
`support/issue_hits.py`; begin with LC102. LC151 and those behind it read the calls of a script that
undo what its config asks for (`support/script_calls.py`); begin with LC151, and give WORDS below
the words without which such a rule has nothing to say.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.tools.core.setting import Setting

SCRIPT_RULES = frozenset(
    {"LC151", "LC152", "LC153", "LC154", "LC155", "LC156", "LC157", "LC158", "LC159", "LC160"}
    | {"LC119", "LC139", "LC140", "LC141", "LC142", "LC143", "LC144"}
    | {"LC131", "LC132", "LC133", "LC134", "LC135", "LC136"}
    | {"LC162", "LC163", "LC164", "LC165", "LC166", "LC167", "LC168", "LC169", "LC170", "LC171"}
    | {"LC181", "LC182", "LC183", "LC184", "LC185", "LC186", "LC187", "LC188"}
    | {"LC189", "LC190", "LC191", "LC192", "LC193", "LC194", "LC195", "LC196", "LC197"}
    | {"LC113", "LC114", "LC174", "LC175", "LC176", "LC177", "LC178", "LC179", "LC180"}
    | {"LC115", "LC116", "LC117", "LC120", "LC121", "LC126", "LC127", "LC172", "LC173"}
    | {"LC122", "LC124", "LC125", "LC128", "LC129"}
    | {"LC123", "LC148", "LC149", "LC150"}
    | {"LC198", "LC199"}
)
"""Rules about the calls of a Python file or a notebook."""

SETTING_RULES = frozenset(
    {"LC101", "LC102", "LC103", "LC104", "LC105", "LC106", "LC107", "LC108", "LC109", "LC110"}
    | {"LC119", "LC153", "LC156", "LC157", "LC158", "LC160", "LC161"}
    | {"LC181", "LC184", "LC185", "LC188", "LC189"}
    | {"LC194", "LC195", "LC197", "LC132", "LC149"}
)
"""Rules about a setting; those that are not listed are loaded for files without one too."""

_WITHOUT_FILE = SETTING_RULES | {"LC112"}
"""The same, and the rule about adapter_config.json."""

_OF_TRL = ("DPOConfig(", "GRPOConfig(", "RLOOConfig(", "RewardConfig(")

WORDS = {
    "LC113": ("get_peft_model", "peft_config"),
    "LC114": (".disable_adapter(",),
    "LC115": ("WithValueHead",),
    "LC116": ("set_adapter(",),
    "LC117": ("load_best_model_at_end",),
    "LC120": ("mlx_",),
    "LC121": ("fast_generate",),
    "LC126": ("AutoPeftModel",),
    "LC127": ("revision",),
    "LC122": ("BitsAndBytesConfig(",),
    "LC123": ("vllm",),
    "LC124": (
        "_adapter",
        "print_trainable_parameters",
        "save_pretrained",
        "gradient_checkpointing",
    ),
    "LC125": ("load_in_",),
    "LC128": ("unload(",),
    "LC129": ("Trainer(", "TrainingArguments(", "SFTConfig(", *_OF_TRL),
    "LC150": ("get_peft_model",),
    "LC148": ("save_pretrained_merged", "merge_and_unload"),
    "LC149": ("Fast",),
    "LC151": ("prepare_model_for_", "SFTTrainer(", "requires_grad"),
    "LC152": ("save_pretrained", "push_to_hub", "save_model"),
    "LC153": ("Trainer", "get_peft_model"),
    "LC155": ("Trainer", ".backward("),
    "LC156": ("load_in_4bit",),
    "LC157": ("resize_token_embeddings(", "clone_chat_template(", "setup_chat_format("),
    "LC159": ("peft_config",),
    "LC162": ("gradient_checkpointing",),
    "LC163": ("add_adapter(", "load_adapter("),
    "LC164": ("_adapter",),
    "LC119": ("lora_",),
    "LC139": ("trust_remote_code",),
    "LC140": ("device_map",),
    "LC141": ("unwrap_model", "deepspeed"),
    "LC142": ("requires_grad",),
    "LC143": (".generate(", "no_grad(", "inference_mode("),
    "LC144": ("load_in_",),
    "LC165": ("add_weighted_adapter",),
    "LC166": ("hotswap",),
    "LC169": ("merge_and_unload(",),
    "LC170": ("Trainer(",),
    "LC172": ("Trainer(",),
    "LC174": ("Fast", "save_pretrained_", "push_to_hub_"),
    "LC175": ("quantization_config",),
    "LC176": ("Fast",),
    "LC177": ("use_vllm",),
    "LC178": ("sentence_transformers",),
    "LC179": ("load_state_dict(",),
    "LC181": ("float16",),
    "LC182": ("Config.from_pretrained",),
    "LC184": (".step(", "set_adapter("),
    "LC185": ("lora_weights",),
    "LC187": ("_adapter",),
    "LC188": ("load_in_",),
    "LC189": ("compile(",),
    "LC190": ("add_adapter(",),
    "LC192": ("),",),
    "LC193": ("Train", "trl"),
    "LC195": ("save_pretrained(",),
    "LC197": ("load_best_model_at_end", "eval_strategy", "evaluation_strategy"),
    "LC198": ("add_adapter(",),
    "LC199": ("merge_and_unload(",),
    "LC131": ("load_lora_weights",),
    "LC132": ("save_lora_weights",),
    "LC133": ("load_lora_weights",),
    "LC134": ("load_lora_weights",),
    "LC135": ("load_lora_weights",),
    "LC136": ("load_lora_weights",),
}
"""Rule of a script -> words of which one stands in each document that it has something to say of:
they are among those that the rule itself asks for. Without one the rule is not even loaded.
"""


def list_silent_rules(document: Document, setting: Setting | None) -> frozenset[str]:
    """The rules that have nothing to say of a document and its setting (None: it has none)."""
    is_script = document.format in ("python", "notebook")
    silent = list_wordless_rules(document.source) if is_script else SCRIPT_RULES
    if setting is not None and setting.trained_on is not None:
        silent -= {"LC150"}  # an adapter that a script loads
    if setting is not None:
        return silent
    return silent | SETTING_RULES if document.format == "json" else silent | _WITHOUT_FILE


def list_wordless_rules(text: str) -> frozenset[str]:
    """The rules of scripts none of whose words stands in a text."""
    return frozenset(
        code for code, words in WORDS.items() if not any(word in text for word in words)
    )
