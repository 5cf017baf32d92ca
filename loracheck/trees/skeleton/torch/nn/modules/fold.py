"""Sliding blocks."""

from ._plain import REQUIRED, plain_layers

_BLOCKS = {"kernel_size": REQUIRED, "dilation": 1, "padding": 0, "stride": 1}
globals().update(
    plain_layers(__name__, {"Fold": {"output_size": REQUIRED, **_BLOCKS}, "Unfold": _BLOCKS})
)
