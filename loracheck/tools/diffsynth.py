"""DiffSynth-Studio's scripts: `train.py --lora_base_model dit --lora_target_modules "q,k"`.

The models are its own classes; of five families the names of their layers are known.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import InitFile, Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

_OWN = "the names of this model's layers are not known here; only the values were checked"
_DEFAULT = "q,k,v,o,ffn.0,ffn.2"

_SLIPS = dict.fromkeys(("transformer", "transformers", "dit1", "dit_1"), "dit")
"""Words that are no part of any pipeline (diffsynth/pipelines/): the run goes on without LoRA
(training_module.py, switch_pipe_to_training_mode) -> the part.
"""

TOOL = Tool(
    name="diffsynth",
    title="DiffSynth-Studio",
    source="DiffSynth-Studio main of August 2026 (commit fed7b18), diffsynth/diffusion/parsers.py "
    "(add_lora_config), training_module.py (add_lora_to_model)",
    keys=(
        Key(
            "lora_base_model",
            type="str",
            help="The part that gets LoRA, such as dit.",
            slips=_SLIPS,
        ),
        Key(
            "lora_target_modules",
            "target_modules",
            type="str",
            help="Names with commas; a single one is an expression for whole names.",
        ),
        Key("lora_rank", "r", 32),
        Key("lora_checkpoint", type="str", help="An adapter to start from."),
    ),
    near=frozenset({"lora_fused", "preset_lora_path", "preset_lora_model"}),
    signatures=("lora_base_model lora_rank|lora_target_modules|model_id_with_origin_paths",),
    told_by_options="signature",
    writes=InitFile("train.sh", diffusion=True),
    traps=("one-name-is-a-regex", "word-without-option"),
    programs=(Program(module=r"(?:.*\.)?examples\.\w+\.model_training\.train"),),
    summary=Summary(
        files=".sh",
        known_by="`--lora_base_model` with `--lora_target_modules`",
        does="r 32, alpha the rank; Wan's own names, whatever the model",
    ),
)

_LAYOUTS = (
    (r"Wan-AI/Wan2\.[12]-(?:T2V|I2V|FLF2V|TI2V)-", "wan"),
    (r"Qwen/Qwen-Image(?:-Edit|-2512|-Edit-25\d\d)?$", "qwen-image"),
    (r"black-forest-labs/FLUX\.1-", "flux-fused"),
    (r"black-forest-labs/FLUX\.2-", "flux2"),
    (r"Tongyi-MAI/Z-Image", "z-image"),
)
"""Beginning of a checkpoint's id -> the layout that DiffSynth's class for it has."""
_WAN_FILE = r"(?i)\bwan2[._][12][-_](?:t2v|i2v|flf2v|ti2v)[-_]"
"""In the names of files that hold Wan's model, as ComfyUI and the publisher call them."""


def read(document: Document) -> list[Setting]:
    """One Setting for each command that puts LoRA on a part."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if isinstance(top.get("lora_base_model"), str)
    ]


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    layout = _find_layout(top)
    tool = TOOL if layout else TOOL._replace(own_lora=_OWN)
    setting = make_setting(tool, document, path, top)
    setting.layout = layout
    _add_model(setting, path, top)
    setting.fields["lora_alpha"] = setting.fields["r"]
    targets = setting.fields.get("target_modules", _DEFAULT)
    if isinstance(targets, str):
        names = targets.split(",")
        only = names[0] if len(names) == 1 else names
        module_names = Unknown("the layers that are found in the model") if targets == "" else only
        setting.fields["target_modules"] = module_names
    return setting


def _add_model(setting: Setting, path: Path, top: Table) -> None:
    """The repository of the first file: `Wan-AI/Wan2.1-T2V-1.3B:diffusion_pytorch_model*`."""
    add_model(setting, path, top, "model_id_with_origin_paths")
    if isinstance(setting.model, str):
        setting.model = setting.model.partition(":")[0]


def _find_layout(top: Table) -> str | None:
    """The layout of the part that gets LoRA; None where it is not known."""
    if top.get("lora_base_model") != "dit":
        return None
    model_id = str(top.get("model_id_with_origin_paths", "")).partition(":")[0]
    files = str(top.get("model_paths", ""))
    if not model_id and re.search(_WAN_FILE, files):
        return "wan"
    return next((layout for pattern, layout in _LAYOUTS if re.match(pattern, model_id)), None)


_FLUX_TARGETS = (
    "a_to_qkv,b_to_qkv,ff_a.0,ff_a.2,ff_b.0,ff_b.2,a_to_out,b_to_out,proj_out,to_qkv_mlp"
)
_QWEN_TARGETS = "to_q,to_k,to_v,add_q_proj,add_k_proj,add_v_proj,to_out.0,to_add_out"
_EXAMPLES = {
    **dict.fromkeys(
        ("wan2.1-t2v-1.3b", "wan2.1-t2v-14b", "wan2.1-i2v-14b"),
        ("wanvideo", "diffusion_pytorch_model*.safetensors", _DEFAULT),
    ),
    "qwen-image": (
        "qwen_image",
        "transformer/diffusion_pytorch_model*.safetensors",
        _QWEN_TARGETS,
    ),
    "flux": ("flux", "flux1-dev.safetensors", _FLUX_TARGETS),
    **dict.fromkeys(
        ("z-image", "z-image-turbo"),
        ("z_image", "transformer/*.safetensors", "to_q,to_k,to_v,to_out.0,w1,w2,w3"),
    ),
}
"""Family -> folder of its script, the files of its `dit`, and names of layers of its blocks
(examples/*/model_training/lora/*.sh of the same commit)."""


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of the command; None for a family whose layers are not known here."""
    from .core.diffusion_draft import DiffusionDraft

    example = _EXAMPLES.get(request.family)
    if example is None:
        return None
    folder, files, targets = example
    if folder == "flux" and not request.model.endswith("/FLUX.1-dev"):
        return None
    model = request.model.removesuffix("-Diffusers")
    options = {
        "model_id_with_origin_paths": f"{model}:{files}",
        "lora_base_model": "dit",
        "lora_target_modules": targets,
        "lora_rank": request.rank,
    }
    return DiffusionDraft(
        options,
        {"r": "lora_rank"},
        f"accelerate launch examples/{folder}/model_training/train.py",
        "Add the files of the text encoder and the VAE to --model_id_with_origin_paths. Alpha is "
        "the rank.",
    )
