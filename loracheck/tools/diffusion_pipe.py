"""diffusion-pipe's TOML: an `[adapter]` block beside `[model]`."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.tool import InitFile, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

_TYPE_NAMES = ("bfloat16", "float16", "float32", "float8", "float8_e4m3fn", "float8_e5m2")
"""utils/common.py (DTYPE_MAP); any other is a KeyError."""

TOOL = Tool(
    name="diffusion-pipe",
    title="diffusion-pipe",
    source="diffusion-pipe main of August 2026 (commit 8f83dbf), train.py (set_config_defaults), "
    "models/base.py (get_target_modules, configure_adapter)",
    keys=(
        Key("type", type="str", help="lora or lokr.", choices=("lora", "lokr")),
        Key("rank", "r"),
        Key("dropout", "lora_dropout", 0.0),
        Key("exclude_modules", "exclude_modules"),
        Key(
            "dtype",
            type="str",
            help="Number type of the adapter; by default the model's.",
            choices=_TYPE_NAMES,
        ),
        Key("init_from_existing", type="str", help="Folder of an adapter to start from."),
        Key("fuse_adapters", help="Adapters that are merged first."),
    ),
    block=("adapter",),
    strict=True,
    unknown="drops",
    near=frozenset({"alpha", "decompose_factor", "rank_dropout"}),
    words=("[adapter]",),
    signatures=("adapter.type=[lL][oO][rR][aA] model.type model.dtype|output_dir|dataset",),
    own_lora="diffusion-pipe chooses every linear layer of the model's blocks; only the values "
    "were checked",
    writes=InitFile("diffusion-pipe.toml", diffusion=True),
    summary=Summary(
        files="TOML",
        known_by="`[adapter]` with `type` beside `[model]`",
        does="alpha is the rank, and may not be given; every linear layer of the blocks",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document that trains LoRA."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if str(get_block(top, "adapter").get("type")).lower() == "lora"
    ]


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, (*path, "adapter"), get_block(top, "adapter"))
    setting.fields.setdefault("r", None)
    setting.fields["lora_alpha"] = setting.fields["r"]
    add_model(setting, (*path, "model"), get_block(top, "model"), *_CHECKPOINTS)
    return setting


_CHECKPOINTS = ("diffusers_path", "ckpt_path", "checkpoint_path", "transformer_path")
"""Keys of `[model]` for the model's files (docs/supported_models.md of the same commit)."""


_TYPES = {
    "sdxl": ("sdxl", "checkpoint_path"),
    "flux": ("flux", "diffusers_path"),
    "flux-kontext": ("flux", "diffusers_path"),
    "ltx-video": ("ltx-video", "diffusers_path"),
    "hunyuan-video": ("hunyuan-video", "ckpt_path"),
    "wan2.1-t2v-1.3b": ("wan", "ckpt_path"),
    "wan2.1-t2v-14b": ("wan", "ckpt_path"),
    "wan2.1-i2v-14b": ("wan", "ckpt_path"),
    "sd3.5": ("sd3", "diffusers_path"),
    "sd3": ("sd3", "diffusers_path"),
    "qwen-image": ("qwen_image", "diffusers_path"),
    "qwen-image-edit": ("qwen_image", "diffusers_path"),
}
"""Family -> `type` and the key for its files (docs/supported_models.md of the same commit)."""


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of the file; None for a family that it does not train, or from other files."""
    from .core.diffusion_draft import DiffusionDraft

    type_name = _TYPES.get(request.family)
    if type_name is None:
        return None
    kind, key = type_name
    return DiffusionDraft(
        {
            "output_dir": "path/to/output",
            "dataset": "path/to/dataset.toml",
            "model": {"type": kind, key: f"path/to/{_name_files(request)}", "dtype": "bfloat16"},
            "adapter": {"type": "lora", "rank": request.rank, "dtype": "bfloat16"},
        },
        {"r": "adapter.rank"},
        about="Every linear layer of the blocks gets LoRA, and alpha is the rank.",
    )


def _name_files(request: DiffusionRequest) -> str:
    """What the model's folder may be called; of SDXL its single file."""
    if request.family == "sdxl":
        return "model.safetensors"
    return request.model.rstrip("/").rpartition("/")[2].removesuffix("-Diffusers")
