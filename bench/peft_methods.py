"""`python -m bench.peft_methods`: writes `loracheck/config/methods.json`, PEFT's methods beside
LoRA: config class, and whether it finds its modules by `target_modules` as LoRA does; and
`method_fields.json`, their fields, and what PEFT does with values that are none for them. Needs
PEFT, torch and transformers.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
import warnings
from typing import Any

from loracheck.config import method_fields
from loracheck.config.methods import PATH, TARGET_FIELDS

APART = frozenset({"ADAPTION_PROMPT"})
"""Methods whose `target_modules` is matched in another way (PEFT 0.21.2 tuners/adaption_prompt)."""

NEEDED: dict[str, dict[str, Any]] = {
    "ADALORA": {"total_step": 100},
    "IA3": {"feedforward_modules": []},
    "MISS": {"r": 8},
    "C3A": {"block_size": 8},
    "VBLORA": {"vector_length": 8},
    "ROAD": {"group_size": 4},
    "SHIRA": {"r": 4},
    "WAVEFT": {"n_frequency": 16},
}
"""What a method needs beside targets on the small model."""

BESIDE: dict[str, dict[str, Any]] = {"boft_block_num": {"boft_block_size": 0}}
"""What must stand beside a field, so that it is the field's value that PEFT refuses (BOFTConfig
takes one of these two alone).
"""

OTHER_CHOICE = "no-such-choice"
CHOICES: dict[str, tuple[str, ...]] = {
    "task_type": (),
    "bias": ("none", "all", "{}_only", "*_only"),
}
"""Fields that are annotated as any text, and texts that a method may take for them; for a task
those of PEFT's own enumeration. "*_only" stands for whatever ends so.
"""

PLAIN = (bool, int, float, str, type(None))


def read_methods() -> dict[str, list[object]]:
    """Method -> [config class, its fields that choose modules]."""
    found: dict[str, list[object]] = {}
    for name, cls in load_classes().items():
        fields = {field.name for field in dataclasses.fields(cls)}
        targets = "target_modules" in fields and name not in APART
        chosen = [field for field in TARGET_FIELDS if field in fields] if targets else []
        if name != "LORA":
            found[name] = [cls.__name__, chosen]
    return dict(sorted(found.items()))


def read_fields() -> dict[str, dict[str, list[object]]]:
    """Method -> field -> the row of `MethodField`, for methods that find modules by their names."""
    classes, found = load_classes(), {}
    for name, (_, chosen) in read_methods().items():
        cls = classes[name]
        if chosen:
            hints = typing.get_type_hints(cls)
            works = wrap(name, {}) is None
            found[name] = {
                field.name: _row(name, field, hints[field.name], works)
                for field in dataclasses.fields(cls)
            }
    return found


def _row(method: str, field: Any, hint: Any, works: bool) -> list[object]:
    default = field.default if type(field.default) in PLAIN else None
    members = typing.get_args(hint) if _is_union(hint) else (hint,)
    choices = [
        c for m in members for c in typing.get_args(m) if typing.get_origin(m) is typing.Literal
    ]
    own = field.name not in TARGET_FIELDS
    number = {int: "whole number", float: "number"}.get(
        next((m for m in members if m in (int, float)), type(None))
    )
    if works and field.name in CHOICES:
        return [default, None, None, None, *_try_choices(method, field.name)]
    if str in members or not (works and own):
        return [default, number if own and str not in members else None, None, None, [], None]
    beside = BESIDE.get(field.name, {})
    text = wrap(method, {**beside, field.name: "8"}) if number else None
    below = [wrap(method, {**beside, field.name: value}) for value in (0, -1)] if number else [None]
    zero = below[0] if None not in below and below[0] == below[1] else None
    other = wrap(method, {field.name: OTHER_CHOICE}) if choices else None
    texts = [choice for choice in choices if isinstance(choice, str)]
    return [default, number, text, zero, texts, other]


def _try_choices(method: str, name: str) -> tuple[list[str], str | None]:
    """The texts that PEFT takes for a field, and what it does with another one."""
    from peft import TaskType

    other = wrap(method, {name: OTHER_CHOICE})
    if other is None:
        return [], None
    if name == "task_type":
        return [task.value for task in TaskType], other
    candidates = dict.fromkeys(one.format(method.lower()) for one in CHOICES[name])
    return [one for one in candidates if wrap(method, {name: one}) is None], other


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def load_classes() -> dict[str, Any]:
    """Method -> its config class in PEFT."""
    from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING

    return {
        str(getattr(kind, "value", kind)): cls for kind, cls in PEFT_TYPE_TO_CONFIG_MAPPING.items()
    }


def wrap(method: str, values: dict[str, Any]) -> str | None:
    """What PEFT does with a config for a small model: "raises" (the config class), "fails"
    (wrapping), or None where all goes well.
    """
    from peft import get_peft_model

    targets: dict[str, Any] = {"target_modules": ["q_proj"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            config = load_classes()[method](**{**targets, **NEEDED.get(method, {}), **values})
        except Exception:  # noqa: BLE001 - whether it raises is what is asked
            return "raises"
        try:
            get_peft_model(make_model(), config)
        except Exception:  # noqa: BLE001 - whether it fails is what is asked
            return "fails"
    return None


def make_model() -> Any:
    """A small Qwen2 with numbers in its weights, which some methods read."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4}
    return Qwen2ForCausalLM(
        Qwen2Config(num_hidden_layers=2, num_key_value_heads=4, vocab_size=64, **sizes)
    )


def write_table(path: str, table: dict[str, Any]) -> None:
    """Write a table of JSON with one row a line."""
    rows = (f"{json.dumps(name)}: {json.dumps(row)}" for name, row in table.items())
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    write_table(PATH, read_methods())
    write_table(method_fields.PATH, read_fields())
