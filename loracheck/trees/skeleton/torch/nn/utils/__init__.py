"""Utilities on modules; those that rename parameters are here, others are permissive."""

from __future__ import annotations

from typing import Any

from ..._permissive import lookup
from . import parametrizations, parametrize
from ._weight_norm import remove_weight_norm, weight_norm


def skip_init(module_cls: Any, *args: Any, **named: Any) -> Any:
    """The module itself: nothing is ever initialised."""
    return module_cls(*args, **named)


def __getattr__(name: str) -> Any:
    return lookup(__name__, name, globals())


__all__ = ["parametrizations", "parametrize", "remove_weight_norm", "skip_init", "weight_norm"]
