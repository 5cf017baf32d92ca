"""Whether a file could set LoRA up at all, told from its bytes, without reading it as anything."""

from __future__ import annotations

import re

_WORDS = re.compile(
    rb"lora|dora|peft|target_?modules|target_parameters|modules_to_save|network_(?:dim|module)",
    re.IGNORECASE,
)


def mentions_lora(data: bytes | str) -> bool:
    """Whether any word of LoRA stands in the text. A file without one holds no setting of any
    dialect, so a search through directories need not complain that it cannot be read.
    """
    return _WORDS.search(data.encode() if isinstance(data, str) else data) is not None
