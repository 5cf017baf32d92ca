"""Dimensions joined and taken apart."""

from ._plain import REQUIRED, plain_layers

globals().update(
    plain_layers(
        __name__,
        {
            "Flatten": {"start_dim": 1, "end_dim": -1},
            "Unflatten": {"dim": REQUIRED, "unflattened_size": REQUIRED},
        },
    )
)
