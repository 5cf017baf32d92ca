"""The differential run over several PEFT releases, each in its own environment, and their table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .environments import find_python

if TYPE_CHECKING:
    from argparse import Namespace

ROOT = Path(__file__).parents[2]

Counts = dict[str, Any]


def main(options: Namespace) -> int:
    """Run every release, print their table; 1 where anything differs."""
    runs = [run_release(release.strip(), options) for release in options.releases.split(",")]
    text = format_table(runs, options)
    sys.stdout.write(text)
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    return int(any(one["differences"] for one in runs))


def run_release(release: str, options: Namespace) -> Counts:
    """What the run with one release counted. Its own lines go to stderr as they come.

    RuntimeError where the child dies before it has counted anything.
    """
    with tempfile.TemporaryDirectory() as made:
        kept = Path(made) / "counted.json"
        command = [str(find_python(release, options.environments)), "-m", "bench.oracle"]
        command += ["--pairs", str(options.pairs), "--seed", str(options.seed)]
        command += ["--stop", str(options.stop), "--json", str(kept)]
        command += ["--only", options.only] if options.only else []
        child = subprocess.run(
            command, cwd=ROOT, env=child_environment(), stdout=subprocess.DEVNULL
        )
        if not kept.exists():
            raise RuntimeError(f"the run with PEFT {release} ended with {child.returncode}")
        found: Counts = json.loads(kept.read_text(encoding="utf-8"))
        return {"release": release, **found}


def child_environment() -> dict[str, str]:
    """The environment variables of a child: this repository importable, nothing fetched."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "HF_HUB_OFFLINE": "1",
        "PYTHONWARNINGS": "ignore",
    }


def format_table(runs: list[Counts], options: Namespace) -> str:
    """The runs as Markdown."""
    names = ",".join(one["release"] for one in runs)
    lines = [
        "# Differential run: loracheck's plan against older PEFT releases",
        "",
        "Each release in its own environment, `plan(config, tree, peft=RELEASE)` against that "
        "PEFT: the same comparison as with the newest release. A config is drawn from all fields "
        "and forms; fields that the release does not have are left out.",
        "",
        f"Made by `python -m bench.oracle --releases {names} --pairs {options.pairs} "
        f"--seed {options.seed}`.",
        "",
        "| PEFT | transformers | pairs | different | model types | models | wrapped | refused |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [_format_row(one) for one in runs]
    for one in runs:
        lines += [f"- PEFT {one['peft']}: {found}" for found in one["differences"]]
    lines += _by_release("PEFT's outcome", "outcomes", runs)
    lines += _by_release("Warning of PEFT's", "warnings", runs)
    lines += _by_release("Field drawn", "fields", runs)
    return "\n".join(lines) + "\n"


def _format_row(one: Counts) -> str:
    wrapped = one["outcomes"].get("wrapped", 0)
    cells = [
        *(one["peft"], one["transformers"], one["pairs"], len(one["differences"])),
        *(one["model_types"], one["models"], wrapped, one["pairs"] - wrapped),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _by_release(title: str, key: str, runs: list[Counts]) -> list[str]:
    """One row for everything counted, one column for each release."""
    total = Counter[str]()
    for one in runs:
        total.update(one[key])
    lines = [
        "",
        f"| {title} | {' | '.join(one['release'] for one in runs)} |",
        f"| --- |{' ---: |' * len(runs)}",
    ]
    for name, _ in total.most_common():
        cells = [str(one[key].get(name, "")) for one in runs]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
