"""finetrainers' command line: `train.py --model_name wan --training_type lora --rank 32`.

One word after `--target_modules` is an expression for whole names, several are a list of names,
whatever the help says of "a list of regex strings": PEFT compares the entries of a list as names.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import InitFile, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

_ATTENTION = "to_q|to_k|to_v|to_out.0"
_BLOCKS = "(transformer_blocks|single_transformer_blocks).*"
_TARGETS = f"{_BLOCKS}({_ATTENTION})"
_CONTROL_TARGETS = f"{_BLOCKS}({_ATTENTION}|ff.net.0.proj|ff.net.2)"

_CLASSES = {
    "cogvideox": "CogVideoXTransformer3DModel",
    "cogview4": "CogView4Transformer2DModel",
    "flux": "FluxTransformer2DModel",
    "hunyuan_video": "HunyuanVideoTransformer3DModel",
    "ltx_video": "LTXVideoTransformer3DModel",
    "wan": "WanTransformer3DModel",
}
"""The class of the transformer, by --model_name (finetrainers/models/)."""

_INPUTS = {"cogview4": "patch_embed.proj", "wan": "patch_embedding"}
"""The layer that takes the control image in, by --model_name (control_injection_layer_name)."""

_SLIPS = {
    **dict.fromkeys(("cogvideo", "cogvideox-2b", "cogvideox-5b", "cogvideox1.5"), "cogvideox"),
    **dict.fromkeys(("flux1", "flux.1", "flux-dev", "flux_dev"), "flux"),
    **dict.fromkeys(("hunyuan", "hunyuanvideo", "hunyuan-video"), "hunyuan_video"),
    **dict.fromkeys(("ltx", "ltxv", "ltxvideo", "ltx-video"), "ltx_video"),
    **dict.fromkeys(("wan2.1", "wan2.2", "wan21", "wan22", "wan_video", "wanvideo"), "wan"),
}
"""Words that no release has had for --model_name -> the word."""

_TYPES = ("lora", "control-lora", "full-finetune", "control-full-finetune")
"""What --training_type takes (finetrainers/config.py, TrainingType)."""

TOOL = Tool(
    name="finetrainers",
    title="finetrainers",
    source="finetrainers 0.2.0, finetrainers/trainer/sft_trainer/config.py (SFTLowRankConfig), "
    "control_trainer/config.py (ControlLowRankConfig), sft_trainer/trainer.py",
    keys=(
        Key(
            "training_type",
            type="str",
            help="lora or control-lora; others train the whole.",
            choices=_TYPES,
        ),
        Key(
            "model_name",
            type="str",
            help="wan, ltx_video, flux, ...: the class of the model.",
            slips=_SLIPS,
        ),
        Key("rank", "r", 64),
        Key("lora_alpha", "lora_alpha", 64),
        Key(
            "target_modules",
            "target_modules",
            nargs="+",
            help="One word is an expression for whole names, several are names.",
        ),
    ),
    near=frozenset({"training_type"}),
    words=("training_type",),
    traps=("one-name-is-a-regex",),
    signatures=("training_type=*lora* model_name pretrained_model_name_or_path",),
    told_by_options="signature",
    writes=InitFile("train.sh", diffusion=True),
    summary=Summary(
        files=".sh",
        known_by="`--training_type lora` with `--model_name`",
        does="r 64, alpha 64; an expression for blocks that Wan does not have",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each command that trains LoRA."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if _trains_lora(top.get("training_type"))
    ]


def _trains_lora(kind: Value) -> bool:
    """Whether a --training_type is one with LoRA, or a slip for one."""
    return isinstance(kind, str) and "lora" in kind.lower()


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, path, top)
    add_model(setting, path, top, "transformer_id", "pretrained_model_name_or_path")
    name = str(top.get("model_name"))
    control = top.get("training_type") == "control-lora"
    setting.part = None if setting.model == top.get("transformer_id") else "transformer"
    setting.heads = (_CLASSES[name],) if name in _CLASSES else ()
    targets = setting.fields.setdefault(
        "target_modules", [_CONTROL_TARGETS if control else _TARGETS]
    )
    if isinstance(targets, list) and len(targets) == 1:
        targets = setting.fields["target_modules"] = targets[0]
    if control and isinstance(targets, str) and name in _INPUTS:
        setting.behaviour.planned["target_modules"] = f"(^{_INPUTS[name]}$)|({targets})"
    return setting


_NAMES = {
    "cogvideox": "cogvideox",
    "cogview4": "cogview4",
    "flux": "flux",
    "hunyuan-video": "hunyuan_video",
    "ltx-video": "ltx_video",
    "wan2.1-t2v-1.3b": "wan",
    "wan2.1-t2v-14b": "wan",
    "wan2.1-i2v-14b": "wan",
}
"""Family -> --model_name."""


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of the command; None for a family that it does not train."""
    from .core.diffusion_draft import DiffusionDraft

    name = _NAMES.get(request.family)
    if name is None:
        return None
    options = {
        "model_name": name,
        "pretrained_model_name_or_path": request.model,
        "training_type": "lora",
        "rank": request.rank,
        "lora_alpha": request.rank,
        "target_modules": list(request.targets),
    }
    names = {"r": "rank", "lora_alpha": "lora_alpha", "target_modules": "target_modules"}
    return DiffusionDraft(options, names, "accelerate launch train.py")
