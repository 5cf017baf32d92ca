"""From a path to a `LoraFile`."""

from __future__ import annotations

from loracheck.trees.safetensors import read_file
from loracheck.type_checking import TYPE_CHECKING

from .keys import find_prefix, split_key
from .metadata import read_metadata
from .model import LoraFile, LoraModule

if TYPE_CHECKING:
    from loracheck.trees.safetensors import Tensor

    from .keys import Key

MAX_HEADER_BYTES = 64_000_000
"""Bytes of a header that are read: some 400,000 tensors."""


def read_lora_file(path: str) -> LoraFile:
    """The LoRA file at `path`, by its header and the values of its alphas. Raises HeaderError for
    what is no whole safetensors file, OSError for what cannot be read.
    """
    header = read_file(path, MAX_HEADER_BYTES, number=_is_alpha)
    modules: dict[str, LoraModule] = {}
    others = []
    for name, tensor in header.tensors.items():
        key = split_key(name)
        if key is None:
            others.append(name)
            continue
        module = modules.get(key.stem) or _begin(key.stem)
        modules[key.stem] = _add(module, key, name, tensor, header.numbers.get(name))
    texts = header.metadata
    return LoraFile(
        path, header.tensors, modules, tuple(others), read_metadata(texts), header.numbers
    )


def _is_alpha(name: str) -> bool:
    return name.endswith(".alpha")


def _begin(stem: str) -> LoraModule:
    prefix = find_prefix(stem)
    return LoraModule(stem, prefix, stem[len(prefix.text) :], "none", "", {}, {})


def _add(
    module: LoraModule, key: Key, name: str, tensor: Tensor, value: float | None
) -> LoraModule:
    module.tensors[key.role] = tensor
    module.keys[key.role] = name
    if key.role == "alpha":
        return module._replace(alpha=value)
    if key.kind == "none" or module.kind not in ("none", "diff"):
        return module
    return module._replace(kind=key.kind, style=key.style, adapter=key.adapter)
