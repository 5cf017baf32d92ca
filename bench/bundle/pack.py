"""The data files of the bundle: read whole, and written anew.

See `loracheck.trees.sources.bundle` for what they hold.
"""

from __future__ import annotations

import json
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from loracheck.releases.release_table import parse_version_number
from loracheck.trees.fold import Encoder, decode
from loracheck.trees.sources.bundle import (
    ABSENT,
    build_data_path,
    find_model,
    load_index,
    read_index,
)

ENTRIES_PER_BLOCK = 16
"""Newest entries compressed together: half the size, and under a millisecond to unpack."""


class Model(NamedTuple):
    """One model with its entry for each release that can build it."""

    config: dict[str, Any] | None
    """What of its config.json decides the tree; None for a type's default config."""

    texts: dict[str, bytes]
    """Release -> entry."""


def read_data(types: bool) -> dict[str, Model]:
    """Everything that a data file holds."""
    found: dict[str, Model] = {}
    for name in load_index(types).entries:
        bundled = find_model(name)
        assert bundled is not None
        texts = {n: bundled.read_variant(n) for _, _, n in bundled.list_release_runs()}
        variants = {release: bundled.find_variant(release) for release in bundled.releases}
        found[name] = Model(
            None if types else bundled.config,
            {release: texts[n] for release, n in variants.items() if n != ABSENT},
        )
    return found


def releases_of(models: dict[str, Model]) -> list[str]:
    """Every release that a model has an entry for, newest first."""
    found = {release for model in models.values() for release in model.texts}
    return sorted(found, key=parse_version_number, reverse=True)


def write_data(types: bool, models: dict[str, Model], releases: list[str]) -> None:
    """Write index and data file. `releases` are newest first; equal models are stored once."""
    rows: dict[bytes, list[str]] = {}
    packed: dict[bytes, _PackedModel] = {}
    for name, model in sorted(models.items()):
        if model.texts:
            own = _pack(model, releases)
            rows.setdefault(own.key, []).append(name)
            packed[own.key] = own
    data = bytearray()
    places: dict[str, list[int]] = {}
    keys = list(rows)
    for start in range(0, len(keys), ENTRIES_PER_BLOCK):
        group = keys[start : start + ENTRIES_PER_BLOCK]
        lines = []
        for key in group:
            own = packed[key]
            older = []
            for delta in own.deltas:
                older.append([len(data), len(delta)])
                data += delta
            facts = {**own.facts, **({"older": older} if older else {})}
            lines += [json.dumps(facts, separators=(",", ":")).encode(), own.newest]
        block = zlib.compress(b"\n".join(lines), 9)
        for row, key in enumerate(group):
            places.update({name: [len(data), len(block), row] for name in rows[key]})
        data += block
    listed = ",\n".join(f"  {json.dumps(n)}: {json.dumps(at)}" for n, at in sorted(places.items()))
    head = f'"releases": {json.dumps(releases)}'
    Path(build_data_path(types, "json")).write_text(
        f'{{{head}, "entries": {{\n{listed}\n}}}}\n', encoding="utf-8"
    )
    Path(build_data_path(types, "bin")).write_bytes(data)
    read_index.cache_clear()
    find_model.cache_clear()
    print(f"{len(places)} models, {len(keys)} distinct, {len(data) / 1e6:.2f} MB")


class _PackedModel(NamedTuple):
    key: bytes
    facts: dict[str, Any]
    newest: bytes
    deltas: list[bytes]


def _pack(model: Model, releases: list[str]) -> _PackedModel:
    variants: dict[bytes, int] = {}
    runs: list[list[int]] = []
    for at, release in enumerate(releases):
        text = model.texts.get(release)
        number = ABSENT if text is None else variants.setdefault(text, len(variants))
        if not runs or runs[-1][1] != number:
            runs.append([at, number])
    texts = list(variants)
    facts: dict[str, Any] = {"runs": runs}
    if model.config is not None:
        facts["config"] = model.config
    deltas = [_delta(new, old) for new, old in pairwise(texts)]
    return _PackedModel(json.dumps(facts).encode() + b"\n".join(texts), facts, texts[0], deltas)


def _delta(new: bytes, old: bytes) -> bytes:
    """What makes the older text of the newer one."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, new)
    return squeeze.compress(old) + squeeze.flush()


def make_entry(trees: dict[str, Any]) -> bytes:
    """One entry from head -> dump or the name of another head, as one line. The release is not in
    it, so that equal trees of two releases are equal entries.
    """
    encoder = Encoder()
    facts: dict[str, Any] = {
        head: dump if isinstance(dump, str) else encoder.add(decode(dump))
        for head, dump in trees.items()
    }
    first: dict[str, str] = {}
    for head, own in facts.items():
        if not isinstance(own, str):
            own.pop("transformers", None)
            first.setdefault(json.dumps(own, sort_keys=True), head)
    heads = {}
    for head, own in facts.items():
        same = own if isinstance(own, str) else first[json.dumps(own, sort_keys=True)]
        if same != head and not isinstance(facts[same], str):
            same = first[json.dumps(facts[same], sort_keys=True)]
        heads[head] = same if same != head else own
    data = {"shared": encoder.list_shared_rows(), "heads": heads}
    return json.dumps(data, separators=(",", ":")).encode()
