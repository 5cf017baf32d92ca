"""The arguments of musubi-tuner's network modules: all are one, `networks.lora`, with the classes
and names of a model added.
"""

from __future__ import annotations

from loracheck.tools.core.network_arguments import Argument, Network

_NO_CONV = "this model has no convolution among the layers that get LoRA"
_WHERE = "musubi-tuner src/musubi_tuner/networks/"
_SHARED = (
    Argument("exclude_patterns", "list"),
    Argument("include_patterns", "list"),
    Argument("rank_dropout", "share"),
    Argument("module_dropout", "share"),
    Argument("verbose", "True"),
    Argument("loraplus_lr_ratio", "number"),
)
_DEAD = "the line that reads it is a comment"
_COMMENTED = (
    Argument("loraplus_unet_lr_ratio", "number", dead=_DEAD),
    Argument("loraplus_text_encoder_lr_ratio", "number", dead=_DEAD),
)
_CONV = (
    Argument("conv_dim", "whole", alpha="conv_alpha"),
    Argument("conv_alpha", "number", needs=("conv_dim",)),
)
_DEAD_CONV = (
    Argument("conv_dim", "whole", dead=_NO_CONV),
    Argument("conv_alpha", "number", dead=_NO_CONV),
)


def _build_network(name: str, *conv: Argument) -> Network:
    source = f"{_WHERE}{name}.py, lora.py (create_arch_network, create_network)"
    scripts = tuple(f"{one}_train_network" for one in _SCRIPTS.get(name, ()))
    return Network(f"networks.{name}", (*_SHARED, *_COMMENTED, *conv), source, scripts=scripts)


_SCRIPTS = {
    **dict.fromkeys(("lora", "lora_hv_1_5"), ("hv", "hv_1_5")),
    **dict.fromkeys(("lora_flux", "lora_flux_2"), ("flux_kontext", "flux_2")),
    "lora_framepack": ("fpack",),
    "lora_hidream_o1": ("hidream_o1",),
    "lora_ideogram4": ("ideogram4",),
    "lora_kandinsky": ("kandinsky5",),
    "lora_qwen_image": ("qwen_image",),
    "lora_wan": ("wan",),
    "lora_zimage": ("zimage",),
}
"""Module -> scripts whose model has one of its classes of blocks (*_TARGET_REPLACE_MODULES);
`lora_krea2` looks into every module."""


NETWORKS = (
    *(
        _build_network(name, *_DEAD_CONV)
        for name in (
            *("lora", "lora_flux", "lora_flux_2", "lora_framepack", "lora_hv_1_5", "lora_wan"),
            *("lora_ideogram4", "lora_kandinsky", "lora_krea2", "lora_qwen_image", "lora_zimage"),
        )
    ),
    _build_network("lora_hidream_o1", *_CONV),
)
"""musubi-tuner main of June 2026 (commit 30c658c)."""
