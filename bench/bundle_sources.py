"""Which models are bundled, and the config.json of each.

Three sources, a later one wins: a folder of `owner__name/config.json` with an `index.json` that notes
where each came from; the facts file (`bench/bundle_facts.json`); and, under "type:NAME", the default
config of every model type. A folder's config that its index calls truncated or edited is not the
checkpoint's and is left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

FACTS = Path(__file__).parent / "bundle_facts.json"
EDITED = ("truncated", "edited")


class Sources(NamedTuple):
    """`configs` maps a hub id to a config.json; `left_out` maps an id to the reason."""

    configs: dict[str, dict[str, Any]]
    left_out: dict[str, str]


def read(folder: Path | None, facts: Path = FACTS) -> Sources:
    """All configs of the folder and the facts file. Raises OSError and ValueError for unreadable
    files.
    """
    configs, left_out = from_folder(folder) if folder else Sources({}, {})
    for name, config in from_facts(facts).items():
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
            left_out[name] = "not the checkpoint's own config: " + (note or "not in the index")
        else:
            configs[name] = _json(path)
    return Sources(configs, left_out)


def from_facts(facts: Path = FACTS) -> dict[str, dict[str, Any]]:
    """The facts file's configs; a row with "same" has the config of the row that it names."""
    rows: dict[str, dict[str, Any]] = _json(facts)
    return {
        name: (rows[row["same"]] if "same" in row else row)["config"] for name, row in rows.items()
    }


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
