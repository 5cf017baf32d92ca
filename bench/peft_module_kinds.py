"""`python -m bench.peft_module_kinds`: writes `loracheck/config/module_kinds.json`: what PEFT does
when a target of one of its methods is a module of each kind. Each method is put on tiny models that
hold one such module, so PEFT's own answer is written. Needs PEFT, torch and transformers, and for
layers of 4 and 8 bits bitsandbytes 0.50 or newer, without which their rows stay as they are.
"""

from __future__ import annotations

import copy
import json
import re
import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bench.peft_methods import NEEDED, load_classes, read_methods, write_table
from loracheck.config.module_kinds import FORWARD, OTHER, PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSAL = re.compile(
    r"Target module .*not |not support target modules|object has no attribute", re.S
)
"""The words with which PEFT refuses a class of module; other errors are about sizes or values
(PEFT 0.21.2 tuners/*/model.py, `_create_new_module`).
"""

SIZE = 64
"""Features and channels; a multiple of every block size that NEEDED and the defaults name."""


def list_samples() -> Iterator[tuple[str, Any]]:
    """Kind of module and an example of it, several for each kind. OTHER is every class that the
    tree gives no kind.
    """
    from torch import nn
    from transformers.models.llama import modeling_llama as llama
    from transformers.pytorch_utils import Conv1D

    for bias in (True, False):
        yield "Linear", nn.Linear(SIZE, SIZE, bias=bias)
        yield "Linear", nn.Linear(SIZE, 2 * SIZE, bias=bias)
        for name in ("Conv1d", "Conv2d", "Conv3d"):
            for kernel in (1, 3):
                yield name, getattr(nn, name)(SIZE, SIZE, kernel, bias=bias)
        yield "MultiheadAttention", nn.MultiheadAttention(SIZE, 4, bias=bias)
    yield "Conv1D", Conv1D(SIZE, SIZE)
    yield "Conv1D", Conv1D(2 * SIZE, SIZE)
    yield "Embedding", nn.Embedding(SIZE, SIZE)
    yield "Embedding", nn.Embedding(2 * SIZE, SIZE)
    yield "ModuleDict", nn.ModuleDict({"line": nn.Linear(SIZE, SIZE)})
    yield "ModuleList", nn.ModuleList([nn.Linear(SIZE, SIZE)])
    yield "Sequential", nn.Sequential(nn.Linear(SIZE, SIZE))
    yield OTHER, nn.LayerNorm(SIZE)
    yield OTHER, nn.RMSNorm(SIZE)
    yield OTHER, llama.LlamaRMSNorm(SIZE)
    yield OTHER, nn.Dropout(0.1)
    yield OTHER, llama.LlamaMLP(llama.LlamaConfig(hidden_size=SIZE, intermediate_size=SIZE))


BITS = ("bitsandbytes-4bit", "bitsandbytes-8bit")
"""Kinds of quantised layers, as `loracheck.trees.quantization` names them."""


def make_quantized_layer(kind: str) -> Any:
    """A linear layer whose weight bitsandbytes has packed."""
    import bitsandbytes
    import torch

    layers = bitsandbytes.nn
    layer = (
        layers.Linear4bit(SIZE, SIZE, bias=False, compute_dtype=torch.float32)
        if kind == BITS[0]
        else layers.Linear8bitLt(SIZE, SIZE, bias=False, has_fp16_weights=False)
    )
    layer.load_state_dict({"weight": torch.randn(SIZE, SIZE)}, strict=False)
    return layer.to("cpu")


def read_quantized_kinds() -> dict[str, list[list[Any]]]:
    """Method -> rows of [exception, its words, kinds] for what fails on quantised layers and not on
    an nn.Linear: in `get_peft_model`, or with FORWARD behind the kind in the first forward pass. In
    its words `{}` stands for the module; of torch's errors the sizes of the sample are left out.
    """
    from torch import nn

    found: dict[str, list[list[Any]]] = {}
    for method, (_, fields) in read_methods().items():
        if not fields or _try_layer(method, nn.Linear(SIZE, SIZE, bias=False), None) is not None:
            continue
        for kind in BITS:
            told = _try_layer(method, make_quantized_layer(kind), kind.partition("-")[2])
            if told is not None:
                found.setdefault(method, []).append([*told[:2], [kind + told[2]]])
    return found


