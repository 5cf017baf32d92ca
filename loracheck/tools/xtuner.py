"""xtuner's Python configs, which call LoraConfig lazily: `lora=dict(type=LoraConfig, ...)`."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.lora_config_call import read_lora_config
from .core.tool import Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.python.document import Call

    from .core.setting import Setting

TOOL = Tool(
    name="xtuner",
    title="xtuner",
    source="xtuner 0.1.23, xtuner/model/sft.py and utils.py (find_all_linear_names)",
    calls=(r"dict\(type=LoraConfig\)",),
    summary=Summary(
        files=".py",
        known_by="`dict(type=LoraConfig, ...)`",
        does="no targets: every linear layer but the head",
        unknown="TypeError",
    ),
)


def read_call(document: Document, number: int, call: Call) -> Setting | None:
    """The Setting of a lazy call: without targets every linear layer but the head is one."""
    setting = read_lora_config(TOOL.name, document, number, call)
    if setting is None:
        return None
    setting.form = "tool"
    if setting.complete and setting.fields.get("target_modules") is None:
        setting.fields["target_modules"] = "all-linear"
        setting.behaviour.lists_linear = True
        setting.places.pop("target_modules", None)
    return setting
