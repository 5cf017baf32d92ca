"""Trees shipped with loracheck: checkpoints by hub id, and the default config of every model type
("type:llama"), each as every known transformers release builds it.

`data/checkpoints` and `data/types` are an index (.json) and a data file (.bin). An entry holds one
model's trees for several heads over one node table. Of each model the newest entry stands in a
compressed block, a few models together; the entries of older releases that differ are compressed
against the next newer one, each by itself. A look-up reads the index, one block and the differences
down to the wanted release; nothing else is read or unpacked.
"""

from __future__ import annotations

import os
import zlib
from functools import cache, lru_cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple
from loracheck.trees.fold import decode
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.trees.model import ModuleTree

FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")

TYPE_PREFIX = "type:"
"""Before a model type's name: the tree of its default config."""

ABSENT = -1
"""The variant of a release that cannot build the model."""


class BundleIndex(NamedTuple):
    """Where the models of one data file stand."""

    releases: list[str]
    """The transformers releases, newest first."""

    entries: dict[str, list[int]]
    """Model -> offset and length of its block, and its number there."""

    def place(self, model: str) -> list[int] | None:
        """Where a model's entry lies. The Hub takes an id in any case of letters
        (huggingface/huggingface_hub issue 2090).
        """
        offset = self.entries.get(model)
        if offset is None and "/" in model:
            small = model.lower()
            offset = next((at for name, at in self.entries.items() if name.lower() == small), None)
        return offset


class BundledModel(NamedTuple):
    """One model's entries. Variants are numbered from the newest on."""

    file: str
    """The data file."""

    releases: list[str]
    """The transformers releases, newest first."""

    config: dict[str, Any]
    """What of its config.json decides the tree."""

    runs: list[list[int]]
    """[position in `releases`, variant] wherever the variant changes, towards older releases."""

    older: list[list[int]]
    """Offset and length of what makes variant n + 1 of variant n."""

    newest: bytes
    """The text of variant 0."""

    def find_variant(self, release: str) -> int:
        """The variant of a known release, or ABSENT."""
        at = self.releases.index(release)
        return next(variant for start, variant in reversed(self.runs) if start <= at)

    def list_release_runs(self) -> list[tuple[str, str, int]]:
        """(newest release, oldest release, variant) of each run in which the model can be built."""
        ends = [start for start, _ in self.runs[1:]] + [len(self.releases)]
        return [
            (self.releases[start], self.releases[end - 1], variant)
            for (start, variant), end in zip(self.runs, ends, strict=True)
            if variant != ABSENT
        ]

    def read_variant(self, variant: int) -> bytes:
        """The text of a variant."""
        text = self.newest
        with open(self.file, "rb") as data:
            for offset, length in self.older[:variant]:
                data.seek(offset)
                text = zlib.decompressobj(-15, text).decompress(data.read(length))
        return text


def load_index(types: bool = False) -> BundleIndex:
    """The index of the checkpoints, or of the model types."""
    return read_index(build_data_path(types, "json"))


@cache
def read_index(path: str) -> BundleIndex:
    """The index in a file."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    return BundleIndex(data["releases"], data["entries"])


def read_lines(path: str, place: list[int]) -> tuple[dict[str, Any], bytes]:
    """The two lines of the entry at a place of a data file: its facts, and its text."""
    offset, length, row = place
    with open(path, "rb") as data:
        data.seek(offset)
        lines = zlib.decompress(data.read(length)).split(b"\n")
    return json.loads(lines[2 * row]), lines[2 * row + 1]


def build_data_path(types: bool, suffix: str) -> str:
    """Where an index ("json") or data file ("bin") stands."""
    return os.path.join(FOLDER, f"{'types' if types else 'checkpoints'}.{suffix}")


@lru_cache(maxsize=32)
def find_model(model: str) -> BundledModel | None:
    """The bundled entries of a hub id or a "type:NAME"; None where it is not bundled. The last few
    are kept: a run's files often name one model.
    """
    types = model.startswith(TYPE_PREFIX)
    model_index = load_index(types)
    place = model_index.place(model)
    if place is None:
        return None
    file = build_data_path(types, "bin")
    facts, newest = read_lines(file, place)
    config = facts.get("config") or {"model_type": model.removeprefix(TYPE_PREFIX)}
    return BundledModel(
        file, model_index.releases, config, facts["runs"], facts.get("older", []), newest
    )


@cache
def has_module_name(leaf: str) -> bool:
    """Whether a module of any bundled model type is called so, in any of its heads. Reads the whole
    data file, some hundredths of a second.
    """
    quoted_leaf = json.dumps(leaf).encode()
    with open(build_data_path(True, "bin"), "rb") as data:
        for offset, length in {(at[0], at[1]) for at in load_index(True).entries.values()}:
            data.seek(offset)
            if quoted_leaf in zlib.decompress(data.read(length)):
                return True
    return False


@lru_cache(maxsize=32)
def find_tree(
    model: str,
    heads: tuple[str, ...] = (),
    num_labels: int | None = None,
    release: str | None = None,
) -> ModuleTree | None:
    """The bundled tree of a model as a known release builds it (the newest one that can, without
    `release`), under the first of `heads` (an auto class or its end, or a class of transformers)
    that it has; None where nothing fits.
    """
    bundled = find_model(model)
    if bundled is None:
        return None
    if release is None:
        release = bundled.list_release_runs()[0][0]
    variant = bundled.find_variant(release)
    return _build_tree(bundled, variant, release, heads, num_labels) if variant != ABSENT else None


class OtherTree(NamedTuple):
    """A model's tree on other transformers releases."""

    newest: str
    """The newest release that builds it."""

    oldest: str
    """The oldest one of those without a gap."""

    tree: ModuleTree
    """The tree, as `newest` builds it."""


