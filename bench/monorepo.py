"""How long a search takes of a repository that has nothing to do with LoRA, and of one of which one
file in 200 has, against grep and, where it is installed, ripgrep for the same words.

`python -m bench.monorepo [--files 20000] [--runs 5] [--folder KEEP]` writes workflows, charts,
manifests, package files, settings and Python modules into a temporary folder, and prints user and
system time of whole fresh processes.
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

from .configs import make_adapter_config, make_recipe
from .speed import CrashError, Yardstick

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


EVERY = 200
"""Of so many files one has to do with LoRA, in the second repository."""


def write_files(top: Path, files: int, own: int) -> None:
    """Write the files in folders of a hundred, the same each time; with the number `own` as many of
    them are about LoRA.
    """
    draw = random.Random(1)
    for number in range(files):
        folder = top / f"package_{number // 1000:03}" / f"part_{number // 100 % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        if own and number % EVERY == 99:
            suffix, make_own = OWN[number // EVERY % 2]
            text = make_own(draw, False)
        else:
            suffix, make = KINDS[number % len(KINDS)]
            text = make(draw)
        (folder / f"file_{number:06}.{suffix}").write_text(text, encoding="utf-8")


def measure_cpu(yardstick: Yardstick, runs: int) -> tuple[float, float]:
    """Medians of user and system time in milliseconds, children included. Raises CrashError."""
    yardstick.try_out()
    found = []
    for _ in range(runs):
        before = os.times()
        yardstick.try_out()
        after = os.times()
        found.append((after.children_user - before.children_user,
                      after.children_system - before.children_system))  # fmt: skip
    user, system = (statistics.median(column) * 1000 for column in zip(*found, strict=True))
    return user, system


def yardsticks(folder: str, files: int, own: int) -> list[Yardstick]:
    """grep, ripgrep, and loracheck: a first search in one process and in two, one that keeps what
    it sees, and the next ones, which know the files that are unrelated.
    """
    words = [
        word
        for text in (*EVERYWHERE, *(w.decode() for w in WORDS + FIELDS))
        for word in ("-e", text)
    ]
    statuses, says = ((0,), "file_") if own else ((1,), "")
    found = [
        Yardstick("grep -rliF, the same words", ["grep", "-rliF", *words, folder], statuses, says)
    ]
    program = shutil.which("rg")
    if program is not None:
        command = [program, "-lij1", "-F", *words, folder]
        found.append(Yardstick("rg -lij1, the same words", command, statuses, says))
    check = [sys.executable, "-m", "loracheck", "check", "--isolated", "--format", "concise"]
    goal = None if own else GOAL
    for name, more in (
        ("first search -j1", ["-j1", "--no-cache"]),
        ("first search -j2", ["-j2", "--no-cache"]),
        ("the next ones -j1", ["-j1"]),
    ):
        said = f"in {files} files, {own} LoRA settings"
        found.append(Yardstick(f"loracheck, {name}", [*check, *more, folder], (0, 1), said, goal))
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
        top = Path(options.folder or place)
        sys.exit(not print_searches(top, options.files, options.runs))


def print_searches(top: Path, files: int, runs: int) -> bool:
    """Write and measure both repositories, and print the tables; whether all yardsticks are there
    and did their work.
    """
    good = shutil.which("rg") is not None
    if not good:
        print("FAILED, no ratio to it: ripgrep (rg) is not installed")
    for name, own in (("unrelated", 0), ("mixed", files // EVERY)):
        folder = top / name
        write_files(folder, files, own)
        print(f"\n{files:,} files, {own} of them about LoRA")
        rows = []
        for each in yardsticks(str(folder), files, own):
            try:
                rows.append((each, measure_cpu(each, runs)))
            except CrashError as error:
                good = False
                print(f"FAILED, no ratio to it: {error}")
        _print_table(rows)
    return good


def _print_table(rows: list[tuple[Yardstick, tuple[float, float]]]) -> None:
    """Ratios are by processor time, to ripgrep's."""
    base = next((sum(used) for row, used in rows if row.name.startswith("rg ")), float("nan"))
    for row, (user, system) in rows:
        goal = f"   goal {row.goal:g}" if row.goal is not None else ""
        print(
            f"{row.name:<40}{user:9.0f} + {system:5.0f} ms of CPU {(user + system) / base:7.2f} "
            f"of ripgrep's{goal}", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
