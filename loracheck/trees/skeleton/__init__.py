"""The tree builder's child process: transformers' own constructors on a shape-only stand-in for
torch.

`main.py` is run by path with any interpreter; Python then puts this folder first on that process's
import path, so that `import torch` finds `torch/` here and transformers finds its metadata beside
it. The only way in is `loracheck.trees.builder`; loracheck itself imports nothing of it but
the facts about a model that is there (`layer_facts.py`, `model_facts.py`), for models of its own
process (`trees/live/`).
"""
