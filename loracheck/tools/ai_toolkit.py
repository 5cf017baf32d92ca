"""ai-toolkit's YAML: `config.process[].network`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core.lookup import get_block, get_value, top_mappings
from .core.make_setting import make_setting
from .core.tool import Key, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.values import Value

    from .core.setting import Setting

TOOL = Tool(
    name="ai-toolkit",
    title="ai-toolkit (network block)",
    source="ai-toolkit main of August 2026 (commit 27a03a9), toolkit/config_modules.py "
    "(NetworkConfig)",
    keys=(
        Key("type", type="str", help="lora, lokr, ..."),
        Key("linear", "r", 4, help="Rank of the linear layers. Default 4."),
        Key("rank", "r", help="The older name of linear; it wins where both are given."),
        Key("alpha", "lora_alpha", 1.0, help="What linear_alpha is where it is not given."),
        Key("linear_alpha", "lora_alpha", help="Divided by linear. Default: alpha, which is 1."),
        Key("conv", type="int", help="Rank of the convolutions."),
        Key("conv_alpha", type="number", help="Divided by conv."),
        Key("dropout", "lora_dropout"),
        Key("network_kwargs", type="config", help="Such as only_if_contains: [names]."),
    ),
    block=("network",),
    inside=("config", "process", "[]"),
    only_lora=True,
    unknown="drops",
    own="ai-toolkit has LoRA layers of its own; only the values were checked",
    searched=True,
    skips_null=True,
    signatures=("job config.process=[]",),
    summary=Summary(
        files="YAML",
        known_by="`job` with `config.process`",
        does="own layers and names: only types and ranges are judged",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each process with a LoRA network."""
    found = []
    for path, top in top_mappings(document):
        processes = get_value(top, "config", "process")
        for number, process in enumerate(processes if isinstance(processes, list) else []):
            network = get_block(process, "network")
            if network and network.get("type", "lora") in ("lora", "lierla"):
                where = (*path, "config", "process", number, "network")
                setting = make_setting(TOOL, document, where, network)
                if _trains_transformer(get_block(process, "model")):
                    # No alpha there: it is set to the rank (toolkit/lora_special.py,
                    # LoRASpecialNetwork: "no alpha for peft").
                    setting.fields["lora_alpha"] = setting.fields["r"]
                    setting.places.pop("lora_alpha", None)
                found.append(setting)
    return found


_UNETS = frozenset({"sd1", "sd2", "sdxl", "ssd", "vega", "refiner"})
"""Architectures of ai-toolkit that are no transformers."""


def _trains_transformer(model: dict[Any, Value]) -> bool:
    """Whether the `model` block is certain to name a transformer model."""
    arch = model.get("arch")
    if isinstance(arch, str):
        return arch.partition(":")[0].lower() not in _UNETS
    return any(model.get(key) is True for key in ("is_flux", "is_v3", "is_lumina2"))
