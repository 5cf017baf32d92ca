"""Which checkpoints are bundled, and the config.json of each.

Two sources: a folder of `owner__name/config.json` with an `index.json` that notes where each came
from, and the facts file (`bench/bundle_facts.json`), whose rows are

    hub id: {"config": {...}, "source": ..., "parameters": ...}    the fields that decide the tree
    hub id: {"same": the id of another row, or of a config in the folder, "source": ...}
    hub id: {"left_out": why the folder's config is not this checkpoint's}

A config of the folder wins over a row, for it is complete; not so where the index calls it
truncated or edited, or where the row says under "instead" what is wrong with it, or under "adds"
what it lacks (and what makes no other tree).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

FACTS = Path(__file__).parent / "bundle_facts.json"
EDITED = ("truncated", "edited", "text tower only")


class Sources(NamedTuple):
    """`configs` maps a hub id to a config.json; `left_out` maps an id to the reason."""

    configs: dict[str, dict[str, Any]]
    left_out: dict[str, str]


def read(folder: Path | None, facts: Path = FACTS) -> Sources:
    """All configs of the folder and the facts file. Raises OSError and ValueError for unreadable
    files.
    """
    configs, left_out = from_folder(folder) if folder else Sources({}, {})
    own = dict(configs)
    for name, row in from_facts(facts).items():
        config = row.get("config") or own.get(row.get("same", ""))
        if "left_out" in row or config is None:
            configs.pop(name, None)
            left_out[name] = row.get("left_out") or f"the config of {row['same']} is not at hand"
        elif name not in configs or "instead" in row or "adds" in row:
            configs[name] = config
            left_out.pop(name, None)
    return Sources(configs, left_out)


def from_folder(folder: Path) -> Sources:
    """The unedited configs of a folder of `owner__name/config.json`."""
    notes = {row["file"]: row["notes"] or "" for row in _json(folder / "index.json")}
    configs: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    for path in sorted(folder.glob("*/config.json")):
        name = path.parent.name.replace("__", "/", 1)
        note = notes.get(f"{path.parent.name}/config.json")
        if "@" in name or note is None or any(word in note for word in EDITED):
            left_out[name] = f"not the checkpoint's own config: {note or 'not in the index'}"
        else:
            configs[name] = _json(path)
    return Sources(configs, left_out)


def from_facts(facts: Path = FACTS) -> dict[str, dict[str, Any]]:
    """The rows of the facts file; a row with "same" is completed by the row that it names."""
    rows: dict[str, dict[str, Any]] = _json(facts)
    return {
        name: {**_shared(rows.get(row.get("same", ""), {})), **row} for name, row in rows.items()
    }


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("config", "parameters") if key in row}


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
