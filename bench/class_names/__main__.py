"""`python -m bench.class_names [--variations N] [--missing] [--part K/N] [TYPE ...]`: build, join
and write the names of the classes that the table of model ids names; with `--missing` only of those
whose names are not known, with `--part 2/9` of every ninth model type, with TYPE of these alone,
each beside the ones that are known. What differs from the table is printed: names that a new tree
has not, and those that only it has.
`python -m bench.class_names --checkpoints`: add the names of the bundled checkpoints, and build
nothing.
`python -m bench.class_names --remote FOLDER`: read the classes whose code comes with the checkpoint
(`remote_code.py`) from clones below FOLDER, beside the ones that are known.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.bundle.build import build_trees
from bench.class_names.join import join_trees, shorten_lists
from bench.class_names.remote_code import read_remote
from bench.class_names.variations import make_configs
from loracheck.trees.class_names import FORMAT, PATH, ClassNames, iter_classes, knows_class
from loracheck.trees.fold import decode, encode
from loracheck.trees.model_ids import iter_ids
from loracheck.trees.sources.bundle import TYPE_PREFIX, find_model, find_tree, load_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.trees.model import ModuleTree

HEADS = ("CausalLM", "SequenceClassification", "TokenClassification", "Model")
NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")

OURS = "transformers"
"""The library whose classes are read here; `bench.class_names.diffusers` reads the others."""

ENOUGH = 5
"""Trees of a class that must have been built, of the default config and its variations."""

Rows = dict[str, ClassNames]
"""Class -> its joined tree, and whether all its trees have the same names."""


def main() -> int:
    """Write the table, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variations", type=int, default=6)
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--part", help="which of how many parts, as 2/9")
    parser.add_argument("--checkpoints", action="store_true")
    parser.add_argument("--remote", type=Path)
    parser.add_argument("types", nargs="*")
    options = parser.parse_args()
    if options.remote:
        found = {cls: ClassNames(tree, False, True) for cls, tree in read_remote(options.remote)}
        _write(dict(iter_classes()), found)
        return 0
    known = dict(iter_classes())
    if options.checkpoints:
        _write(known, {c: r for c, r in known.items() if not r.own_code and r.tree.library == OURS})
        return 0
    own = classes_of_table()
    if options.missing:
        own = {cls: kind for cls, kind in own.items() if not knows_class(cls)}
    rows: Rows = {}
    kinds = sorted(set(own.values()) & set(options.types or own.values()))
    if options.part:
        part, number = map(int, options.part.split("/"))
        kinds = kinds[part - 1 :: number]
    with ProcessPoolExecutor(2) as pool:
        read = partial(_read_type, own=own, number=options.variations)
        for kind, found in zip(kinds, pool.map(read, kinds), strict=True):
            rows.update({cls: row for cls, row in found.items() if own.get(cls, kind) == kind})
            print(kind, *(cls if same else f"({cls})" for cls, (_, same, _) in found.items()))
            sys.stdout.flush()
    if not (options.missing or options.part or options.types):
        known = {c: row for c, row in known.items() if row.own_code or row.tree.library != OURS}
    _write(known, rows, frozenset(kinds))
    return 0


def _write(known: Rows, rows: Rows, kinds: frozenset[str] | None = None) -> None:
    """Write the rows, which are of the given model types (of any for None), beside the known ones,
    and say what differs from them.
    """
    own = {cls: row for cls, row in rows.items() if not row.own_code}
    rows = {**rows, **add_checkpoints(own, kinds)}
    for cls, row in rows.items():
        before = known.get(cls)
        now, then = (
            get_names(row.tree),
            get_names(before.tree) if before is not None else frozenset(),
        )
        if before is not None and (now, row.stable) != (then, before.stable):
            lost, new = sorted(then - now)[:5], sorted(now - then)[:5]
            print(f"{cls}: stable {before.stable} to {row.stable}, lost {lost}, new {new}")
    rows = {**known, **rows}
    data = pack(rows)
    Path(PATH).write_bytes(data)
    print(f"{len(rows)} classes, {len(data)} bytes")


def classes_of_table() -> dict[str, str]:
    """Class -> model type, of the classes that the table of ids names and transformers has."""
    from transformers.models.auto import modeling_auto

    known: dict[str, str] = {}
    for name in dir(modeling_auto):
        if name.endswith("_MAPPING_NAMES"):
            for kind, classes in getattr(modeling_auto, name).items():
                for cls in (classes,) if isinstance(classes, str) else classes:
                    known.setdefault(str(cls), kind)
    named = {row.architecture for row in iter_ids() if row.architecture}
    return {cls: kind for cls, kind in known.items() if cls in named}


def _read_type(kind: str, own: dict[str, str], number: int) -> Rows:
    """The rows of one model type."""
    heads = (*(cls for cls, other in own.items() if other == kind), *HEADS)
    configs = make_configs(kind, number)
    trees: dict[str, list[ModuleTree]] = {}
    for answer in build_trees(sys.executable, configs, heads).values() if configs else ():
        for tree in answer.trees.values():
            if isinstance(tree, dict):
                built = decode(tree)
                trees.setdefault(str(built.cls), []).append(built)
    rows: Rows = {}
    for cls, now in trees.items():
        if len(now) >= ENOUGH:
            every = [*now, *_other_releases(kind, cls)]
            same = len({get_names(tree) for tree in every}) == 1
            rows[cls] = ClassNames(join_trees(every), same)
    return rows


def _other_releases(kind: str, cls: str) -> list[ModuleTree]:
    """The trees of the default config as the known releases build it."""
    model = find_model(TYPE_PREFIX + kind)
    spans = model.list_release_runs() if model is not None else []
    found = (find_tree(TYPE_PREFIX + kind, (cls,), None, newest) for newest, _, _ in spans)
    return [tree for tree in found if tree is not None and tree.cls == cls]


def get_names(tree: ModuleTree) -> frozenset[str]:
    """The names of all modules, with a star for each number."""
    return frozenset(NUMBER.sub("*", module.name) for module in tree.modules())


def add_checkpoints(rows: Rows, kinds: frozenset[str] | None = None) -> Rows:
    """The rows with every module that a bundled checkpoint of the class has on a known release. Of
    other model types than the given ones no tree is read.
    """
    trees: dict[str, list[ModuleTree]] = {}
    for model in load_index().entries:
        entry = find_model(model)
        if entry is None or (kinds is not None and entry.config.get("model_type") not in kinds):
            continue
        for newest, _, _ in entry.list_release_runs():
            tree = find_tree(model, (), None, newest)
            if tree is not None and tree.cls in rows:
                trees.setdefault(str(tree.cls), []).append(tree)
    found = dict(rows)
    for cls, own in trees.items():
        joined, same, _ = rows[cls]
        alike = all(get_names(tree) == get_names(joined) for tree in own)
        found[cls] = ClassNames(join_trees([joined, *own]), same and alike)
    return found


def pack(rows: Mapping[str, ClassNames]) -> bytes:
    """The file: a line of JSON with the place of each class, and the compressed trees."""
    blocks, places, at = [], {}, 0
    for cls, (tree, same, own_code) in sorted(rows.items()):
        text = json.dumps(encode(shorten_lists(tree)), separators=(",", ":"))
        blocks.append(zlib.compress(text.encode(), 9))
        places[cls] = [at, len(blocks[-1]), same, own_code]
        at += len(blocks[-1])
    header = json.dumps({"format": FORMAT, "classes": places}, separators=(",", ":"))
    return header.encode() + b"\n" + b"".join(blocks)


if __name__ == "__main__":
    sys.exit(main())
