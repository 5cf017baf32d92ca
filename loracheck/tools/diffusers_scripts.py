"""diffusers' training scripts: which part of a pipeline each trains, and its defaults.

diffusers main of August 2026 (commit 58eb52c), examples/ (parse_args, main).
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple


class Script(NamedTuple):
    """What one script trains, where its options do not say otherwise."""

    pattern: str
    """A regular expression for its name."""

    part: str
    cls: str
    targets: tuple[str, ...]
    rank: int = 4
    alpha: int | None = None
    """None where it is the rank, and no option."""
    options: str = "rank lora_alpha lora_dropout lora_layers"
    """The options about LoRA that it has; any other stops it."""
    encoders: tuple[str, ...] = ()
    """The parts that get LoRA with `--train_text_encoder`; none where there is no such option."""
    kinds: tuple[str | None, ...] = ()
    """What addition_embed_type may be in the config.json of its U-Net; any where there are none."""


_ATTENTION = ("to_k", "to_q", "to_v", "to_out.0")
_BOTH_STREAMS = (
    *("attn.to_k", "attn.to_q", "attn.to_v", "attn.to_out.0"),
    *("attn.add_k_proj", "attn.add_q_proj", "attn.add_v_proj", "attn.to_add_out"),
    *("ff.net.0.proj", "ff.net.2", "ff_context.net.0.proj", "ff_context.net.2"),
)
_SD3 = (
    *("attn.add_k_proj", "attn.add_q_proj", "attn.add_v_proj", "attn.to_add_out"),
    *("attn.to_k", "attn.to_out.0", "attn.to_q", "attn.to_v"),
)
_KREA2 = (
    *("img_in", "final_layer.linear", "to_q", "to_k", "to_v", "to_out.0", "to_gate"),
    *("ff.up", "ff.down", "text_fusion.projector", "txt_in.linear_1", "txt_in.linear_2"),
    *("time_embed.linear_1", "time_embed.linear_2", "time_mod_proj"),
)
_UNET = "UNet2DConditionModel"
CLIP = ("q_proj", "k_proj", "v_proj", "out_proj")
"""What all scripts put LoRA on in text encoders (`text_lora_config`)."""
_ONE = ("text_encoder",)
_TWO = ("text_encoder", "text_encoder_2")


def _list_flux2_targets(blocks: int) -> tuple[str, ...]:
    single = (f"single_transformer_blocks.{number}.attn.to_out" for number in range(blocks))
    return (*_ATTENTION, "to_qkv_mlp_proj", *single)


DREAMBOOTH = "train_dreambooth_lora"
_PART = "transformer"
SCRIPTS = (
    Script(
        f"{DREAMBOOTH}_flux(?:_advanced)?",
        *(_PART, "FluxTransformer2DModel", _BOTH_STREAMS, 4, 4),
        encoders=_ONE,
    ),
    Script(
        f"{DREAMBOOTH}_flux_kontext",
        *(_PART, "FluxTransformer2DModel", (*_BOTH_STREAMS, "proj_mlp"), 4, 4),
        encoders=_ONE,
    ),
    Script(
        f"{DREAMBOOTH}_flux2(?:_img2img)?",
        *(_PART, "Flux2Transformer2DModel", _list_flux2_targets(48), 4, 4),
    ),
    Script(
        f"{DREAMBOOTH}_flux2_klein(?:_img2img)?",
        *(_PART, "Flux2Transformer2DModel", _list_flux2_targets(24), 4, 4),
    ),
    Script(
        f"{DREAMBOOTH}_hidream",
        *(_PART, "HiDreamImageTransformer2DModel", ("to_k", "to_q", "to_v", "to_out")),
        options="rank lora_dropout lora_layers",
    ),
    Script(
        f"{DREAMBOOTH}_ideogram4",
        *(_PART, "Ideogram4Transformer2DModel"),
        ("to_q", "to_k", "to_v", "to_out.0", "w1", "w2", "w3"),
        *(4, 4),
    ),
    Script(f"{DREAMBOOTH}_krea2", _PART, "Krea2Transformer2DModel", _KREA2, 32, 32),
    Script(
        f"{DREAMBOOTH}_lumina2",
        *(_PART, "Lumina2Transformer2DModel", _ATTENTION),
        options="rank lora_dropout lora_layers",
    ),
    Script(f"{DREAMBOOTH}_qwen_image", _PART, "QwenImageTransformer2DModel", _ATTENTION, 4, 4),
    Script(f"{DREAMBOOTH}_sana", _PART, "SanaTransformer2DModel", ("to_k", "to_q", "to_v"), 4, 4),
    Script(
        f"{DREAMBOOTH}_sd3",
        *(_PART, "SD3Transformer2DModel", _SD3),
        options="rank lora_dropout lora_layers lora_blocks",
        encoders=_TWO,
    ),
    Script(f"{DREAMBOOTH}_z_image", _PART, "ZImageTransformer2DModel", _ATTENTION, 4, 4),
    Script(
        f"{DREAMBOOTH}_sdxl_advanced",
        *("unet", _UNET, _ATTENTION),
        options="rank lora_dropout use_dora lora_unet_blocks use_blora",
        encoders=_TWO,
        kinds=("text_time",),
    ),
    Script(
        f"{DREAMBOOTH}_sdxl",
        *("unet", _UNET, _ATTENTION),
        options="rank lora_dropout use_dora",
        encoders=_TWO,
        kinds=("text_time",),
    ),
    Script(
        f"{DREAMBOOTH}_sd15_advanced",
        *("unet", _UNET, _ATTENTION),
        options="rank lora_dropout use_dora",
        encoders=_ONE,
        kinds=(None,),
    ),
    Script(
        DREAMBOOTH,
        *("unet", _UNET, (*_ATTENTION, "add_k_proj", "add_v_proj")),
        options="rank lora_dropout",
        encoders=_ONE,
        kinds=(None, "text"),
    ),
    Script(
        "train_text_to_image_lora_sdxl",
        *("unet", _UNET, _ATTENTION),
        options="rank",
        encoders=_TWO,
        kinds=("text_time",),
    ),
    Script(
        "train_(?:text_to_image_lora|instruct_pix2pix_lora)",
        *("unet", _UNET, _ATTENTION),
        options="rank",
        kinds=(None,),
    ),
    Script(
        "train_cogvideox(?:_image_to_video)?_lora",
        *(_PART, "CogVideoXTransformer3DModel", _ATTENTION, 128, 128),
        options="rank lora_alpha",
    ),
    Script(
        "train_control_lora_flux",
        *(_PART, "FluxTransformer2DModel", ("x_embedder", *_BOTH_STREAMS)),
        options="rank lora_layers use_lora_bias",
    ),
)
"""The first that fits the script's name."""
