"""Channels to pixels and back."""

from ._plain import REQUIRED, plain_layers

globals().update(
    plain_layers(
        __name__,
        {
            "PixelShuffle": {"upscale_factor": REQUIRED},
            "PixelUnshuffle": {"downscale_factor": REQUIRED},
        },
    )
)
