"""Adaptive softmax."""

from __future__ import annotations

from typing import Any

from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module


class AdaptiveLogSoftmaxWithLoss(Module):
    """A head over the frequent classes and one small projection for each rarer cluster."""

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Any,
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        where = {"device": device, "dtype": dtype}
        self.in_features, self.n_classes, self.div_value, self.head_bias = (
            in_features,
            n_classes,
            div_value,
            head_bias,
        )
        self.cutoffs = [*cutoffs, n_classes]
        self.shortlist_size, self.n_clusters = self.cutoffs[0], len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, **where)
        self.tail = ModuleList()
        for number in range(self.n_clusters):
            width = int(in_features // (div_value ** (number + 1)))
            classes = self.cutoffs[number + 1] - self.cutoffs[number]
            first = Linear(in_features, width, bias=False, **where)
            self.tail.append(Sequential(first, Linear(width, classes, bias=False, **where)))
