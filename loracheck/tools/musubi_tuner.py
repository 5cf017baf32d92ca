"""musubi-tuner: sd-scripts' options, for video models and newer image models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import kohya
from .core.tool import Program, Summary

if TYPE_CHECKING:
    from loracheck.documents.model import Document

    from .core.setting import Setting

_MODULE = "network_module=networks.lora_"
_NETWORKS = (
    *("flux_2", "framepack", "hidream_o1", "hv_1_5", "ideogram4", "kandinsky"),
    *("krea2", "qwen_image", "wan", "zimage"),
)
"""Modules of musubi_tuner/networks/ that sd-scripts has not. `networks.lora` and
`networks.lora_flux` stand in both: a file with one of them counts as sd-scripts'.
"""

TOOL = kohya.TOOL._replace(
    name="musubi-tuner",
    title="musubi-tuner",
    source="musubi-tuner main of June 2026 (commit 30c658c), "
    "src/musubi_tuner/training/parser_common.py (_add_network_args, read_config_from_file), "
    "src/musubi_tuner/networks/lora.py (create_network)",
    keys=tuple(key for key in kohya.TOOL.keys if not key.name.startswith("network_train_")),
    near=frozenset(),
    priority=0,
    signatures=(
        "|".join(f"{_MODULE}{name}" for name in _NETWORKS),
        "|".join(f"*.{_MODULE}{name}" for name in _NETWORKS),
    ),
    programs=(
        Program(
            module=r"(?:flux_2|flux_kontext|fpack|hidream_o1|hv|hv_1_5|ideogram4|kandinsky5|krea2"
            r"|qwen_image|wan|zimage)_train_network(?:_\w+)?"
        ),
    ),
    own="musubi-tuner has LoRA layers of its own; only the values were checked",
    summary=Summary(
        files="TOML, .sh",
        known_by="`network_module: networks.lora_wan` and its like, `wan_train_network.py`",
        does="own layers and names: only types and ranges are judged",
    ),
)


def read(document: Document) -> list[Setting]:
    """As sd-scripts' files are read."""
    return kohya.read(document, TOOL)
