"""Activations, and attention, which torch keeps beside them."""

from __future__ import annotations

from typing import Any

from ...nn.parameter import fresh
from ._plain import REQUIRED, plain_layers
from .linear import NonDynamicallyQuantizableLinear
from .module import Module


class MultiheadAttention(Module):
    """in_proj_weight (3 * embed, embed), or three weights where key and value have their own
    widths; out_proj.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got {embed_dim} and {num_heads}"
            )
        super().__init__()
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self._projections(dtype, device)
        self.register_parameter(
            "in_proj_bias", fresh(3 * embed_dim, dtype, device) if bias else None
        )
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        self.bias_k = fresh((1, 1, embed_dim), dtype, device) if add_bias_kv else None
        self.bias_v = fresh((1, 1, embed_dim), dtype, device) if add_bias_kv else None
        self._reset_parameters()

    def _projections(self, dtype: Any, device: Any) -> None:
        apart = {
            "q_proj_weight": self.embed_dim,
            "k_proj_weight": self.kdim,
            "v_proj_weight": self.vdim,
        }
        if self._qkv_same_embed_dim:
            self.in_proj_weight = fresh((3 * self.embed_dim, self.embed_dim), dtype, device)
        for name, width in apart.items():
            own = (
                None if self._qkv_same_embed_dim else fresh((self.embed_dim, width), dtype, device)
            )
            self.register_parameter(name, own)
        if not self._qkv_same_embed_dim:
            self.register_parameter("in_proj_weight", None)

    def _reset_parameters(self) -> None:
        """No values to set."""


class PReLU(Module):
    """weight (num_parameters)."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = fresh(num_parameters, dtype, device)


_INPLACE: dict[str, object] = {"inplace": False}
_ALIKE: dict[str, dict[str, object]] = {
    "ReLU ReLU6 SiLU Mish SELU Hardswish Hardsigmoid": _INPLACE,
    "Sigmoid Tanh Softsign LogSigmoid Tanhshrink Softmax2d": {},
    "Softmax LogSoftmax Softmin": {"dim": None},
    "ELU CELU": {"alpha": 1.0, **_INPLACE},
    "Softshrink Hardshrink": {"lambd": 0.5},
}
globals().update(
    plain_layers(
        __name__,
        {
            **{name: arguments for names, arguments in _ALIKE.items() for name in names.split()},
            "GELU": {"approximate": "none"},
            "GLU": {"dim": -1},
            "Softplus": {"beta": 1.0, "threshold": 20.0},
            "LeakyReLU": {"negative_slope": 0.01, **_INPLACE},
            "RReLU": {"lower": 1 / 8, "upper": 1 / 3, **_INPLACE},
            "Hardtanh": {"min_val": -1.0, "max_val": 1.0, **_INPLACE},
            "Threshold": {"threshold": REQUIRED, "value": REQUIRED, **_INPLACE},
        },
    )
)
