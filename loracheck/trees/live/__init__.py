"""The module tree of a model that lives in this process, read from its objects.

In comes an `nn.Module`, out comes a `ModuleTree`, the same that the builder gives for that model:
`read.py` walks it through `_modules` and `_parameters`, `classes.py` tells what a class is by the
names of its bases, `adapters.py` looks beneath PEFT's own layers and wrappers, `embeddings.py` asks
for the embeddings. torch is never imported here, and nothing of the model is changed. What a model
says of itself may be wrong or without end: everything is bounded, and LiveModelError says why a
model cannot be read.
"""

from .adapters import find_adapters
from .errors import LiveModelError
from .read import is_module, read_module

__all__ = ["LiveModelError", "find_adapters", "is_module", "read_module"]
