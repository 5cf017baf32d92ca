"""diffusers' training scripts: `train_dreambooth_lora_flux.py --rank 16 --lora_alpha 16`.

Each script trains one part of a pipeline, a model of its own class, and has its own defaults.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple

from .core.lookup import get_text, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import InitFile, Key, Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

_SHORT = "the script's own defaults are not known here; only the values were checked"

TOOL = Tool(
    name="diffusers",
    title="diffusers (training scripts)",
    source="diffusers main of August 2026 (commit 58eb52c), examples/dreambooth/"
    "train_dreambooth_lora_flux.py, examples/text_to_image/train_text_to_image_lora.py, "
    "examples/cosmos/train_cosmos_predict25_lora.py and their neighbours (parse_args, main)",
    keys=(
        Key("rank", "r", help="Rank of the update; the default is the script's own."),
        Key("lora_rank", "r", help="The name that a few scripts have for rank."),
        Key("lora_alpha", "lora_alpha", help="4 by default in most scripts, else the rank."),
        Key("lora_dropout", "lora_dropout"),
        Key("lora_layers", type="str", help="Names of modules with commas between them."),
        Key("lora_blocks", type="str", help="Numbers of the blocks that get LoRA."),
        Key("lora_bias", "bias"),
        Key("use_dora", "use_dora", nargs="0"),
    ),
    near=frozenset({"lora_weights", "lora_target_modules", "lora_target_params", "local_rank"}),
    programs=(
        Program(
            module=r"train_(?:dreambooth|text_to_image|cogvideox|cosmos|control|lcm_distill|instruct)"
            r"\w*lora\w*"
        ),
    ),
    traps=("word-without-option",),
    writes=InitFile("train.sh", diffusion=True),
    summary=Summary(
        files=".sh",
        known_by="`train_dreambooth_lora*.py` and their like",
        does="rank 4, alpha 4 or the rank, the attention of the part that the script trains",
    ),
)


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


def _list_flux2_targets(blocks: int) -> tuple[str, ...]:
    single = (f"single_transformer_blocks.{number}.attn.to_out" for number in range(blocks))
    return (*_ATTENTION, "to_qkv_mlp_proj", *single)


_DREAMBOOTH = "train_dreambooth_lora"
_PART = "transformer"
SCRIPTS = (
    Script(
        f"{_DREAMBOOTH}_flux(?:_advanced)?", _PART, "FluxTransformer2DModel", _BOTH_STREAMS, 4, 4
    ),
    Script(
        f"{_DREAMBOOTH}_flux_kontext",
        *(_PART, "FluxTransformer2DModel", (*_BOTH_STREAMS, "proj_mlp"), 4, 4),
    ),
    Script(
        f"{_DREAMBOOTH}_flux2(?:_img2img)?",
        *(_PART, "Flux2Transformer2DModel", _list_flux2_targets(48), 4, 4),
    ),
    Script(
        f"{_DREAMBOOTH}_flux2_klein(?:_img2img)?",
        *(_PART, "Flux2Transformer2DModel", _list_flux2_targets(24), 4, 4),
    ),
    Script(
        f"{_DREAMBOOTH}_hidream",
        *(_PART, "HiDreamImageTransformer2DModel", ("to_k", "to_q", "to_v", "to_out")),
        options="rank lora_dropout lora_layers",
    ),
    Script(
        f"{_DREAMBOOTH}_ideogram4",
        *(_PART, "Ideogram4Transformer2DModel"),
        ("to_q", "to_k", "to_v", "to_out.0", "w1", "w2", "w3"),
        *(4, 4),
    ),
    Script(f"{_DREAMBOOTH}_krea2", _PART, "Krea2Transformer2DModel", _KREA2, 32, 32),
    Script(
        f"{_DREAMBOOTH}_lumina2",
        *(_PART, "Lumina2Transformer2DModel", _ATTENTION),
        options="rank lora_dropout lora_layers",
    ),
    Script(f"{_DREAMBOOTH}_qwen_image", _PART, "QwenImageTransformer2DModel", _ATTENTION, 4, 4),
    Script(f"{_DREAMBOOTH}_sana", _PART, "SanaTransformer2DModel", ("to_k", "to_q", "to_v"), 4, 4),
    Script(
        f"{_DREAMBOOTH}_sd3",
        *(_PART, "SD3Transformer2DModel", _SD3),
        options="rank lora_dropout lora_layers lora_blocks",
    ),
    Script(f"{_DREAMBOOTH}_z_image", _PART, "ZImageTransformer2DModel", _ATTENTION, 4, 4),
    Script(
        f"{_DREAMBOOTH}_sdxl_advanced",
        *("unet", _UNET, _ATTENTION),
        options="rank lora_dropout use_dora lora_unet_blocks use_blora",
        kinds=("text_time",),
    ),
    Script(
        f"{_DREAMBOOTH}_sdxl",
        *("unet", _UNET, _ATTENTION),
        options="rank lora_dropout use_dora",
        kinds=("text_time",),
    ),
    Script(
        f"{_DREAMBOOTH}_sd15_advanced",
        *("unet", _UNET, _ATTENTION),
        options="rank lora_dropout use_dora",
        kinds=(None,),
    ),
    Script(
        _DREAMBOOTH,
        *("unet", _UNET, (*_ATTENTION, "add_k_proj", "add_v_proj")),
        options="rank lora_dropout",
        kinds=(None, "text"),
    ),
    Script(
        "train_text_to_image_lora_sdxl",
        *("unet", _UNET, _ATTENTION),
        options="rank",
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

_OTHERWISE = ("use_blora", "lora_unet_blocks")
"""Options of train_dreambooth_lora_sdxl_advanced.py that choose other targets."""


def read(document: Document) -> list[Setting]:
    """One Setting for each command that gives one of the values, or names one of `SCRIPTS`."""
    program = str(getattr(document, "program", "")).rpartition(".")[2]
    script = next((one for one in SCRIPTS if re.fullmatch(one.pattern, program)), None)
    return [
        _build_setting(document, path, top, script)
        for path, top in iterate_top_mappings(document)
        if any(key.name in top for key in TOOL.keys)
    ]


def _build_setting(document: Document, path: Path, top: Table, script: Script | None) -> Setting:
    if script is None:
        return make_setting(TOOL._replace(own=_SHORT), document, path, top)
    keys = tuple(key for key in TOOL.keys if key.name in script.options.split())
    near = TOOL.near.union(script.options.split())
    name = f"{getattr(document, 'program', '').rpartition('.')[2]}.py"
    setting = make_setting(TOOL._replace(keys=keys, near=near, title=name), document, path, top)
    others = (k.name for k in TOOL.keys if k.name in top and k.name not in script.options.split())
    setting.unknown_keys.update({key: (*path, key) for key in others})
    add_model(setting, path, top, "pretrained_model_name_or_path")
    setting.part, setting.heads = script.part, (script.cls,)
    if script.kinds:
        setting.behaviour.model_config["addition_embed_type"] = script.kinds
    fields = setting.fields
    fields.setdefault("r", script.rank)
    if script.alpha is None:
        fields["lora_alpha"] = fields["r"]
        setting.places.pop("lora_alpha", None)
    fields.setdefault("lora_alpha", script.alpha)
    fields.setdefault("lora_dropout", 0.0)
    _set_targets(setting, path, top, script)
    return setting


def _set_targets(setting: Setting, path: Path, top: Table, script: Script) -> None:
    """The targets: those of `--lora_layers`, else the script's own, in the blocks of
    `--lora_blocks` where they are given.
    """
    targets: Any = list(script.targets)
    layers = get_text(top, "lora_layers")
    if any(name in top for name in _OTHERWISE) or isinstance(top.get("lora_layers"), Unknown):
        targets = Unknown("the script's options")
    elif layers is not None and layers.strip() == "all-linear" and "control" in script.pattern:
        targets = Unknown("all-linear, as the script makes a list of it")
    elif layers is not None:
        targets = [name.strip() for name in layers.split(",")]
        setting.places["target_modules"] = (*path, "lora_layers")
        setting.keys["target_modules"] = "lora_layers"
    blocks = top.get("lora_blocks")
    if blocks is not None and isinstance(targets, list):
        numbers = str(blocks).split(",")
        targets = [f"transformer_blocks.{n.strip()}.{name}" for n in numbers for name in targets]
        setting.places["target_modules"] = (*path, "lora_blocks")
        setting.keys["target_modules"] = "lora_blocks"
    setting.fields["target_modules"] = targets


_FAMILY_SCRIPTS = {
    "flux": f"{_DREAMBOOTH}_flux",
    "flux-kontext": f"{_DREAMBOOTH}_flux_kontext",
    "flux2": f"{_DREAMBOOTH}_flux2",
    "flux2-klein": f"{_DREAMBOOTH}_flux2_klein",
    "hidream": f"{_DREAMBOOTH}_hidream",
    "krea2": f"{_DREAMBOOTH}_krea2",
    "lumina2": f"{_DREAMBOOTH}_lumina2",
    "qwen-image": f"{_DREAMBOOTH}_qwen_image",
    "sana": f"{_DREAMBOOTH}_sana",
    "sd1": _DREAMBOOTH,
    "sd2": _DREAMBOOTH,
    "sd3": f"{_DREAMBOOTH}_sd3",
    "sd3.5": f"{_DREAMBOOTH}_sd3",
    "sdxl": f"{_DREAMBOOTH}_sdxl",
    "z-image": f"{_DREAMBOOTH}_z_image",
    "z-image-turbo": f"{_DREAMBOOTH}_z_image",
    "cogvideox": "train_cogvideox_lora",
    "cogvideox-i2v": "train_cogvideox_image_to_video_lora",
}
"""Family -> the script that trains it."""


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of the command; None for a family that no script trains."""
    from .core.diffusion_draft import DiffusionDraft

    program = _FAMILY_SCRIPTS.get(request.family)
    script = next((one for one in SCRIPTS if re.fullmatch(one.pattern, program or "")), None)
    if program is None or script is None:
        return None
    options: dict[str, Any] = {
        "pretrained_model_name_or_path": request.model,
        "rank": request.rank,
        "lora_alpha": request.rank,
        "lora_layers": ",".join(request.targets),
    }
    there = ["pretrained_model_name_or_path", *script.options.split()]
    return DiffusionDraft(
        {key: value for key, value in options.items() if key in there},
        {"r": "rank", "lora_alpha": "lora_alpha", "target_modules": "lora_layers"},
        f"accelerate launch {program}.py",
    )
