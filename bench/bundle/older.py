"""`python -m bench.bundle.older --python PATH...`: writes `loracheck/trees/data/older.json`, the
model classes that releases older than all bundled ones build with the same layers as the oldest
bundled one. PATH are the interpreters of such releases, as many as wanted.

Of the bundled checkpoints that differ in sizes alone one is built with each of them by the stand-in
for torch, under its own class and the usual heads. Of a class all checkpoints must agree: the same
modules with parameters, under the same names, of the same kinds and shapes, the same embeddings,
the same ties. Modules without parameters, which LoRA cannot wrap, count no more than the classes of
containers do (attention had classes of its own for each implementation, and rotary embeddings in
each layer).
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.bundle.build import build_trees
from bench.bundle.sources import read_configs
from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.release_table import parse_version_number
from loracheck.trees.fold import decode
from loracheck.trees.sources.bundle import find_tree, load_index
from loracheck.trees.sources.older import PATH

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree, Node

HEADS = ("CausalLM", "Seq2SeqLM", "MaskedLM", "SequenceClassification", "Model")


def main() -> None:
    """Build, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", nargs="+", required=True)
    parser.add_argument("--types", nargs="*", help="model types; all where none is named")
    parser.add_argument("--out", default=PATH)
    given = parser.parse_args()
    once: dict[str, tuple[str, dict[str, Any]]] = {}
    for name, config in read_configs().items():
        if not given.types or config.get("model_type") in given.types:
            once.setdefault(json.dumps(_leave_sizes(config), sort_keys=True), (name, config))
    configs = dict(once.values())
    oldest = load_index().releases[-1]
    found: dict[str, dict[str, bool]] = {}
    for python in given.python:
        release = find_installed_version("transformers", python)
        assert release is not None
        found[release] = _compare(python, configs, oldest)
        print(release, sum(found[release].values()), "of", len(found[release]), flush=True)
    releases = sorted(found, key=parse_version_number, reverse=True)
    classes: dict[str, str] = {}
    for cls in sorted({cls for own in found.values() for cls in own}):
        for release in releases:
            if not found[release].get(cls):
                break
            classes[cls] = release
    lines = ",\n".join(f"  {json.dumps(cls)}: {json.dumps(at)}" for cls, at in classes.items())
    head = f'"as": "{oldest}", "releases": {json.dumps(releases)}'
    Path(given.out).write_text(f'{{{head}, "since": {{\n{lines}\n}}}}\n', encoding="utf-8")


def _leave_sizes(value: Any) -> Any:
    """A config with a zero for every number."""
    if isinstance(value, dict):
        return {key: _leave_sizes(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(_leave_sizes(one), sort_keys=True) for one in value})
    return 0 if type(value) in (int, float) else value


def _compare(python: str, configs: dict[str, dict[str, Any]], oldest: str) -> dict[str, bool]:
    """Class -> whether all its checkpoints are built alike."""
    alike: dict[str, bool] = {}
    for name, answer in build_trees(python, configs, HEADS).items():
        for head in ("", *HEADS):
            new = find_tree(name, (head,) if head else (), None, oldest)
            dump = answer.trees.get(head)
            dump = answer.trees.get(dump) if isinstance(dump, str) else dump
            if new is None or new.cls is None:
                continue
            same = dump is not None and _describe(decode(dump)) == _describe(new)
            if os.environ.get("SHOW") and not same and dump is not None:
                print("unlike:", name, head, new.cls, flush=True)
            alike[new.cls] = alike.get(new.cls, True) and same
    if os.environ.get("SHOW"):
        print(json.dumps(alike), flush=True)
    return alike


def _describe(tree: ModuleTree) -> object:
    known: dict[int, object] = {}
    embeddings = tree.input_embeddings, tree.output_embeddings
    return tree.model_type, tree.cls, embeddings, tree.ties, _describe_node(tree.root, known)


def _describe_node(node: Node, known: dict[int, object]) -> object:
    """What of a module LoRA can meet; None for one without parameters, inside of it as well."""
    if id(node) not in known:
        children = [
            (one.name, one.ranges, _describe_node(one.node, known)) for one in node.children
        ]
        inner = tuple(one for one in children if one[2] is not None)
        own = node.parameters or inner
        known[id(node)] = (node.kind, node.parameters, node.attributes, inner) if own else None
    return known[id(node)]


if __name__ == "__main__":
    main()
