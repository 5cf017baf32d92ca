"""`python -m bench.files --python PATH`: pairs through files, against PEFT with the transformers of
an interpreter that has torch and PEFT too.

Each pair is a file, a Python script or an adapter_config.json, that is given to `loracheck check`
and `loracheck explain`, both with `--format json`. Bundled checkpoints are judged by the bundle
(`--transformers`), config.json files by a build (`--python`). Compared are the release, PEFT's
exception and an error finding for it, the wrapped modules with rank, alpha and scaling, what is
saved, trained rows, trainable and all parameters. The exit status is 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bench.bundle.sources import read_configs
from loracheck.releases.installed_version import find_installed_version
from loracheck.trees.sources.bundle import ABSENT, find_model

from .compare import find_differences
from .write_files import write_pair

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Draw, ask both, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.files", description=__doc__)
    parser.add_argument("--python", required=True)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--each", type=int, default=4, help="pairs of one model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="write what is printed here as well")
    options = parser.parse_args()
    release = find_installed_version("transformers", options.python)
    if release is None:
        parser.error(f"{options.python} has no transformers")
    with tempfile.TemporaryDirectory() as folder:
        rows = _draw(options, release, Path(folder))
        different = _compare_all(rows, options.python, release, Path(folder))
    text = _format(rows, different, release, options)
    sys.stdout.write(text)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    return int(bool(different))


def _draw(options: argparse.Namespace, release: str, folder: Path) -> list[dict[str, Any]]:
    """The pairs with PEFT's answers, half of them of bundled checkpoints."""
    checkpoints = [(n, c) for n, c in read_configs().items() if _is_bundled(n, release)]
    random.Random(options.seed).shuffle(checkpoints)
    request = {
        "checkpoints": checkpoints,
        "bundled": options.pairs // 2,
        "each": options.each,
        "local": options.pairs - options.pairs // 2,
        "seed": options.seed,
        "folder": str(folder / "models"),
    }
    done = subprocess.run(
        [options.python, "-m", "bench.files.draw_pairs"],
        input=json.dumps(request),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env=_environment(),
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _is_bundled(name: str, release: str) -> bool:
    found = find_model(name)
    return bool(found and release in found.releases and found.find_variant(release) != ABSENT)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def _compare_all(
    rows: list[dict[str, Any]], python: str, release: str, folder: Path
) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    """The pairs that differ, each with its file's text and in what."""
    different = []
    ways = {True: ["--python", python], False: ["--transformers", release]}
    for local, way in ways.items():
        own = folder / ("local" if local else "bundled")
        own.mkdir()
        files = {
            write_pair(own, number, row): row
            for number, row in enumerate(rows)
            if row["model"].startswith(str(folder)) == local
        }
        findings: dict[str, list[dict[str, Any]]] = {}
        for finding in _ask(own, ["check", ".", *way])["findings"]:
            findings.setdefault(finding["path"], []).append(finding)
        for path, row in files.items():
            name = path.relative_to(own).as_posix()
            impact = _ask(own, ["explain", name, *way])["settings"][0]
            said = findings.get(name, [])
            found = find_differences(row, impact, said, release)
            if found:
                different.append((row, path.read_text("utf-8"), found))
                sys.stderr.write(f"{row['model']} {row['head']} {row['config']}\n  {found}\n")
    return different


def _ask(folder: Path, command: list[str]) -> dict[str, Any]:
    """What loracheck prints as JSON, run in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "loracheck", *command, "--format", "json"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=_environment(),
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _format(
    rows: list[dict[str, Any]],
    different: list[tuple[dict[str, Any], str, dict[str, Any]]],
    release: str,
    options: argparse.Namespace,
) -> str:
    """The run as Markdown."""
    errors = Counter(row["error"] or "taken" for row in rows)
    models = {row["model"] for row in rows}
    local = sum(os.path.isabs(row["model"]) for row in rows)
    lines = [
        f"# Files against PEFT with transformers {release}",
        "",
        f"Made by `python -m bench.files --pairs {options.pairs} --seed {options.seed}`.",
        "",
        f"{len(rows)} pairs of {len(models)} models ({len(rows) - local} pairs of bundled "
        f"checkpoints), {len(different)} different.",
        "",
        *(f"- {name}: {count}" for name, count in errors.most_common()),
    ]
    for row, text, found in different:
        lines += ["", f"## {row['model']}", "", "```", text.rstrip(), "```", "", f"`{found}`"]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
