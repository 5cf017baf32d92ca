"""Losses: modules that some models hold. A class weight is a buffer."""

from __future__ import annotations

from typing import Any

from .module import Module


class _Loss(Module):
    """A reduction; every other argument is an attribute."""

    def __init__(self, *_: object, reduction: str = "mean", **named: Any) -> None:
        super().__init__()
        self.reduction = reduction
        self.__dict__.update(named)


class _WeightedLoss(_Loss):
    """With a weight for each class."""

    def __init__(self, weight: Any = None, *args: object, **named: Any) -> None:
        super().__init__(*args, **named)
        self.register_buffer("weight", weight)


class BCEWithLogitsLoss(_WeightedLoss):
    """With a weight for positive examples."""

    def __init__(
        self, weight: Any = None, *args: object, pos_weight: Any = None, **named: Any
    ) -> None:
        super().__init__(weight, *args, **named)
        self.register_buffer("pos_weight", pos_weight)


_WEIGHTED = "CrossEntropyLoss NLLLoss BCELoss MultiLabelSoftMarginLoss MultiMarginLoss"
_OTHERS = """
MSELoss L1Loss KLDivLoss SmoothL1Loss HuberLoss CTCLoss PoissonNLLLoss GaussianNLLLoss
CosineEmbeddingLoss MarginRankingLoss TripletMarginLoss TripletMarginWithDistanceLoss
HingeEmbeddingLoss SoftMarginLoss MultiLabelMarginLoss
"""
for _names, _base in ((_WEIGHTED, _WeightedLoss), (_OTHERS, _Loss)):
    for _name in _names.split():
        globals()[_name] = type(_name, (_base,), {"__module__": __name__, "__qualname__": _name})
