"""Trees of diffusers' models that are shipped with loracheck: much-used checkpoints by hub id, and
every model class with the defaults of its constructor ("type:FluxTransformer2DModel"), each as one
release of diffusers builds it.

diffusers keeps the names of modules from one release to the next (of 37 checkpoints that 0.35 knows
all have the same names there), so one release stands for all. `data/diffusers` and
`data/diffusers-types` are each an index (.json) and a data file (.bin) in the form of the bundle's
own, with one tree a checkpoint or class.
"""

from __future__ import annotations

import os
import zlib
from functools import cache, lru_cache

import loracheck.quick_json as json
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.trees.fold import decode
from loracheck.type_checking import TYPE_CHECKING

from .bundle import FOLDER, TYPE_PREFIX, read_index, read_lines
from .request import ResolvedTree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.trees.model import ModuleTree

    from .bundle import BundleIndex
    from .request import Request, TreeOptions

_CLASS = compile_when_used(r".+(?:Model|UNet|Encoder)\w*|.+For[A-Z]\w*")
"""A head that is a model's class; any other is the end of an auto class of transformers."""


class BundledPipeline(NamedTuple):
    """A checkpoint's entry."""

    config: dict[str, Any]
    """What of the part's config.json decides the tree."""

    parts: tuple[str, ...]
    """Folders of the checkpoint that hold a model with this tree, the usual one first; none for a
    class by itself.
    """

    tree: ModuleTree
    """The tree of these parts."""


def load_index(types: bool = False) -> BundleIndex:
    """Where the checkpoints stand, or the classes with their defaults."""
    return read_index(build_data_path(types, "json"))


def build_data_path(types: bool, suffix: str) -> str:
    """Where an index ("json") or data file ("bin") stands."""
    return os.path.join(FOLDER, f"diffusers{'-types' if types else ''}.{suffix}")


@lru_cache(maxsize=32)
def find_pipeline(model: str) -> BundledPipeline | None:
    """The bundled entry of a hub id, in any case of letters, or of "type:CLASS"; None where it is
    not bundled.
    """
    types = model.startswith(TYPE_PREFIX)
    index = load_index(types)
    place = index.place(model)
    if place is None:
        return None
    facts, text = read_lines(build_data_path(types, "bin"), place)
    release = {"library": "diffusers", "library_version": index.releases[0]}
    tree = decode({**json.loads(text), **release})
    return BundledPipeline(facts["config"], tuple(facts["parts"]), tree)


@cache
def has_module_name(leaf: str) -> bool:
    """Whether a module of any bundled model of diffusers is called so."""
    quoted_leaf = json.dumps(leaf).encode()
    return any(quoted_leaf in block for types in (False, True) for block in _iter_blocks(types))


def _iter_blocks(types: bool) -> Iterator[bytes]:
    """The unpacked blocks of a data file."""
    with open(build_data_path(types, "bin"), "rb") as data:
        for offset, length in {(at[0], at[1]) for at in load_index(types).entries.values()}:
            data.seek(offset)
            yield zlib.decompress(data.read(length))


class DiffusersBundleSource:
    """Trees of diffusers' models that are shipped with loracheck; where `--python` names an
    interpreter, the tree is built of the config that is shipped with them.
    """

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The tree of the part that is meant; None where the checkpoint is not bundled, or another
        part of it is meant.
        """
        if request.library not in (None, "diffusers"):
            return None
        pipeline = find_pipeline(request.model)
        if pipeline is None or not _is_meant(pipeline, request):
            return None
        if options.python is not None:
            from loracheck.trees.libraries import DIFFUSERS

            from .config_json import load_or_build

            return load_or_build(DIFFUSERS, pipeline.config, request, options, "its bundled config")
        source = f"bundled ({pipeline.tree.built_by})"
        if not pipeline.parts:
            return ResolvedTree(pipeline.tree, f"{source}, with the defaults of its class")
        return ResolvedTree(pipeline.tree, f"{source}, its {request.part or pipeline.parts[0]}")


def _is_meant(pipeline: BundledPipeline, request: Request) -> bool:
    """Whether a request is for the bundled part, by its folder and its class."""
    if request.part is not None and request.part not in pipeline.parts:
        return False
    classes = [head for head in request.heads if _CLASS.fullmatch(head)]
    return not classes or pipeline.tree.cls in classes
