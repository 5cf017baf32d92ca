"""The config that is looked at, in the words of other tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .view import View

FORMS: dict[str, tuple[str, str]] = {
    "python": ("Python (PEFT)", "lora.py"),
    "axolotl": ("axolotl YAML", "axolotl.yaml"),
    "llamafactory": ("LLaMA-Factory YAML", "llamafactory.yaml"),
    "trl": ("TRL YAML", "trl.yaml"),
    "peft": ("adapter_config.json", "adapter_config.json"),
}
"""Tool -> its title, and a name for a file."""


def exported(view: View, tool: str) -> str:
    """The text of a file for the tool."""
    return json.dumps(dict(view.case.setting.fields), indent=2, default=str)
