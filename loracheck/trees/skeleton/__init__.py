"""The tree builder's child process: transformers' own constructors on a shape-only stand-in for
torch.

`main.py` is run by path with any interpreter; Python then puts this folder first on that process's
import path, so that `import torch` finds `torch/` here and transformers finds its metadata beside
it. Nothing here is imported by loracheck itself: the only way in is `loracheck.trees.builder`.
"""
