"""The argument and the result of the functions that build LoRA layers."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Module, Parameter
    from loracheck.plan.warning_log import WarningLog


class LayerRequest(NamedTuple):
    """One layer to build: for which module, with which rank and alpha.

    Both come from the config unchecked, and are of any type until the layer's own checks.
    """

    config: EffectiveConfig
    log: WarningLog
    module: Module
    name: str
    rank: Any
    alpha: Any
    dtype: str
    tied: tuple[Parameter, Parameter] | None = None


class LoraLayer(NamedTuple):
    """A LoRA layer, and the scaling it holds."""

    module: Module
    scaling: float
