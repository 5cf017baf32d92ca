"""How fields act on each other, read in PEFT 0.21.2; rules check most of it.

Sources: PEFT 0.21.2 tuners/lora/config.py, tuners/lora/layer.py, tuners/tuners_utils.py,
utils/other.py, utils/save_and_load.py; rsLoRA arXiv:2312.03732; LoRA+ arXiv:2402.12354.
"""

from __future__ import annotations

INTERPLAY: dict[str, tuple[str, ...]] = {
    "r": (
        "lora_alpha: the update is scaled by lora_alpha / r, so another r alone changes the scale.",
        "rank_pattern overrides it for the modules that a key matches.",
        "init_lora_weights='orthogonal' needs an even rank.",
        "Engines serve ranks up to a limit that the server is started with (--serve).",
    ),
    "lora_alpha": (
        "r: the update is multiplied by lora_alpha / r; keep the ratio when the rank changes.",
        "use_rslora: the factor becomes lora_alpha / sqrt(r); an alpha tuned for lora_alpha / r is "
        "then too large by sqrt(r).",
        "alpha_pattern overrides it for the modules that a key matches.",
        "learning rate: alpha scales the update, as a learning rate does; tune one of the two.",
    ),
    "lora_dropout": (
        "target_parameters: PEFT refuses dropout there (fused experts).",
        "It acts on LoRA's own path alone; bias and modules_to_save see none.",
    ),
    "use_rslora": (
        "lora_alpha: divided by sqrt(r) instead of r (arXiv:2312.03732).",
        "rank_pattern, alpha_pattern: with PiSSA, OLoRA, CorDA or LoRA-GA the adapter cannot be "
        "converted back to plain LoRA on saving.",
    ),
    "target_modules": (
        "exclude_modules is held against what target_modules matches, and wins.",
        "layers_to_transform needs a list here; a string is a regular expression for whole names.",
        "modules_to_save wins: a module in both is trained in full and gets no LoRA.",
        "target_parameters reaches what is a parameter and no module (fused experts).",
        "Naming embed_tokens or lm_head makes PEFT save their base weights as well.",
    ),
    "exclude_modules": (
        "target_modules: it only takes away from what is targeted; as a string it is a regular "
        "expression for whole names.",
    ),
    "target_parameters": (
        "lora_dropout has to be 0, lora_bias and DoRA off.",
        "layers_to_transform and exclude_modules do not narrow it.",
    ),
    "layers_to_transform": (
        "target_modules has to be a list.",
        "layers_pattern says which container's numbers are meant; without it the first number "
        "that has two names before it counts.",
    ),
    "layers_pattern": ("layers_to_transform has to be set.", "target_modules has to be a list."),
    "rank_pattern": (
        "r is the rank of all other modules.",
        "lora_alpha stays: a module with another rank gets another scaling, unless alpha_pattern "
        "follows.",
        "Keys are regular expressions for the end of a name; the first one that matches wins.",
    ),
    "alpha_pattern": (
        "lora_alpha is the alpha of all other modules.",
        "Keys are regular expressions for the end of a name; the first one that matches wins.",
    ),
    "modules_to_save": (
        "task_type SEQ_CLS, TOKEN_CLS and QUESTION_ANS add the head's name by themselves.",
        "ensure_weight_tying keeps tied embeddings one weight when one of them is saved.",
        "trainable_token_indices cannot name the same embedding.",
        "Every entry is saved in full: the adapter grows by its size.",
    ),
    "bias": ("lora_bias is another thing: a bias of LoRA's own B.",),
    "init_lora_weights": (
        "loftq needs loftq_config; eva, corda and lora_ga take eva_config, corda_config and "
        "lora_ga_config, and need a preparing step on data.",
        "lora_bias needs true or false here.",
        "pissa, olora, corda and lora_ga change the base weights; save with "
        "path_initial_model_for_weight_conversion to get a plain adapter.",
    ),
    "use_dora": (
        "lora_bias and megatron_config do not go with it; of the variants only one can be on.",
        "It adds a magnitude vector per module, and slows training; merge before serving.",
    ),
    "lora_bias": ("init_lora_weights has to be true or false, use_dora off.",),
    "fan_in_fan_out": (
        "target_modules decides: PEFT sets it by the layer (true for Conv1D, false for Linear) "
        "and warns where it differed.",
    ),
    "ensure_weight_tying": (
        "modules_to_save, target_modules, trainable_token_indices: acts where one of them names "
        "an embedding of a model with tied embeddings.",
    ),
    "trainable_token_indices": (
        "modules_to_save cannot name the same embedding.",
        "The adapter then leaves the whole embedding out, even where it was targeted.",
    ),
    "layer_replication": (
        "layers_to_transform counts the layers after replication.",
        "An adapter of replicated layers cannot be merged into the model.",
    ),
    "loftq_config": ("init_lora_weights has to be 'loftq'.",),
    "task_type": (
        "modules_to_save: classification and question answering add their head to it.",
        "Without it get_peft_model returns a plain PeftModel: no generate() of its own.",
    ),
}
"""Field -> sentences, each beginning with the other field where there is one."""
