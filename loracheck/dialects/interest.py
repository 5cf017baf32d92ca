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


_KEYS = re.compile(
    rb"""(?:^|[\s{,"'-])  # where a key begins
    (?:q?lora_\w+|use_q?lora|use_peft|peft|peft_\w+|target_?modules|target_parameters
    |modules_to_save|network_(?:dim|alpha|module)|linear(?:_alpha)?|adapter|r|rank
    |(?:finetuning|tuner|train|sft)_type)
    ["']?\s*[:=]""",
    re.MULTILINE | re.VERBOSE,
)
_NAMED = re.compile(rb"lora|peft|network_module", re.IGNORECASE)


def seems_to_set_lora(data: bytes) -> bool:
    """Whether a file that cannot be read has a key of LoRA settings, so that the fault is worth a
    word: a site's menu or a chart's template may name LoRA too.
    """
    return _NAMED.search(data) is not None and _KEYS.search(data) is not None