@lru_cache(maxsize=8)  # configs of a folder name few models; the plans on a tree are kept with it
def find_other_trees(
    model: str, heads: tuple[str, ...], release: str | None
) -> tuple[OtherTree, ...]:
    """The model's trees on the known releases, newest first, without those whose entry is that of
    `release`.
    """
    bundled = find_model(model)
    if bundled is None:
        return ()
    here = bundled.find_variant(release) if release in bundled.releases else ABSENT
    trees: dict[int, ModuleTree | None] = {}
    spans: list[OtherTree] = []
    for newest, oldest, variant in bundled.list_release_runs():
        if variant not in trees and variant != here:
            trees[variant] = _build_tree(bundled, variant, newest, heads, None)
        tree = trees.get(variant)
        if tree is not None:
            spans.append(OtherTree(newest, oldest, tree._replace(library_version=newest)))
    return tuple(spans)


def _build_tree(
    bundled: BundledModel, variant: int, release: str, heads: tuple[str, ...], labels: int | None
) -> ModuleTree | None:
    """The tree of the wanted head; `entry["heads"]` maps head names to tree facts over the shared
    node table, or to the name of another head with the very same tree. "HEAD:2" and "HEAD:3" are
    the builds with so many labels.
    """
    entry: dict[str, Any] = json.loads(bundled.read_variant(variant))
    known_heads = entry["heads"]
    for head in heads or ("",):
        short = "Model" if head == "AutoModel" else head.removeprefix("AutoModelFor")
        name = short if short in known_heads else _find_head(known_heads, head)
        if name is None:
            continue
        name = known_heads[name] if isinstance(known_heads[name], str) else name
        if labels is not None and f"{name}:2" in known_heads:
            from .bundle_labels import extrapolate_labels

            two, three = (_decode(entry, f"{name}:{n}", release) for n in (2, 3))
            return extrapolate_labels(two, three, labels)
        return _decode(entry, name, release)
    return None


def _find_head(class_heads: dict[str, Any], cls: str) -> str | None:
    """The head whose model class has the name."""
    heads = (h for h, facts in class_heads.items() if not isinstance(facts, str) and ":" not in h)
    return next((h for h in heads if class_heads[h].get("cls") == cls), None)


def _decode(entry: dict[str, Any], name: str, release: str) -> ModuleTree:
    facts = entry["heads"][name]
    if isinstance(facts, str):
        facts = entry["heads"][facts]
    return decode({**entry["shared"], **facts, "transformers": release})


def list_names_for_peft(bundled: BundledModel, variant: int) -> tuple[object, ...]:
    """What PEFT goes by in a variant's tree of the model's own class, without sizes: names, kinds
    and parameters of the modules, and how checkpoints are converted.
    """
    tree = _build_tree(bundled, variant, "", (), None)
    if tree is None:
        return ()
    modules = [
        (m.name, m.node.kind, tuple(p.name for p in m.node.parameters)) for m in tree.modules()
    ]
    return tree.cls, dict(tree.extra).get("conversion"), tree.ties, tuple(modules)
