"""Distances."""

from ._plain import plain_layers

globals().update(
    plain_layers(
        __name__,
        {
            "CosineSimilarity": {"dim": 1, "eps": 1e-8},
            "PairwiseDistance": {"p": 2.0, "eps": 1e-6, "keepdim": False},
        },
    )
)
