"""Channels in another order."""

from ._plain import REQUIRED, plain_layers

globals().update(plain_layers(__name__, {"ChannelShuffle": {"groups": REQUIRED}}))
