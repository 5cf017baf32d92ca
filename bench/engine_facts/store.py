"""What was found, kept in `tests/engines/facts/ENGINE.json`: for each fact a row of releases from
which on it has a value, as in `loracheck/engines/data/vllm_models.json`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loracheck.engines.read import parse_engine_version

FOLDER = Path(__file__).parents[2] / "tests" / "engines" / "facts"
Rows = dict[str, list[list[Any]]]


def read_store(engine: str) -> dict[str, Any]:
    """`releases` and `facts` of an engine; empty ones for a new engine."""
    file = FOLDER / f"{engine}.json"
    if not file.exists():
        return {"releases": [], "facts": {}}
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def facts_at(store: dict[str, Any], release: str) -> dict[str, Any]:
    """The facts of one release that was read. KeyError for another."""
    if release not in store["releases"]:
        raise KeyError(release)
    at = parse_engine_version(release)
    return {
        name: [value for since, value in rows if parse_engine_version(since) <= at][-1]
        for name, rows in store["facts"].items()
        if parse_engine_version(rows[0][0]) <= at
    }


def add_facts(store: dict[str, Any], release: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The store with the facts of one more release, or with others for one that it has."""
    known = {one: facts_at(store, one) for one in store["releases"]}
    known[release] = facts
    rows: Rows = {}
    releases = sorted(known, key=parse_engine_version)
    for one in releases:
        for name, value in known[one].items():
            row = rows.setdefault(name, [])
            if not row or row[-1][1] != value:
                row.append([one, value])
    return {"releases": releases, "facts": rows}


def write_store(engine: str, store: dict[str, Any]) -> None:
    """Keep it, a line for each value."""
    FOLDER.mkdir(exist_ok=True)
    facts = ",\n".join(
        f"  {json.dumps(name)}: [\n" + ",\n".join(f"   {json.dumps(row)}" for row in rows) + "\n  ]"
        for name, rows in store["facts"].items()
    )
    text = f'{{\n "releases": {json.dumps(store["releases"])},\n "facts": {{\n{facts}\n }}\n}}\n'
    (FOLDER / f"{engine}.json").write_text(text, encoding="utf-8")


def describe_changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """A line for each fact that differs, with what came and what went of a list."""
    lines = []
    for name in {**before, **now}:
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if isinstance(old, list) and isinstance(new, list):
            come = [one for one in new if one not in old]
            gone = [one for one in old if one not in new]
            lines.append(f"{name}: {_words('new', come)}{_words('gone', gone)}".rstrip())
        else:
            lines.append(f"{name}: {old!r} became {new!r}")
    return lines


def _words(title: str, names: list[Any]) -> str:
    return f"{title} {', '.join(map(str, names))}. " if names else ""
