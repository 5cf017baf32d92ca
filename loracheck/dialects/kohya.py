"""kohya's sd-scripts: TOML whose sections are flattened, so that their names do not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .tool import Key, Tool, draft, tops

if TYPE_CHECKING:
    from loracheck.documents.model import Document

    from .setting import Setting

TOOL = Tool(
    name="kohya",
    title="kohya sd-scripts",
    source="sd-scripts main of February 2026 (commit 48d368f), train_network.py (setup_parser), "
    "networks/lora.py, library/train_util.py (read_config_from_file)",
    keys=(
        Key("network_module", type="str", help="networks.lora and its relatives."),
        Key("network_dim", "r", 4, help="Rank of the update. Default 4."),
        Key("network_alpha", "lora_alpha", 1, help="Divided by network_dim. Default 1."),
        Key("network_dropout", "lora_dropout", type="number", help="Share of neurons dropped."),
        Key("network_args", type="list[str]", help="Further arguments, each `key=value`."),
        Key("network_weights", type="str", help="Weights to start from."),
        Key("network_train_unet_only", type="bool", help="No LoRA on the text encoder."),
        Key("network_train_text_encoder_only", type="bool", help="No LoRA on the U-Net."),
    ),
    unknown="drops",
    prefix="network_",
    near=frozenset({"network_mul", "network_merge", "network_merge_n_models", "network_pre_calc"}),
    own="sd-scripts has LoRA layers of its own; only the values were checked",
)

_LORA = ("networks.lora", "networks.dylora", "lycoris")


def settings(document: Document) -> list[Setting]:
    """One Setting for each section that sets a network up."""
    found = []
    for path, top in tops(document):
        inner = [((*path, k), v) for k, v in top.items() if isinstance(v, dict)]
        for where, section in [(path, top), *inner]:
            if _is_lora(section):
                found.append(draft(TOOL, document, where, section))
    return found


def _is_lora(section: dict[Any, Any]) -> bool:
    module = section.get("network_module")
    if isinstance(module, str):
        return module.startswith(_LORA)
    return "network_dim" in section
