"""Recurrent layers and cells."""

from __future__ import annotations

from typing import Any, ClassVar

from ...nn.parameter import fresh
from .module import Module

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """For every layer and direction weight_ih, weight_hh, their biases, and weight_hr with a
    projection.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if min(input_size, hidden_size, num_layers) <= 0:
            raise ValueError("input_size, hidden_size and num_layers must be greater than zero")
        self.mode, self.input_size, self.hidden_size, self.num_layers = (
            mode,
            input_size,
            hidden_size,
            num_layers,
        )
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse") if bidirectional else ("",):
                shapes = self._shapes(layer)
                names = [f"{name}_l{layer}{suffix}" for name in shapes]
                for name, shape in zip(names, shapes.values(), strict=True):
                    self.register_parameter(name, fresh(shape, dtype, device))
                self._all_weights.append(names)
        self._flat_weights_names = [name for names in self._all_weights for name in names]

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        gates = _GATES[self.mode] * self.hidden_size
        output = self.proj_size or self.hidden_size
        width = self.input_size if layer == 0 else output * (2 if self.bidirectional else 1)
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (gates, width),
            "weight_hh": (gates, output),
        }
        if self.bias:
            shapes.update(bias_ih=(gates,), bias_hh=(gates,))
        if self.proj_size:
            shapes.update(weight_hr=(self.proj_size, self.hidden_size))
        return shapes

    def flatten_parameters(self) -> None:
        """Memory layout is not modelled."""

    @property
    def all_weights(self) -> list[list[Any]]:
        """Parameters by layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]


class LSTM(RNNBase):
    """Long short-term memory."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__("LSTM", *args, **named)


class GRU(RNNBase):
    """Gated recurrent unit."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__("GRU", *args, **named)


class RNN(RNNBase):
    """Plain recurrence."""

    def __init__(self, *args: Any, nonlinearity: str = "tanh", **named: Any) -> None:
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **named)


class RNNCellBase(Module):
    """weight_ih, weight_hh and their biases."""

    chunks: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
        **_: object,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.chunks * hidden_size
        self.weight_ih = fresh((rows, input_size), dtype, device)
        self.weight_hh = fresh((rows, hidden_size), dtype, device)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, fresh(rows, dtype, device) if bias else None)


class RNNCell(RNNCellBase):
    """Plain recurrence."""


class LSTMCell(RNNCellBase):
    """Long short-term memory."""

    chunks = 4


class GRUCell(RNNCellBase):
    """Gated recurrent unit."""

    chunks = 3