def _try_layer(method: str, layer: Any, bits: str | None) -> tuple[str, str, str] | None:
    """Exception, words and stage ("" or FORWARD) where the method fails with the layer."""
    import torch
    from peft import get_peft_model
    from torch import nn

    model = nn.Module()
    model.line, model.part = nn.Linear(SIZE, SIZE), layer
    if bits:
        setattr(model, f"is_loaded_in_{bits}", True)
    values = {"target_modules": ["line", "part"], **NEEDED.get(method, {})}
    stage = ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wrapped = get_peft_model(model, load_classes()[method](**values))
            stage = FORWARD
            wrapped.base_model.model.part(torch.randn(2, SIZE))
        except Exception as error:  # noqa: BLE001 - whether it fails is what is asked
            words = _leave_gap(str(error).partition("\n")[0], layer)
            return type(error).__name__, _SAMPLE_SIZES.sub("", words), stage
    return None


_SAMPLE_SIZES = re.compile(r" \(\d+x\d+ and \d+x\d+\)| of size \d+$| '\[\d+, \d+\]'")


def read_kinds() -> dict[str, list[list[Any]]]:
    """Method -> rows of [exception, PEFT's words, kinds], with the kinds of which it refuses every
    example by its class in the same words. `{}` stands for the module.
    """
    found: dict[str, list[list[Any]]] = {}
    samples = list(list_samples())
    for method, (_, fields) in read_methods().items():
        if not fields:
            continue
        answers: dict[str, list[list[str] | None]] = {}
        for kind, module in copy.deepcopy(samples):
            answers.setdefault(kind, []).append(ask_peft(method, module))
        found[method] = _join_kinds(answers)
    return found


def _join_kinds(answers: dict[str, list[list[str] | None]]) -> list[list[Any]]:
    rows: dict[tuple[str, ...], list[str]] = {}
    for kind, told in answers.items():
        first = told[0]
        if first is not None and told.count(first) == len(told):
            rows.setdefault(tuple(first), []).append(kind)
    return [[*words, kinds] for words, kinds in rows.items()]


def ask_peft(method: str, module: Any) -> list[str] | None:
    """The exception and the words with which the method refuses the module's class; None where it
    takes it, passes over it or fails for another reason.
    """
    from peft import get_peft_model
    from torch import nn

    model = nn.Module()
    model.line = nn.Linear(SIZE, SIZE)  # some methods refuse a model of which they take nothing
    model.part = module
    values = {"target_modules": ["line", "part"], **NEEDED.get(method, {})}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            get_peft_model(model, load_classes()[method](**values))
        except Exception as error:  # noqa: BLE001 - what PEFT says is what is asked
            if REFUSAL.search(str(error)):
                return [type(error).__name__, _leave_gap(str(error), module)]
    return None


def _leave_gap(text: str, module: Any) -> str:
    """PEFT's words with `{}` for the module, which it prints whole, by its class or by name."""
    name = type(module).__name__
    for shown in (str(module), str(type(module)), f"'{name}'"):
        text = text.replace(shown, "'{}'" if shown == f"'{name}'" else "{}")
    return text


def keep_quantized_kinds() -> dict[str, list[list[Any]]]:
    """The rows for quantised layers that the table has."""
    with open(PATH, encoding="utf-8") as file:
        table = json.load(file)
    return {
        method: [row for row in rows if row[2][0].startswith(BITS)]
        for method, rows in table.items()
    }


def main() -> None:
    """Write the table."""
    packed = find_spec("bitsandbytes") is not None
    quantized = read_quantized_kinds() if packed else keep_quantized_kinds()
    plain = read_kinds()
    write_table(PATH, {name: [*rows, *quantized.get(name, [])] for name, rows in plain.items()})


if __name__ == "__main__":
    main()
