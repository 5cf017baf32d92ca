"""Namespaces of torch that transformers asks questions of: the few answers that matter, the rest
permissive.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ._contexts import autocast
from ._elementwise import FUNCTIONS
from ._permissive import decorating, namespace, no, same, zero
from ._tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable


class Function:
    """`torch.autograd.Function`: applying one runs its forward, without saving anything."""

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """The forward of the subclass."""
        forward: Any = getattr(cls, "forward")  # noqa: B009 - defined by subclasses only
        return forward(SimpleNamespace(save_for_backward=no), *args)


Function.__module__ = "torch.autograd.function"


class _CustomOp:
    """A function registered as an operator; what is registered for it leaves all alone."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._function(*args, **named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return same


def _custom_op(name: str, fn: Any = None, /, *_: object, **__: object) -> Any:
    return _CustomOp(fn) if callable(fn) else _CustomOp


def _one(*_: object) -> int:
    return 1


def _none(*_: object, **__: object) -> None:
    return None


_COMPILING = {"is_compiling": no, "is_exporting": no, "is_dynamo_compiling": no}
_MARKS = {
    "disable": same,
    "allow_in_graph": same,
    "assume_constant_result": same,
    "graph_break": _none,
}
_ABSENT_DEVICE: dict[str, object] = {
    "is_available": no,
    "is_initialized": no,
    "device_count": zero,
    "current_device": zero,
}

_REGISTERING = ("register_fake", "register_autograd", "register_kernel", "impl", "define")

KNOWN: dict[str, dict[str, object]] = {
    "autograd": {"Function": Function},
    "autograd.function": {"Function": Function},
    "jit": {
        **dict.fromkeys(("is_tracing", "is_scripting"), no),
        **dict.fromkeys(("script", "ignore", "unused", "export", "script_if_tracing"), same),
    },
    "library": {
        "custom_op": _custom_op,
        **dict.fromkeys(_REGISTERING, decorating),
    },
    "compiler": {**_COMPILING, **_MARKS, "substitute_in_graph": decorating},
    "_dynamo": {**_COMPILING, **_MARKS},
    "cuda": {**_ABSENT_DEVICE, "is_bf16_supported": no, "is_current_stream_capturing": no},
    "mps": _ABSENT_DEVICE,
    "xpu": _ABSENT_DEVICE,
    "mtia": _ABSENT_DEVICE,
    "accelerator": {**_ABSENT_DEVICE, "current_accelerator": _none},
    "backends": {},
    "backends.mps": {"is_available": no, "is_built": no},
    "backends.cuda": {},
    "backends.cudnn": {},
    "distributed": {
        **dict.fromkeys(("is_available", "is_initialized", "is_torchelastic_launched"), no),
        "get_world_size": _one,
        "get_rank": zero,
    },
    "amp": {"autocast": autocast},
    "special": {"logit": FUNCTIONS["logit"], "expit": FUNCTIONS["sigmoid"]},
    "linalg": {"norm": Tensor.norm, "vector_norm": Tensor.norm},
    "fft": {},
    "version": {"cuda": None, "hip": None, "xpu": None, "git_version": "stand-in"},
}


def install() -> None:
    """Put the namespaces under their names, once torch itself is complete."""
    for name, known in KNOWN.items():
        namespace(f"torch.{name}", **known)
    torch = sys.modules["torch"]
    sys.modules["torch.version"].__dict__["__version__"] = torch.__version__
    sys.modules["torch.cuda"].__dict__["OutOfMemoryError"] = torch.OutOfMemoryError
    sys.modules["torch.jit"].__dict__["ScriptModule"] = torch.nn.Module
