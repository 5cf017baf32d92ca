"""diffusers' training scripts: `train_dreambooth_lora_flux.py --rank 16 --lora_alpha 16`.

Each script has its own defaults (a rank of 4, 16, 64 or 128) and modules of its own, so only the
values that are given are judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core.lookup import top_mappings
from .core.make_setting import make_setting
from .core.tool import Key, Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document

    from .core.setting import Setting

TOOL = Tool(
    name="diffusers",
    title="diffusers (training scripts)",
    source="diffusers main of August 2026 (commit 58eb52c), examples/dreambooth/"
    "train_dreambooth_lora_flux.py, examples/text_to_image/train_text_to_image_lora.py, "
    "examples/cosmos/train_cosmos_predict25_lora.py and their neighbours (parse_args)",
    keys=(
        Key("rank", "r", help="Rank of the update; the default is the script's own."),
        Key("lora_rank", "r", help="The name that a few scripts have for rank."),
        Key("lora_alpha", "lora_alpha"),
        Key("lora_dropout", "lora_dropout"),
        Key("lora_layers", type="str", help="Names of modules with commas between them."),
        Key("lora_blocks", type="str", help="Numbers of the blocks that get LoRA."),
        Key("lora_bias", "bias"),
        Key("use_dora", "use_dora"),
    ),
    near=frozenset({"lora_weights", "lora_target_modules", "lora_target_params", "local_rank"}),
    programs=(
        Program(
            module=r"train_(?:dreambooth|text_to_image|cogvideox|cosmos|control|lcm_distill|instruct)"
            r"\w*lora\w*"
        ),
    ),
    own="diffusion models are not held against a module tree; only the values were checked",
    summary=Summary(
        files=".sh",
        known_by="`train_dreambooth_lora*.py` and their like",
        does="own models: only values are judged",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each command that gives one of the values."""
    return [
        make_setting(TOOL, document, path, top)
        for path, top in top_mappings(document)
        if any(key.field and key.name in top for key in TOOL.keys)
    ]
