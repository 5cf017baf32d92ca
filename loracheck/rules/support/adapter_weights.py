"""The weights beside an adapter_config.json, read by their names and shapes alone; for family LC6.

Names as PEFT 0.21.2 writes them (`utils/save_and_load.py`, `get_peft_model_state_dict`, executed):
`base_model.model.<module>.lora_A.weight`, `lora_embedding_A` without `.weight`, modules trained in
full under their own names, token rows under `token_adapter`.
"""

from __future__ import annotations

import json
import os
import re

from loracheck.documents.dependencies import exists
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.trees.safetensors import Tensor

FILE_NAME = "adapter_model.safetensors"
PICKLE_NAME = "adapter_model.bin"
INDEX_NAME = "adapter_model.safetensors.index.json"
MAX_INDEX = 32_000_000
MAX_SHARDS = 64
"""Bytes of an index, and files that it may list."""
PREFIX = "base_model.model."
MAX_HEADER_BYTES = 64_000_000
"""Bytes of a header that are read: some 400,000 tensors, more than LoRA on every expert of the
largest models has.
"""

LORA_KEY = r"(.+)\.lora_(embedding_)?([AB])(?:\.(?!bias$|weight$)(\w+))?(?:\.weight)?"
"""A LoRA matrix; the last group is the adapter's name, which keys of the model's own state dict
still have in them.
"""


class LoraMatrices(NamedTuple):
    """The two matrices of one module; None where one is missing. `embedding` has them the other
    way round.
    """

    a: Tensor | None = None
    b: Tensor | None = None
    embedding: bool = False


class AdapterWeights(NamedTuple):
    """What lies beside the config. `layers` are the LoRA matrices by full module name, `others` all
    other tensors, `foreign` the names that are not PEFT's, `with_adapter_name` those
    with an adapter's name in them; `fault` says why nothing could be read.
    """

    file: str
    layers: dict[str, LoraMatrices]
    others: dict[str, Tensor]
    foreign: tuple[str, ...] = ()
    with_adapter_name: tuple[str, ...] = ()
    fault: str | None = None
    pointer: bool = False
    types: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of tensors in the file."""
        halves = sum(
            (layer.a is not None) + (layer.b is not None) for layer in self.layers.values()
        )
        return halves + len(self.others) + len(self.foreign)


def read_weights(path: str) -> AdapterWeights | None:
    """The weights beside the adapter_config.json at `path`, by their header alone; None where there
    is no safetensors file. A file that cannot be read gives weights with a `fault`.
    """
    from loracheck.trees.safetensors import HeaderError, read_header

    folder = os.path.dirname(path)
    if not exists(os.path.join(folder, FILE_NAME)):
        return _read_shards(folder) if exists(os.path.join(folder, INDEX_NAME)) else None
    file = os.path.join(folder, FILE_NAME)
    try:
        return _sort_tensors(read_header(file, MAX_HEADER_BYTES))
    except HeaderError as error:
        return AdapterWeights(FILE_NAME, {}, {}, fault=str(error), pointer=error.pointer)
    except OSError as error:
        return AdapterWeights(FILE_NAME, {}, {}, fault=f"cannot be read: {error.strerror or error}")


def _read_shards(folder: str) -> AdapterWeights:
    """Weights in several files, which an index lists; the file at fault is named."""
    from loracheck.documents.model import DocumentError
    from loracheck.documents.source import load
    from loracheck.trees.safetensors import HeaderError, read_header

    name, tensors = INDEX_NAME, {}
    try:
        for name in _list_shard_names(
            json.loads(load(os.path.join(folder, INDEX_NAME), MAX_INDEX))
        ):
            tensors.update(read_header(os.path.join(folder, name), MAX_HEADER_BYTES))
    except (HeaderError, DocumentError, ValueError, RecursionError) as error:
        return AdapterWeights(name, {}, {}, fault=str(error))
    except OSError as error:
        return AdapterWeights(name, {}, {}, fault=f"cannot be read: {error.strerror or error}")
    return _sort_tensors(tensors)._replace(file=INDEX_NAME)


def _list_shard_names(index: object) -> list[str]:
    """The files of an index. ValueError for an index that lists none, too many, or files of other
    folders.
    """
    weight_map = index.get("weight_map") if isinstance(index, dict) else None
    names = list(dict.fromkeys(weight_map.values())) if isinstance(weight_map, dict) else []
    if not names or len(names) > MAX_SHARDS:
        raise ValueError(f"lists {len(names)} files")
    for name in names:
        if not isinstance(name, str) or os.path.basename(name) != name or name in ("", ".", ".."):
            raise ValueError("lists what is no file beside it")
    return names


def _sort_tensors(tensors: dict[str, Tensor]) -> AdapterWeights:
    lora = re.compile(LORA_KEY)
    layers: dict[str, LoraMatrices] = {}
    others: dict[str, Tensor] = {}
    foreign: list[str] = []
    names: list[str] = []
    for name, tensor in tensors.items():
        stem = name.removeprefix(PREFIX)
        match = lora.fullmatch(stem)
        if stem == name:
            foreign.append(name)
        elif match:
            module, embedding, half, adapter = match.groups()
            names += [name] if adapter else []
            layer = layers.get(module, LoraMatrices(embedding=bool(embedding)))
            layers[module] = layer._replace(a=tensor) if half == "A" else layer._replace(b=tensor)
        else:
            others[stem] = tensor
    types = tuple(dict.fromkeys(tensor.dtype for tensor in tensors.values()))
    return AdapterWeights(FILE_NAME, layers, others, tuple(foreign), tuple(names), types=types)


def collect_matrix_ranks(layer: LoraMatrices) -> set[int]:
    """The ranks that the shapes of a module's matrices give: two where A and B do not fit each
    other.
    """
    ranks = set()
    if layer.a is not None and len(layer.a.shape) > 1:
        ranks.add(layer.a.shape[0])
    if layer.b is not None and len(layer.b.shape) > 1:
        ranks.add(layer.b.shape[1])
    return ranks - {0}
