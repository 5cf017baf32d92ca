"""Trees of diffusers' models that are shipped with loracheck: much-used checkpoints by hub id, each
as one release of diffusers builds it.

diffusers keeps the names of modules from one release to the next (of 37 checkpoints that 0.35 knows
all have the same names there), so one release stands for all. `data/diffusers` is an index (.json)
and a data file (.bin) in the form of the bundle's own, with one tree a checkpoint.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import cache, lru_cache

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.trees.fold import decode
from loracheck.type_checking import TYPE_CHECKING

from .bundle import FOLDER, read_index, read_lines
from .request import ResolvedTree

if TYPE_CHECKING:
    from typing import Any

    from loracheck.trees.model import ModuleTree

    from .bundle import BundleIndex
    from .request import Request, TreeOptions

INDEX = os.path.join(FOLDER, "diffusers.json")
DATA = os.path.join(FOLDER, "diffusers.bin")
_CLASS = compile_when_used(r".+(?:Model|UNet|Encoder)\w*|.+For[A-Z]\w*")
"""A head that is a model's class; any other is the end of an auto class of transformers."""


class BundledPipeline(NamedTuple):
    """A checkpoint's entry."""

    config: dict[str, Any]
    """What of the part's config.json decides the tree."""

    parts: tuple[str, ...]
    """Folders of the checkpoint that hold a model with this tree, the usual one first."""

    tree: ModuleTree
    """The tree of these parts."""


def load_index() -> BundleIndex:
    """Where the checkpoints stand."""
    return read_index(INDEX)


@lru_cache(maxsize=32)
def find_pipeline(model: str) -> BundledPipeline | None:
    """The bundled entry of a hub id, in any case of letters; None where it is not bundled."""
    index = load_index()
    place = index.place(model)
    if place is None:
        return None
    facts, text = read_lines(DATA, place)
    release = {"library": "diffusers", "library_version": index.releases[0]}
    tree = decode({**json.loads(text), **release})
    return BundledPipeline(facts["config"], tuple(facts["parts"]), tree)


@cache
def has_module_name(leaf: str) -> bool:
    """Whether a module of any bundled model of diffusers is called so."""
    quoted_leaf = json.dumps(leaf).encode()
    with open(DATA, "rb") as data:
        for offset, length in {(at[0], at[1]) for at in load_index().entries.values()}:
            data.seek(offset)
            if quoted_leaf in zlib.decompress(data.read(length)):
                return True
    return False


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
        part = request.part or pipeline.parts[0]
        return ResolvedTree(pipeline.tree, f"bundled ({pipeline.tree.built_by}), its {part}")


def _is_meant(pipeline: BundledPipeline, request: Request) -> bool:
    """Whether a request is for the bundled part, by its folder and its class."""
    if request.part is not None and request.part not in pipeline.parts:
        return False
    classes = [head for head in request.heads if _CLASS.fullmatch(head)]
    return not classes or pipeline.tree.cls in classes
