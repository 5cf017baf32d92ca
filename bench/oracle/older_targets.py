"""Generate loracheck/plan/older_targets.json: the default targets of every PEFT release.

`python -m bench.oracle.older_targets` downloads the wheels with pip and reads the table out of
their source, without running anything of them; `--wheels DIR` takes wheels that are there already.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from .environments import EARLIER, RELEASES

TARGET = Path(__file__).parents[2] / "loracheck" / "plan" / "older_targets.json"
TABLE = "TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING"
SOURCES = ("peft/utils/constants.py", "peft/utils/other.py", "peft/mapping.py")
"""Where the table stands, the newest place first."""
PATCHES = {
    "0.1": "0.1.0",
    "0.2": "0.2.0",
    "0.3": "0.3.0",
    "0.4": "0.4.0",
    **{release: built.peft for release, built in {**EARLIER, **RELEASES}.items()},
}
"""A patch of each minor release, oldest first."""


def read_table(wheel: Path) -> dict[str, Any]:
    """The table as it stands in one wheel. KeyError where there is none."""
    with zipfile.ZipFile(wheel) as archive:
        sources = [archive.read(name) for name in SOURCES if name in archive.namelist()]
    for node in (node for source in sources for node in ast.parse(source).body):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == TABLE:
            found: dict[str, Any] = ast.literal_eval(node.value)
            return found
    raise KeyError(TABLE)


def collect(folder: Path) -> dict[str, list[list[Any]]]:
    """For each model type the releases that changed its entry, oldest first; null is no entry."""
    found: dict[str, list[list[Any]]] = {}
    for release, patch in PATCHES.items():
        now = read_table(folder / f"peft-{patch}-py3-none-any.whl")
        for name in sorted({*found, *now}):
            history = found.setdefault(name, [])
            if now.get(name) != (history[-1][1] if history else None):
                history.append([release, now.get(name)])
    return dict(sorted(found.items()))


def download(folder: Path) -> None:
    """Fetch the wheels with pip."""
    for patch in PATCHES.values():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder)]
        subprocess.run([*command, f"peft=={patch}"], check=True)


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m bench.oracle.older_targets")
    parser.add_argument("--wheels", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.wheels or Path(made)
        if options.wheels is None:
            download(folder)
        rows = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in collect(folder).items()]
    TARGET.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
