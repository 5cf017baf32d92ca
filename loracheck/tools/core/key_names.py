"""What the keys of all tools mean, for names that stand in no tool's file."""

from __future__ import annotations

from .build_index import list_all_tools


def find_field_of_key(name: str) -> str | None:
    """LoraConfig's field that some tool's key of this name sets, as axolotl's `lora_r` sets `r`;
    None for a name that is no such key. All tools are imported.
    """
    keys = (key for tool in list_all_tools() for key in tool.keys if key.name == name)
    return next((key.field for key in keys if key.field), None)
