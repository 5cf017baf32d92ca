"""Evaluates every line of a file under whichever torch is first on the import path; prints what
came of it as JSON.

Run by path: `evaluate.py FILE [SKELETON]`, the second argument being the folder of the stand-in.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if len(sys.argv) > 2:
    sys.path.insert(0, sys.argv[2])

import warnings
from collections import OrderedDict
from copy import deepcopy

import cases
import torch
from torch import nn


class Result:
    """The value of a line, or the class of its error."""

    def __init__(self, line: str) -> None:
        self.line, self.value = line, None

    def __enter__(self) -> Result:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> bool:
        if kind is not None:
            # torch gives some errors as its own subclasses
            plain = next(each for each in kind.__mro__ if each.__module__ == "builtins")
            self.value = f"raises {plain.__name__}"
        return kind is None or issubclass(kind, Exception)


def described(value: Any, values: bool) -> Any:
    """A value as plain data; numbers rounded, as float32 is kept differently."""
    if isinstance(value, nn.Module):
        return module(value)
    if isinstance(value, torch.Tensor):
        found = [list(value.shape), str(value.dtype)]
        return [*found, described(value.tolist(), True)] if values else found
    if isinstance(value, (tuple, list)):
        return [described(each, values) for each in value]
    if isinstance(value, complex):
        return [round(value.real, 4), round(value.imag, 4)]
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return value if isinstance(value, (bool, int, str)) else str(value)


def module(found: nn.Module) -> list[Any]:
    """Modules, parameters and buffers in order."""
    walk = found.named_modules()
    modules = [[name, f"{type(each).__module__}.{type(each).__qualname__}"] for name, each in walk]
    parameters = found.named_parameters(remove_duplicate=False)
    buffers = found.named_buffers()
    tensors = [
        [[name, list(t.shape), str(t.dtype)] for name, t in some] for some in (parameters, buffers)
    ]
    return [modules, *tensors, list(found.state_dict())]


def evaluate(line: str) -> Any:
    """What a line comes to."""
    marker, _, rest = line.partition(" ")
    shape_only = marker == "shape"
    scope = {
        "torch": torch,
        "nn": nn,
        "cases": cases,
        "OrderedDict": OrderedDict,
        "deepcopy": deepcopy,
    }
    with Result(line) as result:
        result.value = described(eval(rest if shape_only else line, scope), not shape_only)
    return result.value


warnings.simplefilter("ignore")
text = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
lines = [line for line in text if line and not line.startswith("#")]
sys.stdout.write(json.dumps({line: evaluate(line) for line in lines}))
