"""Read one release of an engine, keep its facts, and print what differs from the release before.

    python -m bench.engine_facts --engine vllm --version 0.34.0

The sources are brought here (`sources.py`), or lie in `--sources FOLDER`. `--add` also makes the
release known to `loracheck/engines/data/`: its number, and for vLLM the table of models. The facts
that are written by hand there are held against what was found by `tests/engines/
test_engine_facts.py`, which fails until they say what the new release does.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
from pathlib import Path
from typing import Any

from bench.serving import add_release, format_table, read_statuses
from loracheck.engines.read import FOLDER, parse_engine_version

from .layer_lists import write_rows
from .sources import fetch_sources
from .store import add_facts, describe_changes, facts_at, read_store, write_store

ENGINES = ("llama.cpp", "lmdeploy", "mlx-lm", "peft", "sglang", "transformers", "vllm")


def main() -> None:
    """Do it for each version."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine_facts", description=__doc__)
    parser.add_argument("--engine", required=True, choices=ENGINES)
    parser.add_argument("--version", required=True, action="append")
    parser.add_argument("--sources", type=Path)
    parser.add_argument("--add", action="store_true")
    options = parser.parse_args()
    for version in options.version:
        extractor = importlib.import_module(f".{re.sub('[-.]', '_', options.engine)}", __package__)
        folder = options.sources or fetch_sources(extractor.PACKAGE, version, extractor.FOLDERS)
        report(options.engine, version, extractor.extract(folder))
        if options.add:
            make_known(options.engine, version, folder)


def report(engine: str, version: str, facts: dict[str, Any]) -> None:
    """Keep the facts, and print what differs from the release before."""
    store = add_facts(read_store(engine), version, facts)
    write_store(engine, store)
    at = store["releases"].index(version)
    if at == 0:
        print(f"{engine} {version}: the oldest that was read")
        return
    before = store["releases"][at - 1]
    changes = describe_changes(facts_at(store, before), facts)
    print(f"{engine} {version}, against {before}: {len(changes) or 'no'} changes")
    print("".join(f"- {line}\n" for line in changes), end="")


def make_known(engine: str, version: str, folder: Path) -> None:
    """Add the release to the engine's data, with the models of vLLM."""
    file = Path(FOLDER, f"{engine}.json")
    text = file.read_text("utf-8")
    releases: list[str] = json.loads(text).get("releases", [])
    if not releases:
        print(f"{engine}: its data tells no releases apart")
        return
    known = sorted({*releases, version}, key=parse_engine_version)
    lines = f'"releases": {json.dumps(known)},\n "state": "{known[0]} to {known[-1]}"'
    pattern = r'"releases": \[[^\]]*\],\n "state": "[^"]*"'
    file.write_text(re.sub(pattern, lambda _: lines, text, count=1), encoding="utf-8")
    if engine == "sglang":
        write_rows(file, read_store(engine))
    if engine == "vllm" and version == known[-1]:
        _add_models(version, folder, known)


def _add_models(version: str, folder: Path, known: list[str]) -> None:
    file = Path(FOLDER, "vllm_models.json")
    table: dict[str, Any] = json.loads(file.read_text("utf-8"))
    rows: dict[str, list[list[str]]] = table["architectures"]
    before = {name: row[-1][1] for name, row in rows.items()}
    add_release(rows, version, read_statuses(folder))
    file.write_text(format_table(known, rows), encoding="utf-8")
    changed = {name: row[-1][1] for name, row in rows.items() if row[-1][1] != before.get(name)}
    for name, status in changed.items():
        print(f"- {name}: {before.get(name, 'new')} became {status}")


if __name__ == "__main__":
    main()
