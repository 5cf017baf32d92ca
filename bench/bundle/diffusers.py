"""`python -m bench.bundle.diffusers`: writes the bundled trees of diffusers' models anew, as the
installed diffusers builds them on the stand-in for torch. The model classes with their defaults
are written by `bench.bundle.diffusers_types`.

Which checkpoints, and their configs: `bench/bundle/diffusers_facts.json`, in the form of
`facts.json` (`bench/bundle/sources.py`); "parts" are the folders that hold such a model, where that
is not the transformer alone.
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.bundle.sources import read_rows
from loracheck.trees.builder import build
from loracheck.trees.fold import encode
from loracheck.trees.sources.diffusers_bundle import build_data_path

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

FACTS = Path(__file__).with_name("diffusers_facts.json")
ENTRIES_PER_BLOCK = 16
USUAL = ["transformer"]


def read_facts() -> dict[str, dict[str, Any]]:
    """Hub id -> its row, completed."""
    return read_rows(FACTS)


def make_entry(config: dict[str, Any], parts: list[str], tree: ModuleTree) -> bytes:
    """The two lines of an entry: facts, and the tree without its release."""
    facts = {"config": config, "parts": parts}
    stored = encode(tree._replace(library_version=None))
    return b"\n".join(json.dumps(part, separators=(",", ":")).encode() for part in (facts, stored))


def write_data(entries: dict[str, bytes], release: str, types: bool) -> None:
    """Write index and data file of checkpoints or classes; equal entries are stored once."""
    names: dict[bytes, list[str]] = {}
    for name, entry in sorted(entries.items()):
        names.setdefault(entry, []).append(name)
    data, places, rows = bytearray(), {}, list(names)
    for start in range(0, len(rows), ENTRIES_PER_BLOCK):
        group = rows[start : start + ENTRIES_PER_BLOCK]
        block = zlib.compress(b"\n".join(group), 9)
        for number, row in enumerate(group):
            places.update({name: [len(data), len(block), number] for name in names[row]})
        data += block
    listed = ",\n".join(f"  {json.dumps(n)}: {json.dumps(at)}" for n, at in sorted(places.items()))
    text = f'{{"releases": {json.dumps([release])}, "entries": {{\n{listed}\n}}}}\n'
    Path(build_data_path(types, "json")).write_text(text, encoding="utf-8")
    Path(build_data_path(types, "bin")).write_bytes(data)
    kind = "classes" if types else "checkpoints"
    print(f"{len(places)} {kind}, {len(rows)} distinct, {len(data) / 1e3:.0f} kB")


def main() -> int:
    """Build each config once, and write."""
    trees: dict[str, ModuleTree] = {}
    entries: dict[str, bytes] = {}
    for name, row in read_facts().items():
        key = json.dumps(row["config"], sort_keys=True)
        if key not in trees:
            trees[key] = build(row["config"], library="diffusers")
        entries[name] = make_entry(row["config"], row.get("parts", USUAL), trees[key])
    releases = {tree.library_version for tree in trees.values()}
    release = str(releases.pop())
    write_data(entries, release, types=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
