"""diffusers' training scripts: `train_dreambooth_lora_flux.py --rank 16 --lora_alpha 16`.

Each script trains one part of a pipeline, a model of its own class, and has its own defaults.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.records import replace
from loracheck.type_checking import TYPE_CHECKING

from .core.behaviour import Behaviour
from .core.key import Key
from .core.lookup import get_text, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.switches import is_on
from .core.tool import InitFile, Program, Summary, Tool
from .diffusers_scripts import CLIP, DREAMBOOTH, SCRIPTS, Script

if TYPE_CHECKING:
    from typing import Any

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
        Key(
            "lr_scheduler",
            type="str",
            help="Schedule of the learning rate (diffusers.optimization.SchedulerType).",
            choices=(
                *("linear", "cosine", "cosine_with_restarts", "polynomial"),
                *("constant", "constant_with_warmup", "piecewise_constant"),
            ),
        ),
        Key("train_text_encoder", type="bool", help="LoRA on the text encoders, too.", nargs="0"),
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


_OTHERWISE = ("use_blora", "lora_unet_blocks")
"""Options of train_dreambooth_lora_sdxl_advanced.py that choose other targets."""


def read(document: Document) -> list[Setting]:
    """One Setting for each command that gives one of the values, or names one of `SCRIPTS`."""
    program = str(getattr(document, "program", "")).rpartition(".")[2]
    script = next((one for one in SCRIPTS if re.fullmatch(one.pattern, program)), None)
    settings = []
    for path, top in iterate_top_mappings(document):
        if any(key.name in top for key in TOOL.keys):
            settings.append(_build_setting(document, path, top, script))
            parts = script.encoders if script and is_on(top, "train_text_encoder") else ()
            settings += [_build_encoder_setting(settings[-1], part) for part in parts]
    return settings


def _build_encoder_setting(denoiser: Setting, part: str) -> Setting:
    """The setting of a text encoder, which has the same values beside that of the denoiser."""
    return replace(
        denoiser,
        fields={**denoiser.fields, "target_modules": list(CLIP)},
        places={f: at for f, at in denoiser.places.items() if f != "target_modules"},
        keys={f: key for f, key in denoiser.keys.items() if f != "target_modules"},
        part=part,
        heads=(),
        behaviour=Behaviour(companion=True),
    )


def _build_setting(document: Document, path: Path, top: Table, script: Script | None) -> Setting:
    if script is None:
        return make_setting(TOOL._replace(own_lora=_SHORT), document, path, top)
    encoders = ["train_text_encoder"] if script.encoders else []
    options = [*script.options.split(), "lr_scheduler", *encoders]
    keys = tuple(key for key in TOOL.keys if key.name in options)
    near = TOOL.near.union(options)
    name = f"{getattr(document, 'program', '').rpartition('.')[2]}.py"
    setting = make_setting(TOOL._replace(keys=keys, near=near, title=name), document, path, top)
    others = (k.name for k in TOOL.keys if k.name in top and k.name not in options)
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
    "flux": f"{DREAMBOOTH}_flux",
    "flux-kontext": f"{DREAMBOOTH}_flux_kontext",
    "flux2": f"{DREAMBOOTH}_flux2",
    "flux2-klein": f"{DREAMBOOTH}_flux2_klein",
    "hidream": f"{DREAMBOOTH}_hidream",
    "krea2": f"{DREAMBOOTH}_krea2",
    "lumina2": f"{DREAMBOOTH}_lumina2",
    "qwen-image": f"{DREAMBOOTH}_qwen_image",
    "sana": f"{DREAMBOOTH}_sana",
    "sd1": DREAMBOOTH,
    "sd2": DREAMBOOTH,
    "sd3": f"{DREAMBOOTH}_sd3",
    "sd3.5": f"{DREAMBOOTH}_sd3",
    "sdxl": f"{DREAMBOOTH}_sdxl",
    "z-image": f"{DREAMBOOTH}_z_image",
    "z-image-turbo": f"{DREAMBOOTH}_z_image",
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
