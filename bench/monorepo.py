"""How long a repository takes of which next to no file has to do with LoRA, against grep and, where
it is installed, ripgrep for the same words.

`python -m bench.monorepo [--files 20000] [--runs 5] [--folder KEEP]` writes workflows, charts,
manifests, package files, settings and Python modules into a temporary folder, one file in 200 with
a LoRA setting, and prints user and system time of whole fresh processes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from loracheck.tools.core.build_index import EVERYWHERE
from loracheck.tools.core.setting_words import FIELDS, WORDS

from .many import make_adapter_config, make_recipe
from .speed import Yardstick

WORD = (
    "alpha",
    "server",
    "client",
    "metric",
    "queue",
    "worker",
    "cache",
    "region",
    "token",
    "index",
)


def make_chart(draw: random.Random) -> str:
    """A manifest as clusters take them, about 2 kB."""
    name = draw.choice(WORD)
    containers = "".join(
        f"        - name: {draw.choice(WORD)}-{n}\n          image: registry/{name}:{n}.2\n"
        f"          ports: [{{containerPort: {8000 + n}, protocol: TCP}}]\n"
        f"          resources:\n            limits: {{cpu: 500m, memory: {n}Gi}}\n"
        f"          env:\n            - {{name: LEVEL, value: 'info'}}\n"
        for n in range(draw.randint(3, 9))
    )
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  replicas: 3\n"
        f"  template:\n    spec:\n      containers:\n{containers}"
    )


def make_manifest(draw: random.Random) -> str:
    """A package file with its dependencies, about 2 kB."""
    needs = {f"{draw.choice(WORD)}-{n}": f"^{n}.{draw.randint(0, 9)}.0" for n in range(60)}
    return json.dumps(
        {"name": draw.choice(WORD), "version": "1.0.0", "dependencies": needs}, indent=2
    )


def make_module(draw: random.Random) -> str:
    """A Python module, about 3 kB."""
    parts = [
        f'def {draw.choice(WORD)}_{n}(value: int, other: str = "x") -> dict[str, int]:\n'
        f'    """What {draw.choice(WORD)} gives."""\n'
        f"    found = [number * {n} for number in range(value) if number % 3]\n"
        f"    return {{other: sum(found)}}\n\n\n"
        for n in range(draw.randint(6, 14))
    ]
    return "import os\n\n\n" + "".join(parts)


GOAL = 3.0
"""How many times ripgrep's processor time for the same words a search is to take at most."""

KINDS: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("yaml", make_chart),
    ("json", make_manifest),
    ("py", make_module),
    ("yml", make_chart),
)
OWN: tuple[tuple[str, Callable[[random.Random, bool], str]], ...] = (
    ("json", make_adapter_config),
    ("yaml", make_recipe),
)


def write_files(top: Path, files: int) -> None:
    """Write the files in folders of a hundred, the same each time."""
    draw = random.Random(1)
    for number in range(files):
        folder = top / f"package_{number // 1000:03}" / f"part_{number // 100 % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        if number % 200 == 99:
            suffix, own = OWN[number // 200 % 2]
            text = own(draw, False)
        else:
            suffix, make = KINDS[number % len(KINDS)]
            text = make(draw)
        (folder / f"file_{number:06}.{suffix}").write_text(text, encoding="utf-8")


def measure_cpu(yardstick: Yardstick, runs: int) -> float:
    """Median of user and system time in milliseconds, children included. Raises CrashError."""
    yardstick.try_out()
    found = []
    for _ in range(runs):
        before = os.times()
        yardstick.try_out()
        after = os.times()
        used = after.children_user - before.children_user
        found.append((used + after.children_system - before.children_system) * 1000)
    return statistics.median(found)


def yardsticks(folder: str, files: int) -> list[Yardstick]:
    """grep, ripgrep, and loracheck: a first search in one process and in two, and the next ones,
    which know the files that are unrelated.
    """
    words = [
        word
        for text in (*EVERYWHERE, *(w.decode() for w in WORDS + FIELDS))
        for word in ("-e", text)
    ]
    found = [
        Yardstick("grep -rliF, the same words", ["grep", "-rliF", *words, folder], says="file_")
    ]
    program = shutil.which("rg") or shutil.which("rg", path=str(Path(sys.executable).parent))
    if program is not None:
        found.append(Yardstick("rg -lij1, the same words", [program, "-lij1", "-F", *words, folder],
                               says="file_"))  # fmt: skip
    check = [
        sys.executable,
        "-m",
        "loracheck",
        "check",
        "--isolated",
        "--format",
        "concise",
        folder,
    ]
    said = f"in {files} files, {files // 200} LoRA settings"
    for name, more in (
        ("first search -j1", ["-j1", "--no-cache"]),
        ("first search -j2", ["-j2", "--no-cache"]),
        ("the next ones -j1", ["-j1"]),
    ):
        found.append(Yardstick(f"loracheck, {name}", [*check, *more], (0, 1), said))
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", help="write the files here, and leave them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as place:
        os.environ["PYTHONPYCACHEPREFIX"] = cache
        os.environ["LORACHECK_CACHE"] = str(Path(cache) / "results")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        folder = Path(options.folder or place)
        write_files(folder, options.files)
        rows = [
            (y.name, measure_cpu(y, options.runs)) for y in yardsticks(str(folder), options.files)
        ]
    ripgrep = next((used for name, used in rows if name.startswith("rg ")), float("nan"))
    for name, used in rows:
        goal = f"   goal {GOAL:g}" if name.startswith("loracheck") else ""
        print(
            f"{name:<34}{used:9.0f} ms of CPU {used / rows[0][1]:7.2f} of grep's "
            f"{used / ripgrep:7.2f} of ripgrep's{goal}"
        )


if __name__ == "__main__":
    main()
