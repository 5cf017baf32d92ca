"""Adapters that six pairs of PEFT and transformers save, each loaded by each of the pairs.

    python -m bench.oracle.release_pairs > tests/engines/release_pairs.json

`release_adapters.py` does it in an environment of each pair (`environments.py`, made with pip where
it is not there). Kept are the configs and the names and shapes of the tensors, so that the tests
can lay every adapter before loracheck, and what loading came to with PEFT and with transformers'
load_adapter. `--folder FOLDER` keeps the adapters and the answers, and a second run goes on there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from loracheck.trees.safetensors import read_header

from .environments import ReleasePair, create_environment, environments_folder

PAIRS = (
    ReleasePair("0.12.0", "4.46.3"),
    ReleasePair("0.15.2", "4.51.3"),
    ReleasePair("0.18.1", "4.57.6"),
    ReleasePair("0.18.1", "5.0.0"),
    ReleasePair("0.20.0", "5.23.0"),
    ReleasePair("0.21.2", "5.24.0"),
)
LOADERS = ("peft", "transformers")
SCRIPT = Path(__file__).with_name("release_adapters.py")
HEADER = 1_000_000
"""Bytes of a header that are read."""


def name_of(pair: ReleasePair) -> str:
    """How a pair is called in the table: `0.21.2-5.24.0`."""
    return f"{pair.peft}-{pair.transformers}"


def run(pair: ReleasePair, *words: str) -> str:
    """What the script prints in the pair's environment. CalledProcessError where it fails."""
    home = environments_folder() / f"p{name_of(pair)}"
    if not (home / "bin" / "python").exists():
        create_environment(home, pair)
    sys.stderr.write(f"{name_of(pair)}: {' '.join(words)}\n")
    command = [str(home / "bin" / "python"), str(SCRIPT), *words]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    ).stdout


def collect(folder: Path) -> dict[str, Any]:
    """The table, of adapters that are made in the folder where they are not there yet."""
    for pair in PAIRS:
        run(pair, "bases", str(folder))
        if not (folder / "adapters" / name_of(pair)).is_dir():
            run(pair, "save", str(folder))
    loaded = {
        name_of(pair): {loader: load_all(pair, folder, loader) for loader in LOADERS}
        for pair in PAIRS
    }
    return describe(folder, loaded)


def load_all(pair: ReleasePair, folder: Path, loader: str) -> dict[str, Any]:
    """What a pair makes of all adapters in the folder; what was found before is kept beside them,
    so that a run that was cut short goes on where it ended.
    """
    kept = folder / "loaded" / f"{name_of(pair)}-{loader}.json"
    if not kept.exists():
        found = run(pair, "load", str(folder), loader)
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(found, encoding="utf-8")
    answers: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return answers


def describe(folder: Path, loaded: dict[str, Any]) -> dict[str, Any]:
    """The table, of the adapters in the folder and of what loading them came to."""
    bases = {
        place.name: json.loads((place / "config.json").read_text("utf-8"))
        for place in sorted((folder / "bases").iterdir())
    }
    tensors: list[dict[str, list[int]]] = []
    made: dict[str, dict[str, Any]] = {}
    for place in sorted((folder / "adapters").glob("*/*")):
        if (place / "logits.pt").exists():
            shapes = _read_shapes(place)
            if shapes not in tensors:
                tensors.append(shapes)
            config = _read_config(place)
            base = Path(config.pop("base_model_name_or_path")).name
            row = {"base": base, "config": config, "tensors": tensors.index(shapes)}
            made.setdefault(place.parent.name, {})[place.name] = row
    for cases in made.values():
        _keep_differences(cases)
    return {"bases": bases, "tensors": tensors, "made": made, "loaded": loaded}


def _read_config(place: Path) -> dict[str, Any]:
    """The config, its sets in order: PEFT writes them in another one in every process."""
    config: dict[str, Any] = json.loads((place / "adapter_config.json").read_text("utf-8"))
    for field in ("target_modules", "exclude_modules"):
        if isinstance(config.get(field), list):
            config[field].sort()
    return config


def _read_shapes(place: Path) -> dict[str, list[int]]:
    header = read_header(str(place / "adapter_model.safetensors"), HEADER)
    return {name: list(tensor.shape) for name, tensor in sorted(header.items())}


def _keep_differences(cases: dict[str, Any]) -> None:
    """Leave of each config what is not as in that of the case `plain`."""
    plain = cases["plain"]["config"]
    for name, row in cases.items():
        if name != "plain":
            config = row["config"]
            assert config.keys() >= plain.keys(), name
            row["config"] = {k: v for k, v in config.items() if k not in plain or plain[k] != v}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.oracle.release_pairs")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as folder:
        table = collect(given or Path(folder))
    json.dump(table, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
