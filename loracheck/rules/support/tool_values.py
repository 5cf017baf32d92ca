"""Values of a tool's own keys (those that are no field of LoraConfig) that the tool cannot take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.rules.types import Hit
from loracheck.tools.core.conversion import parse_scalar
from loracheck.tools.core.lora_evidence import edit_distance
from loracheck.tools.core.switches import correct_method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.setting import Setting
    from loracheck.tools.core.tool import Key, Tool

METHODS: dict[str, dict[str, tuple[str, ...]]] = {
    "axolotl": {"adapter": ("lora", "qlora")},
    "llamafactory": {"finetuning_type": ("lora",)},
    "ms-swift": {
        "tuner_type": ("lora", "longlora", "lora_llm"),
        "train_type": ("lora", "longlora", "lora_llm"),
        "sft_type": ("lora", "longlora", "qalora"),
    },
    "ludwig": {"type": ("lora",)},
}
"""Keys that name the method, and the words for LoRA. axolotl raises NotImplementedError
(`src/axolotl/loaders/adapter.py`, load_adapter), LLaMA-Factory fails an assertion
(`src/llamafactory/hparams/finetuning_args.py`, __post_init__), ms-swift raises ValueError
(`swift/pipelines/train/tuner.py`, prepare_adapter, for what `swift/tuner_plugin/mapping.py` lacks;
ms-swift 1 had `qalora`), Ludwig knows no such adapter (`ludwig/schema/llms/peft.py`,
adapter_registry).
"""

CHOICES = {("simpletuner", "lora_type"): ("standard", "lycoris")}
"""Keys for which the tool's parser has a list of words (SimpleTuner 4.10.1,
`field_registry/sections/lora.py`).
"""

_FOUR_BITS = {"llamafactory": "quantization_bit: 4", "ms-swift": "quant_bits: 4"}
_FALSE = frozenset({"false", "no", "off", "0", "f", "n", "none"})
_WORDS = frozenset({"true", "yes", "on", "1", "t", "y", *_FALSE})
"""What pydantic, OmegaConf, argparse helpers and jsonargparse take for a switch, between them."""

_WANTED = {
    "bool": "true or false",
    "number": "a number",
    "int": "a whole number",
    "list[str]": "a list of names",
}


def methods(setting: Setting) -> Iterator[Hit]:
    """A word that the dialect took for LoRA, because nothing else is like it."""
    known = METHODS.get(setting.tool_name, {})
    key = next((key for key in known if key in setting.mapping), "")
    value, words = setting.mapping.get(key), known.get(key, ())
    if (value is not True and not isinstance(value, str)) or value in words:
        return
    near = correct_method(value)
    right = near if near in words else "lora"
    four = _FOUR_BITS.get(setting.tool_name)
    bits = f"; 4 bits are `{four}`" if four and right == "lora" and "q" in str(value) else ""
    said = str(value).lower() if value is True else value
    yield Hit(
        f"`{said}` is no method that {key} can name, and the run stops there",
        (*setting.path, key),
        help=f"write {right}{bits}",
        field=key,
    )


def choices(setting: Setting) -> Iterator[Hit]:
    """A word that is not in the tool's list."""
    for (dialect, name), words in CHOICES.items():
        key = name if name in setting.mapping else f"--{name}"
        value = setting.mapping.get(key)
        if setting.tool_name != dialect or not isinstance(value, str) or value in words:
            continue
        low = value.lower()
        near = next((word for word in words if edit_distance(low, word, 2) <= 2), words[0])
        yield Hit(
            f"`{value}` is none of the words for {name} ({' or '.join(words)}), and the run stops "
            "there",
            (*setting.path, key),
            help=f"write {near}",
            field=name,
        )


def types(setting: Setting) -> Iterator[Hit]:
    """Values of another type than the key's."""
    tool, mapping = setting.tool, setting.mapping
    for key in tool.keys if tool is not None else ():
        value = mapping.get(key.name) if key.field is None else None
        if value is not None and tool is not None and _wrong(tool, key, value):
            fate = ""
            if key.type == "bool" and not tool.lenient:
                fate = ", which counts as true"
            yield Hit(
                f"`{key.name}` must be {_WANTED[str(key.type)]} here, and this is "
                f"{_shown(value)}{fate}",
                (*setting.path, key.name),
                help=f"write {_WANTED[str(key.type)]}",
                field=key.name,
            )


def _wrong(tool: Tool, key: Key, value: Any) -> bool:
    if isinstance(value, Unknown) or key.type not in _WANTED:
        return False
    if key.type == "list[str]":
        # A string in its place is LC702's own affair.
        named = isinstance(value, list) and all(isinstance(v, (str, Unknown)) for v in value)
        return not named and not isinstance(value, str)
    if key.type == "bool":
        return _no_switch(tool, value)
    value = parse_scalar(value) if tool.lenient else value
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    number = whole if key.type == "int" else isinstance(value, (int, float))
    return isinstance(value, bool) or not number


def _no_switch(tool: Tool, value: Any) -> bool:
    """A value that is no switch; a tool that only asks for truth takes every word for true."""
    if isinstance(value, str):
        word = value.strip().lower()
        return word not in _WORDS if tool.lenient else word in _FALSE
    return tool.lenient and not isinstance(value, bool) and value not in (0, 1)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'the string "{value}"'
    return "a mapping" if isinstance(value, dict) else str(value)
