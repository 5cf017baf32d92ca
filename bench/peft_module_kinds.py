"""`python -m bench.peft_module_kinds`: writes `loracheck/config/module_kinds.json`: what PEFT does
when a target of one of its methods is a module of each kind. Each method is put on tiny models that
hold one such module, so PEFT's own answer is written. Needs PEFT, torch and transformers.
"""

from __future__ import annotations

import copy
import re
import warnings
from typing import TYPE_CHECKING, Any

from bench.peft_methods import NEEDED, load_classes, read_methods, write_table
from loracheck.config.module_kinds import OTHER, PATH

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


if __name__ == "__main__":
    write_table(PATH, read_kinds())
