"""What a training file says of the run, LoRA aside: batch, sequence length, precision, optimiser.

Only plain values of the file are taken; everything else is a default, which the memory estimate
lists among its assumptions. Of a script the calls count that make the trainer's arguments and load
the model; what such a call leaves out has the library's default.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.tools.core.conversion import parse_scalar
from loracheck.type_checking import TYPE_CHECKING

from .script_calls import find_run_calls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.tools.core.setting import Setting

BATCH, SEQUENCE = 1, 2048
"""Assumed where the file does not say: samples per step, tokens per sample."""

_BATCH = (
    *("per_device_train_batch_size", "micro_batch_size", "ppo_micro_batch_size_per_gpu"),
    *("micro_batch_size_per_gpu", "micro_train_batch_size", "local_batch_size"),
    *("train_batch_size", "batch_size"),
)
_SEQUENCE = ("max_length", "max_seq_length", "sequence_len", "cutoff_len", "model_max_length")
_CHECKPOINTING = (
    *("gradient_checkpointing", "activation_checkpointing", "enable_gradient_checkpointing"),
    "use_gradient_checkpointing",
)
_OPTIMISER = ("optim", "optimizer")
_AUTOCAST = ("bf16", "fp16")
_ATTENTION = ("attn_implementation", "_attn_implementation", "attn_impl")
_DOUBLE = ("bnb_4bit_use_double_quant", "use_bnb_4bit_double_quant", "use_bnb_nested_quant")
_DTYPE = ("dtype", "torch_dtype", "torch_dtype_str")
_FULL = compile_when_used(r"(?:torch\.)?(?:float32|float)|fp32")
_HALF = compile_when_used(r"(?:torch\.)?(?:bfloat16|float16|half)|bf16|fp16")
_WORD = compile_when_used(r"[\w.]+")


class TrainingRun(NamedTuple):
    """`fields_in_file` names what the file says; the rest are defaults. `checkpointing` tells
    whether activations are recomputed, `double` whether the 4-bit constants are quantised too,
    `optimiser` is the trainer's name of it, `full` whether the base model is loaded in 32 bits,
    `autocast` whether the pass runs under autocast, `eager` whether attention keeps its scores.
    """

    batch: int = BATCH
    sequence: int = SEQUENCE
    checkpointing: bool = True
    double: bool = False
    optimiser: str = "adamw_torch"
    full: bool = False
    autocast: bool = False
    eager: bool = False
    fields_in_file: tuple[str, ...] = ()


def read_training_run(setting: Setting) -> TrainingRun:
    """What the setting's file says of the run."""
    defaults: dict[str, Any] = {}
    if setting.document.format in ("python", "notebook"):
        calls = find_run_calls(setting)
        defaults = calls.defaults
        values: dict[str, Any] = {}
        for root in calls.roots:
            values = {**dict(_collect_plain_values(setting.document.roots[root], 0)), **values}
    else:
        values = dict(_collect_plain_values(setting.document.roots[_get_root_index(setting)], 0))
    for key in setting.tool.global_batch if setting.tool else ():
        values.pop(key, None)
    numbers = _read_numbers(values)
    dtype = next((str(values[key]) for key in _DTYPE if key in values), "")
    if _FULL.fullmatch(dtype) or _HALF.fullmatch(dtype):
        numbers["full"] = bool(_FULL.fullmatch(dtype))
    if any(key in values for key in _AUTOCAST):
        words = [parse_scalar(values[key]) for key in _AUTOCAST if key in values]
        numbers["autocast"] = any(word not in (False, None, "") for word in words)
    if any(values.get(key) == "eager" for key in _ATTENTION):
        numbers["eager"] = True
    return TrainingRun(**{**defaults, **numbers}, fields_in_file=tuple(numbers))


def _read_numbers(values: dict[str, Value]) -> dict[str, Value]:
    """The fields of TrainingRun that the file's values give."""
    numbers: dict[str, Any] = {}
    kind: type
    for name, keys, kind in (
        ("batch", _BATCH, int),
        ("sequence", _SEQUENCE, int),
        ("checkpointing", _CHECKPOINTING, bool),
        ("double", _DOUBLE, bool),
        ("optimiser", _OPTIMISER, str),
    ):
        value = next((values[key] for key in keys if key in values), None)
        value = value if kind is str else parse_scalar(value)
        if kind is bool and isinstance(value, str) and value:
            value = True  # the name of a way to do it
        if type(value) is kind and (kind is bool or value):
            numbers[name] = value
    return numbers


def _get_root_index(setting: Setting) -> int:
    first = setting.path[0] if setting.path else 0
    return first if isinstance(first, int) else 0


def _collect_plain_values(value: Value, depth: int) -> Iterator[tuple[str, Value]]:
    """The plain values of a mapping and of the mappings in it, outer ones last; a dotted name that
    is not known (`torch.float32`) as its text.
    """
    if not isinstance(value, dict) or depth > 3:
        return
    for item in value.values():
        yield from _collect_plain_values(item, depth + 1)
    for key, item in value.items():
        if isinstance(item, (str, int, float, bool)):
            yield str(key), item
        elif isinstance(item, Unknown) and _WORD.fullmatch(item.text):
            yield str(key), item.text
