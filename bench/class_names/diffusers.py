"""`python -m bench.class_names.diffusers [--variations N] [CLASS ...]`: build, join and write the
names of diffusers' classes that LoRA is for, beside those that are known: a file may name the class
of its model and not the checkpoint.

A class is built of its defaults, of a small config, of variations of both and of the bundled
checkpoints' configs, on real torch's meta device; `python -m bench.trees --library diffusers` holds
such trees against those of the stand-in.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bench.bundle.diffusers import read_facts
from bench.class_names.__main__ import get_names, pack
from bench.class_names.join import join_trees
from bench.lora_files.loaders import FILE as LOADERS
from bench.trees.diffusers_models import build_type, list_types
from loracheck.trees.class_names import PATH, ClassNames, iter_classes
from loracheck.trees.fold import decode
from loracheck.trees.sources.diffusers_bundle import find_pipeline

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

RELEASE = version("diffusers")
SECONDS = 120
"""The longest that one model may take to be built."""
ENOUGH = 5
"""Trees of a class that must have been built."""


def list_classes() -> list[str]:
    """The classes with a LoRA loader that are built from a config."""
    loaders = json.loads(LOADERS.read_text("utf-8"))["loaders"]
    return sorted(set(loaders) & set(list_types()))


def read_class(name: str, number: int) -> ClassNames | None:
    """The joined tree of a class; None where too few of its configs can be built."""
    built = build_type(name, number, SECONDS, " names")
    trees = [_decode(result["tree"]) for result in built if "tree" in result]
    trees += _list_bundled(name)
    if len(trees) < ENOUGH:
        return None
    stable = len({get_names(tree) for tree in trees}) == 1
    joined = join_trees(trees)._replace(cls=name, library="diffusers", library_version=RELEASE)
    return ClassNames(joined, stable)


def _decode(dump: dict[str, object]) -> ModuleTree:
    return decode(json.loads(json.dumps(dump)))


def _list_bundled(name: str) -> list[ModuleTree]:
    """The bundled checkpoints of a class."""
    rows = read_facts().items()
    same = (model for model, row in rows if row["config"].get("_class_name") == name)
    return [found.tree for found in map(find_pipeline, same) if found is not None]


def main() -> int:
    """Write the table, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variations", type=int, default=16)
    parser.add_argument("classes", nargs="*")
    options = parser.parse_args()
    names = options.classes or list_classes()
    rows = dict(iter_classes())
    with ProcessPoolExecutor(2) as pool:
        found = pool.map(partial(read_class, number=options.variations), names)
        for name, row in zip(names, found, strict=True):
            if row is not None:
                rows[name] = row
            print(name, "-" if row is None else "stable" if row.stable else "varies", flush=True)
    data = pack(rows)
    Path(PATH).write_bytes(data)
    print(f"{len(rows)} classes, {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
