"""What a live module is, told by the names of its classes, so that torch need not be imported."""

from __future__ import annotations

import inspect

from loracheck.trees.skeleton.layer_facts import KINDS, describe_layer
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

KIND_NAMES = tuple(KINDS.split())
"""The kinds that are classes of torch, in the order in which a class is asked for them."""

QUANTISED_CLASSES = {
    "Linear4bit": "bitsandbytes-4bit",
    "Linear8bitLt": "bitsandbytes-8bit",
    "AwqLinear": "awq",
    "WQLinear_GEMM": "awq",
    "BaseQuantLinear": "gptq",
    "QuantLinear": "gptq",
    "QuantizedLinear": "aqlm",
    "EetqLinear": "eetq",
    "HQQLinear": "hqq",
}
"""Class that a quantised checkpoint has in place of nn.Linear -> its method's name, as
`loracheck.trees.quantization` has it. Source: the dispatchers of PEFT 0.21.2 `tuners/lora/`
(bnb.py, awq.py, gptq.py, aqlm.py, eetq.py, hqq.py).
"""

_CONVOLUTIONS = {"Conv1d": 1, "Conv2d": 2, "Conv3d": 3}


def get_class_path(cls: type) -> str:
    """The full name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def has_base(cls: type, name: str, package: str) -> bool:
    """Whether a class of that name, of that package, is the class or one of its bases."""
    return any(
        base.__name__ == name and base.__module__.partition(".")[0] == package
        for base in cls.__mro__
    )


def find_kind(cls: type) -> str | None:
    """The kind of `loracheck.trees.model.Node` for a class; None for a class that is none of them.
    A quantised linear layer is a Linear to PEFT, whatever its base.
    """
    of_torch = {
        base.__name__ for base in cls.__mro__ if base.__module__.startswith("torch.nn.modules.")
    }
    kind = next((name for name in KIND_NAMES if name in of_torch), None)
    if kind is None and any(
        get_class_path(base) == "transformers.pytorch_utils.Conv1D" for base in cls.__mro__
    ):
        return "Conv1D"
    return "Linear" if kind is None and find_quantisation(cls) else kind


def find_quantisation(cls: type) -> str | None:
    """The method by which a class of linear layers is quantised; None for any other class."""
    methods = (QUANTISED_CLASSES.get(base.__name__) for base in cls.__mro__)
    return next((method for method in methods if method is not None), None)


def find_weight_quantisation(weight: Any) -> str | None:
    """The method that a parameter's own class tells: torchao's weights stand in an nn.Linear (PEFT
    0.21.2 `tuners/lora/torchao.py`).
    """
    return "torchao" if has_base(type(weight), "TorchAOBaseTensor", "torchao") else None


def read_attributes(kind: str | None, module: Any) -> dict[str, Any]:
    """What the shapes of a module's parameters do not tell."""
    if kind == "Linear" and find_quantisation(type(module)):
        return {name: getattr(module, name) for name in ("in_features", "out_features")}
    attributes = describe_layer(kind, module)
    return attributes | _find_constructor_error(type(module), _CONVOLUTIONS.get(kind or "", 0))


def _find_constructor_error(cls: type, sides: int) -> dict[str, str]:
    """`{"constructor_error": text}` for a convolution of transformers' own that does not take the
    arguments of PEFT's lora_A and lora_B (PEFT 0.21.2 tuners/lora/layer.py,
    `_ConvNd.update_layer`). None is made: that would draw random numbers.
    """
    if not sides or not cls.__module__.startswith("transformers."):
        return {}
    ones = (1,) * sides
    signature = inspect.signature(cls)
    try:
        signature.bind(4, 8, (3,) * sides, ones, (0,) * sides, bias=False)
        signature.bind(8, 4, ones, ones, groups=1, bias=False)
    except TypeError as error:
        return {"constructor_error": f"{cls.__name__}.__init__() {error}"}
    return {}
