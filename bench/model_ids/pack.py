"""The file of `loracheck.trees.model_ids`, from its rows."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.trees.model_ids import ModelId

IDS_PER_BLOCK = 64


def pack(rows: Iterable[ModelId]) -> bytes:
    """The table's bytes: one line of JSON with the first id of each block and the block's length,
    then the blocks, one after another.
    """
    ordered = sorted(rows, key=lambda row: row.id.lower())
    heads: list[list[object]] = []
    blocks: list[bytes] = []
    for start in range(0, len(ordered), IDS_PER_BLOCK):
        part = ordered[start : start + IDS_PER_BLOCK]
        text = json.dumps([list(row) for row in part], separators=(",", ":"))
        blocks.append(zlib.compress(text.encode(), 9))
        heads.append([part[0].id.lower(), len(blocks[-1])])
    header = json.dumps({"format": FORMAT, "blocks": heads}, separators=(",", ":"))
    return header.encode() + b"\n" + b"".join(blocks)
