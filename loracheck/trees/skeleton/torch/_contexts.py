"""Modes that are entered or put on functions: gradients, autocast, inference. None of them does
anything here.
"""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any


class _Mode(ContextDecorator):
    """A context manager with or without arguments, a decorator with or without parentheses."""

    def __new__(cls, *args: Any, **_: object) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else super().__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        """No mode changes shapes."""

    def __enter__(self) -> _Mode:
        return self

    def __exit__(self, *_: object) -> None:
        """No error is swallowed."""


class no_grad(_Mode):  # noqa: N801 - torch's own names
    """No gradients."""


class enable_grad(_Mode):  # noqa: N801
    """Gradients."""


class inference_mode(_Mode):  # noqa: N801
    """Neither."""


class set_grad_enabled(_Mode):  # noqa: N801
    """Either."""


class autocast(_Mode):  # noqa: N801
    """Mixed precision."""


class Generator:
    """A random generator that never generates."""

    def __init__(self, device: object = None) -> None:
        self.device = device

    def manual_seed(self, seed: int) -> Generator:
        """Seeds nothing."""
        return self


def manual_seed(seed: int) -> Generator:
    """Seeds nothing."""
    return Generator()


def compile(model: Any = None, *_: object, **__: object) -> Any:
    """Leaves the model or function as it is."""
    return model if model is not None else lambda function: function
