"""What a training file says of the run, LoRA aside: batch, sequence length, precision, optimiser.

Only plain values of the file are taken; everything else is a default, which the memory estimate
lists among its assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.tools.core.conversion import parse_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.setting import Setting

BATCH, SEQUENCE = 1, 2048
"""Assumed where the file does not say: samples per step, tokens per sample."""

_BATCH = (
    *("per_device_train_batch_size", "micro_batch_size", "ppo_micro_batch_size_per_gpu"),
    *("micro_batch_size_per_gpu", "micro_train_batch_size", "local_batch_size"),
    *("train_batch_size", "batch_size"),
)
_SEQUENCE = ("max_length", "max_seq_length", "sequence_len", "cutoff_len", "model_max_length")
_CHECKPOINTING = ("gradient_checkpointing", "enable_gradient_checkpointing")
_OPTIMISER = ("optim", "optimizer")
_DOUBLE = ("bnb_4bit_use_double_quant", "use_bnb_4bit_double_quant", "use_bnb_nested_quant")
_FULL = ("float32", "torch.float32", "fp32")
_DTYPE = ("dtype", "torch_dtype", "torch_dtype_str")


class TrainingRun(NamedTuple):
    """`given` names what the file says; the rest are the defaults. `checkpointing` tells whether
    activations are recomputed, `double` whether the 4-bit constants are quantised too, `optimiser`
    is the trainer's name of it, `full` whether the base model is loaded in 32 bits.
    """

    batch: int = BATCH
    sequence: int = SEQUENCE
    checkpointing: bool = True
    double: bool = False
    optimiser: str = "adamw_torch"
    full: bool = False
    fields_in_file: tuple[str, ...] = ()


def read_training_run(setting: Setting) -> TrainingRun:
    """What the setting's file says of the run."""
    said = dict(_plain_values(setting.document.roots[_root_index(setting)], 0))
    if setting.document.format in ("python", "notebook"):
        # A script's calls: TrainingArguments and from_pretrained stand beside the LoraConfig.
        for root in setting.document.roots:
            said = {**dict(_plain_values(root, 0)), **said}
    for key in setting.tool.global_batch if setting.tool else ():
        said.pop(key, None)
    found: dict[str, Any] = {}
    kind: type
    for name, keys, kind in (
        ("batch", _BATCH, int),
        ("sequence", _SEQUENCE, int),
        ("checkpointing", _CHECKPOINTING, bool),
        ("double", _DOUBLE, bool),
        ("optimiser", _OPTIMISER, str),
    ):
        value = next((said[key] for key in keys if key in said), None)
        value = value if kind is str else parse_scalar(value)
        if type(value) is kind and (kind is bool or value):
            found[name] = value
    dtype = next((said[key] for key in _DTYPE if key in said), None)
    if str(dtype) in _FULL:
        found["full"] = True
    return TrainingRun(**found, fields_in_file=tuple(found))


def _root_index(setting: Setting) -> int:
    first = setting.path[0] if setting.path else 0
    return first if isinstance(first, int) else 0


def _plain_values(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """The plain values of a mapping and of the mappings in it, outer ones last."""
    if not isinstance(value, dict) or depth > 3:
        return
    for item in value.values():
        yield from _plain_values(item, depth + 1)
    for key, item in value.items():
        if isinstance(item, (str, int, float, bool)):
            yield str(key), item
