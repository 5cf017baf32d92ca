"""Stand-ins for the classes that quantised checkpoints load with: PEFT can be asked on a CPU.

Each has what PEFT 0.21.2's dispatchers and constructors look at (tuners/lora/bnb.py, gptq.py,
awq.py, aqlm.py, eetq.py, hqq.py, torchao.py): the class, its base, the names and dtypes of its
tensors. They hold no real weights. `install` must run before `peft` is imported.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from loracheck.trees.quantization import is_quantized

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.trees.model import ModuleTree

VERSIONS = {"gptqmodel": "7.0.0", "optimum": "2.0.0", "torchao": "0.17.0"}


class Params4bit(nn.Parameter):
    """bitsandbytes' packed weight: two to a byte."""

    compress_statistics = True
    quant_type = "nf4"
    quant_state = None


class Linear4bit(nn.Linear):
    """bitsandbytes.nn.Linear4bit."""

    compute_dtype = torch.float32

    def __init__(self, inside: int, outside: int, bias: bool) -> None:
        super().__init__(inside, outside, bias)
        packed = torch.zeros((outside, inside // 2), dtype=torch.uint8)
        self.weight = Params4bit(packed, requires_grad=False)


class Linear8bitLt(nn.Linear):
    """bitsandbytes.nn.Linear8bitLt."""

    index = None

    def __init__(self, inside: int, outside: int, bias: bool) -> None:
        super().__init__(inside, outside, bias)
        whole = torch.zeros((outside, inside), dtype=torch.int8)
        self.weight = nn.Parameter(whole, requires_grad=False)
        self.state = SimpleNamespace(has_fp16_weights=False, threshold=6.0, SCB=None, CB=None)


class BaseQuantLinear(nn.Module):
    """gptqmodel's base of its quantised linears: no nn.Linear, and no `weight`."""

    SUPPORTS_METHODS = (SimpleNamespace(value="gptq"),)

    def __init__(self, inside: int, outside: int, bias: bool) -> None:
        super().__init__()
        self.in_features, self.out_features, self.group_size = inside, outside, 16
        self.register_buffer("qweight", torch.zeros((inside // 8, outside), dtype=torch.int32))
        self.register_buffer("bias", torch.zeros(outside) if bias else None)


class AwqLinear(BaseQuantLinear):
    """gptqmodel's AWQ linears."""

    SUPPORTS_METHODS = (SimpleNamespace(value="awq"),)


class QuantizedLinear(nn.Module):
    """aqlm.QuantizedLinear."""

    def __init__(self, inside: int, outside: int, bias: bool) -> None:
        super().__init__()
        self.in_features, self.out_features = inside, outside
        codes = torch.zeros((outside, inside // 8, 1), dtype=torch.int8)
        self.codes = nn.Parameter(codes, requires_grad=False)
        self.codebooks = nn.Parameter(torch.zeros(1, 16, 1, 8))
        self.bias = nn.Parameter(torch.zeros(outside)) if bias else None


class EetqLinear(nn.Module):
    """eetq.EetqLinear."""

    def __init__(self, inside: int, outside: int, bias: bool) -> None:
        super().__init__()
        self.in_features, self.out_features = inside, outside
        whole = torch.zeros((inside, outside), dtype=torch.int8)
        self.weight = nn.Parameter(whole, requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(outside)) if bias else None


class HQQLinear(nn.Module):
    """hqq.core.quantize.HQQLinear."""

    def __init__(self, inside: int, outside: int, bias: bool) -> None:
        super().__init__()
        self.in_features, self.out_features = inside, outside
        packed = torch.zeros((outside // 2, inside), dtype=torch.uint8)
        self.W_q = nn.Parameter(packed, requires_grad=False)
        self.bias = torch.zeros(outside) if bias else None

    def dequantize(self) -> Any:
        """The weight that DoRA asks for."""
        return torch.ones(self.out_features, self.in_features)


class TorchAOBaseTensor(torch.Tensor):
    """The base of torchao's weights."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        memo[id(self)] = nn.Parameter(self.detach().clone().as_subclass(type(self)))
        return memo[id(self)]


@contextmanager
def named_as_torchao() -> Iterator[None]:
    """Has the base of torchao's weights bear torchao's own name: for who reads a live model, not
    for PEFT, which then takes another way to copy a weight.
    """
    own = TorchAOBaseTensor.__module__
    TorchAOBaseTensor.__module__ = "torchao.utils"
    try:
        yield
    finally:
        TorchAOBaseTensor.__module__ = own


class Int4Tensor(TorchAOBaseTensor):
    """torchao's weights of four bits."""


class AoLinear(nn.Linear):
    """An nn.Linear with a weight of torchao's."""

    def __init__(self, inside: int, outside: int, bias: bool) -> None:
        super().__init__(inside, outside, bias)
        self.weight = nn.Parameter(torch.zeros(outside, inside).as_subclass(TorchAOBaseTensor))


LAYERS: dict[str, Any] = {
    "bitsandbytes-4bit": Linear4bit,
    "bitsandbytes-8bit": Linear8bitLt,
    "gptq": BaseQuantLinear,
    "awq": AwqLinear,
    "aqlm": QuantizedLinear,
    "eetq": EetqLinear,
    "hqq": HQQLinear,
    "torchao": AoLinear,
}


def _dequantize(weight: Any, *_: Any) -> Any:
    """Stands for bitsandbytes' dequantize_4bit."""
    return torch.ones(weight.shape[0], weight.shape[1] * 2)


MODULES: dict[str, dict[str, Any]] = {
    "bitsandbytes": {"functional": SimpleNamespace(dequantize_4bit=_dequantize)},
    "bitsandbytes.nn": {"Linear4bit": Linear4bit, "Linear8bitLt": Linear8bitLt},
    "gptqmodel": {},
    "gptqmodel.nn_modules": {},
    "gptqmodel.nn_modules.qlinear": {"BaseQuantLinear": BaseQuantLinear},
    "optimum": {},
    "aqlm": {"QuantizedLinear": QuantizedLinear},
    "eetq": {"EetqLinear": EetqLinear},
    "hqq": {},
    "hqq.core": {},
    "hqq.core.quantize": {"HQQLinear": HQQLinear},
    "torchao": {},
    "torchao.utils": {"TorchAOBaseTensor": TorchAOBaseTensor},
    "torchao.quantization": {"Int4Tensor": Int4Tensor},
}


def install(but: Sequence[str] = ()) -> None:
    """Make the stand-ins importable under the packages' names; transformers must not meet them.

    `but` are packages that are really there, and are left to be.
    """
    importlib.import_module("transformers.modeling_utils")
    for name, content in MODULES.items():
        if name.partition(".")[0] in but:
            continue
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None, is_package=True)
        module.__path__ = []
        vars(module).update(content)
        sys.modules[name] = module
        parent, _, leaf = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], leaf, module)
    real = importlib.metadata.version
    importlib.metadata.version = lambda name: VERSIONS.get(name) or real(name)


def quantise(model: Any, method: str, tree: ModuleTree) -> Any:
    """The model with its linear layers swapped, all but the heads, as transformers does."""
    for name, module in list(model.named_modules()):
        if type(module) is nn.Linear and is_quantized(name, tree):
            made = LAYERS[method](module.in_features, module.out_features, module.bias is not None)
            parent, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(parent), leaf, made)
    if method.startswith("bitsandbytes"):
        setattr(model, f"is_loaded_in_{method[-4:]}", True)
    return model
