"""The lists of layers in `loracheck/engines/data/sglang.json`, made from what was found."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .store import facts_at

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = (
    "sgl-project/sglang python/sglang/srt/lora/utils.py "
    "(get_hidden_dim, get_normalized_target_modules)"
)


def make_rows(store: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each run of releases with the same list and the same models that have their own:
    `since` and `before`, `leaves`, `own`.
    """
    rows: list[dict[str, Any]] = []
    for release in store["releases"]:
        facts = facts_at(store, release)
        now = {"leaves": facts["leaves"], "own": facts["own_layers"]}
        if rows and {key: rows[-1][key] for key in now} == now:
            continue
        if rows:
            rows[-1]["before"] = release
        rows.append({"since": release, **now})
    return [_ordered(row, first=row is rows[0]) for row in rows]


def _ordered(row: dict[str, Any], first: bool) -> dict[str, Any]:
    bounds = {
        key: row[key]
        for key in ("since", "before")
        if key in row and not (first and key == "since")
    }
    own = {"own": row["own"]} if row["own"] else {}
    return {**bounds, "leaves": row["leaves"], **own, "source": SOURCE}


def write_rows(file: Path, store: dict[str, Any]) -> None:
    """Put the rows into the data file, before those of single models, which are written by hand."""
    text = file.read_text("utf-8")
    data = json.loads(text)
    rows = [row for row in data["modules"] if "only" in row] + make_rows(store)
    body = ",\n".join(
        "  {\n"
        + ",\n".join(f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in row.items())
        + "\n  }"
        for row in rows
    )
    block = f'"modules": [\n{body}\n ]'
    pattern = re.compile(r'"modules": \[.*?\n \]', re.DOTALL)
    file.write_text(pattern.sub(lambda _: block, text, count=1), encoding="utf-8")
