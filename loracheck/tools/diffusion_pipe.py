"""diffusion-pipe's TOML: an `[adapter]` block beside `[model]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import make_setting
from .core.tool import Key, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value

    from .core.setting import Setting

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
        Key("dtype", type="str", help="Number type of the adapter; by default the model's."),
        Key("init_from_existing", type="str", help="Folder of an adapter to start from."),
        Key("fuse_adapters", help="Adapters that are merged first."),
    ),
    block=("adapter",),
    strict=True,
    unknown="drops",
    near=frozenset({"alpha", "decompose_factor", "rank_dropout"}),
    words=("[adapter]",),
    signatures=("adapter.type=lora model.type model.dtype|output_dir|dataset",),
    own="diffusion-pipe chooses every linear layer of the model's blocks; only the values were "
    "checked",
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
        if get_block(top, "adapter").get("type") == "lora"
    ]


def _build_setting(document: Document, path: Path, top: dict[Any, Value]) -> Setting:
    setting = make_setting(TOOL, document, (*path, "adapter"), get_block(top, "adapter"))
    setting.fields.setdefault("r", None)
    setting.fields["lora_alpha"] = setting.fields["r"]
    return setting
