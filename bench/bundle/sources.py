"""Which checkpoints are bundled, and what of each one's config.json decides its tree.

`facts.json` has a row for each:

    hub id: {"config": {...}, "source": ..., "parameters": ...}
    hub id: {"same": the id of another row, "source": ...}

`source` says where the numbers were read, `parameters` a published total, which tests hold against
the tree. "instead" says what is wrong with the config.json that is usually seen, "adds" what it
lacks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parent / "facts.json"


def read_rows(facts: Path = FACTS) -> dict[str, dict[str, Any]]:
    """The rows; one with "same" is completed by the row that it names. Raises OSError and
    ValueError for an unreadable file.
    """
    found: dict[str, dict[str, Any]] = json.loads(facts.read_text("utf-8"))
    return {
        name: {**_select_facts(found.get(row.get("same", ""), {})), **row}
        for name, row in found.items()
    }


def read_configs(facts: Path = FACTS) -> dict[str, dict[str, Any]]:
    """Hub id -> what of its config.json decides the tree."""
    return {name: row["config"] for name, row in read_rows(facts).items()}


def _select_facts(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("config", "parameters", "parts") if key in row}
