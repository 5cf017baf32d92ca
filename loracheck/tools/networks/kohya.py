"""The arguments of sd-scripts' network modules and of LyCORIS, which it loads as one."""

from __future__ import annotations

from loracheck.tools.core.network_arguments import Argument, Form, Network, Surface

_WHERE = "sd-scripts networks/"
_NO_CONV = "this model has no convolution among the layers that get LoRA"

_DROPOUTS = (Argument("rank_dropout", "share"), Argument("module_dropout", "share"))
_PLUS = (
    Argument("loraplus_lr_ratio", "number"),
    Argument("loraplus_unet_lr_ratio", "number"),
    Argument("loraplus_text_encoder_lr_ratio", "number"),
)
_OWN = (Argument("dropout"), Argument("verbose", "True"))
"""`dropout` is given by train_network.py itself; of `verbose` only the log depends."""
_REGULAR = (Argument("network_reg_lrs", "pairs"), Argument("network_reg_dims", "pairs"))
_CONV = (
    Argument("conv_dim", "whole", alpha="conv_alpha"),
    Argument("conv_alpha", "number", needs=("conv_dim",)),
)
_DEAD_CONV = (
    Argument("conv_dim", "whole", dead=_NO_CONV),
    Argument("conv_alpha", "number", dead=_NO_CONV),
)
_GGPO = (Argument("ggpo_beta", "number"), Argument("ggpo_sigma", "number"))

_UNETS = ("train_network", "sdxl_train_network")
"""Scripts whose model has the class Transformer2DModel."""

_CURVES = ("cosine", "sine", "linear", "reverse_linear", "zeros")
_LR_WEIGHTS = ("down_lr_weight", "mid_lr_weight", "up_lr_weight")
_BLOCKS = (25, 23)
"""Blocks of a U-Net: 12 down, 1 middle, 12 up; of SDXL's 1, 9, 3, 9 and 1."""
_SIZES = {"train_network": 25, "sdxl_train_network": 23}


def _list_ranks(name: str, form: Form, *needs: str) -> Argument:
    return Argument(name, form, lengths=_BLOCKS, script_lengths=_SIZES, needs=needs)


_UNET_BLOCKS = (
    Argument("down_lr_weight", "curve", words=_CURVES),
    Argument("mid_lr_weight", "numbers"),
    Argument("up_lr_weight", "curve", words=_CURVES),
    Argument("block_lr_zero_threshold", "number", needs=_LR_WEIGHTS),
    _list_ranks("block_dims", "wholes"),
    _list_ranks("block_alphas", "numbers", "block_dims", *_LR_WEIGHTS),
    _list_ranks("conv_block_dims", "wholes", "block_dims", *_LR_WEIGHTS),
    _list_ranks("conv_block_alphas", "numbers", "conv_block_dims"),
)


def _build_rank_arguments(*names: str) -> tuple[Argument, ...]:
    return tuple(Argument(name, "whole") for name in names)


_ALGORITHMS = (
    *("lora", "locon", "loha", "lokr", "dylora", "glora", "full", "diag-oft", "boft", "ia3"),
    "tlora",
)
"""LyCORIS 4.1.3 wrapper.py (network_module_dict), in any case of letters."""

_LYCORIS_NUMBERS = (
    *("conv_alpha", "dropout", "rank_dropout", "module_dropout", "constraint", "constrain"),
)
_LYCORIS_SWITCHES = (
    *("use_tucker", "use_scalar", "train_norm", "rescaled", "dora_wd", "wd_on_output"),
    *("full_matrix", "bypass_mode", "rs_lora", "unbalanced_factorization", "train_t5xxl"),
    *("train_llm_adapter", "use_cp", "use_conv_cp", "disable_conv_cp"),
)

