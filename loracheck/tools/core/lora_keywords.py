"""Whether the bytes of a file that no parser can read look like a LoRA config."""

from __future__ import annotations

import re

from .quick_look import strip_utf16_nulls

_KEYS = re.compile(
    rb"""(?:^|[\s{,"'-])  # where a key begins
    (?:q?lora_\w+|use_q?lora|use_peft|peft|peft_\w+|target_?modules|target_parameters
    |modules_to_save|network_(?:dim|alpha|module)|linear(?:_alpha)?|adapter|r|rank
    |(?:finetuning|tuner|train|sft)_type)
    ["']?\s*[:=]
    |(?:^|[\s{,"'-])q?lora["']?\s*[:=]\s*(?:[\[{]|$)  # a block, not a menu's `lora: page.md`""",
    re.MULTILINE | re.VERBOSE,
)
_NAMED = re.compile(
    rb"(?<![A-Za-z])(?:q|ada|re|rs|x)?lora|(?<![A-Z])[Ll]o[Rr]A|(?<![A-Z])Lora|L[Oo]RA"
    rb"|(?<![a-z])[Pp][Ee][Ff][Tt]|network_module"
)
"""LoRA or PEFT as a word, or part of a name (`useLora`): no `exploration`, no `flora`."""


def seems_to_set_lora(data: bytes) -> bool:
    """Whether a file that cannot be read has a key of LoRA settings, so that the fault is worth a
    word: a site's menu or a chart's template may name LoRA too.
    """
    data = strip_utf16_nulls(data)
    return _NAMED.search(data) is not None and _KEYS.search(data) is not None
