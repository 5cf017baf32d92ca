"""What a script of one's own writes in its own way among options that are mostly its own: such a
mapping is no `LoraConfig(**mapping)`, and the script makes PEFT's values of its options itself.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

_BIASES = ("none", "all", "lora_only")
"""Values of LoraConfig's `bias`; its `lora_bias` is true or false (PEFT 0.21.2
`tuners/lora/config.py`).
"""

_NAMES = r"[\w.-]+(?:\s*,\s*[\w.-]+)+"
_LISTS = ("target_modules", "modules_to_save", "exclude_modules")


class ScriptWord(NamedTuple):
    """The field that a key of the script's stands for, and the value as far as it is known."""

    field: str
    value: Value


def read_script_words(mapping: dict[Any, Value]) -> dict[str, ScriptWord]:
    """The keys that are not LoraConfig's arguments as they stand: names with commas, which the
    script parts, and `lora_bias: none` for `bias`.
    """
    words = {
        key: ScriptWord(key, Unknown("names with commas, which the script parts"))
        for key in _LISTS
        if _is_joined(mapping.get(key))
    }
    bias = mapping.get("lora_bias")
    if isinstance(bias, str) and bias in _BIASES and "bias" not in mapping:
        words["lora_bias"] = ScriptWord("bias", bias)
    return words


def _is_joined(value: Value) -> bool:
    return isinstance(value, str) and re.fullmatch(_NAMES, value.strip()) is not None