NETWORKS = (
    Network(
        "networks.lora",
        (*_CONV, *_UNET_BLOCKS, *_DROPOUTS, *_PLUS, _OWN[0]),
        f"{_WHERE}lora.py (create_network, get_block_dims_and_alphas)",
        scripts=_UNETS,
    ),
    Network(
        "networks.lora_fa",
        (*_CONV, *_UNET_BLOCKS, *_DROPOUTS, _OWN[0]),
        f"{_WHERE}lora_fa.py (create_network)",
        scripts=_UNETS,
    ),
    Network(
        "networks.dylora",
        (*_CONV, Argument("unit", "whole"), *_PLUS, _OWN[0]),
        f"{_WHERE}dylora.py (create_network)",
        scripts=_UNETS,
    ),
    Network(
        "networks.lora_flux",
        (
            *_build_rank_arguments("img_attn_dim", "txt_attn_dim", "img_mlp_dim", "txt_mlp_dim"),
            *_build_rank_arguments("img_mod_dim", "txt_mod_dim", "single_dim", "single_mod_dim"),
            Argument("in_dims", "wholes", lengths=(5,)),
            Argument("train_double_block_indices", "blocks", blocks=19),
            Argument("train_single_block_indices", "blocks", blocks=38),
            Argument("train_blocks", "words", words=("all", "single", "double")),
            Argument("split_qkv", "True"),
            Argument("train_t5xxl", "True"),
            *(*_GGPO, *_REGULAR, *_DROPOUTS, *_PLUS, *_OWN, *_DEAD_CONV),
        ),
        f"{_WHERE}lora_flux.py (create_network, parse_block_selection)",
        scripts=("flux_train_network",),
    ),
    Network(
        "networks.lora_sd3",
        (
            *_build_rank_arguments("context_attn_dim", "context_mlp_dim", "context_mod_dim"),
            *_build_rank_arguments("x_attn_dim", "x_mlp_dim", "x_mod_dim"),
            Argument("emb_dims", "wholes", lengths=(6,)),
            Argument("train_block_indices", "blocks", blocks=999),
            Argument("split_qkv", "True"),
            Argument("train_t5xxl", "True"),
            *(*_DROPOUTS, *_PLUS, *_OWN, *_DEAD_CONV),
        ),
        f"{_WHERE}lora_sd3.py (create_network)",
        scripts=("sd3_train_network",),
    ),
    Network(
        "networks.lora_lumina",
        (
            *_build_rank_arguments("attn_dim", "mlp_dim", "mod_dim", "refiner_dim"),
            Argument("embedder_dims", "wholes", lengths=(3,)),
            Argument(
                "train_blocks",
                "words",
                words=("all", "transformer", "refiners", "noise_refiner", "context_refiner"),
            ),
            Argument("split_qkv", "True"),
            *(*_DROPOUTS, *_PLUS, *_OWN, *_DEAD_CONV),
        ),
        f"{_WHERE}lora_lumina.py (create_network)",
        scripts=("lumina_train_network",),
    ),
    Network(
        "networks.lora_hunyuan_image",
        (
            Argument("split_qkv", "True"),
            *(*_GGPO, *_REGULAR, *_DROPOUTS, *_PLUS, *_OWN, *_DEAD_CONV),
        ),
        f"{_WHERE}lora_hunyuan_image.py (create_network)",
        scripts=("hunyuan_image_train_network",),
    ),
    Network(
        "networks.lora_anima",
        (
            Argument("train_llm_adapter", "true"),
            Argument("exclude_patterns", "list"),
            Argument("include_patterns", "list"),
            *(*_REGULAR, *_DROPOUTS, *_PLUS, Argument("verbose", "true"), _OWN[0]),
        ),
        f"{_WHERE}lora_anima.py (create_network)",
        scripts=("anima_train_network",),
    ),
    Network(
        "lycoris.kohya",
        (
            Argument("algo", "any case", words=_ALGORITHMS, empty=True),
            Argument("preset"),
            Argument("factor"),
            Argument("decompose_both"),
            *(Argument(name, "whole", empty=True) for name in ("conv_dim", "block_size")),
            *(Argument(name, "number", empty=True) for name in _LYCORIS_NUMBERS),
            *(Argument(name, "not false") for name in _LYCORIS_SWITCHES),
            *_PLUS,
        ),
        "LyCORIS 4.1.3 lycoris/kohya.py (create_network)",
        near=frozenset({"rank_dropout_scale", "train_on_input"}),
    ),
)
"""sd-scripts main of February 2026 (commit 48d368f)."""

_RANKS = ("block_dims", "block_alphas", "conv_block_dims", "conv_block_alphas")
SURFACE = Surface(
    "LoRA_type",
    {
        "Flux1": "networks.lora_flux",
        "Standard": "networks.lora",
        "Kohya LoCon": "networks.lora",
    },
    {
        "Flux1": (
            *("img_attn_dim", "img_mlp_dim", "img_mod_dim", "single_dim", "txt_attn_dim"),
            *("txt_mlp_dim", "txt_mod_dim", "single_mod_dim", "in_dims"),
            *("train_double_block_indices", "train_single_block_indices"),
        ),
        "Standard": _RANKS,
        "Kohya LoCon": _RANKS,
    },
)
"""kohya_ss main of July 2026 (commit 45088f0), kohya_gui/lora_gui.py (train_model:
kohya_lora_var_list)."""
