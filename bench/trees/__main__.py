"""`python -m bench.trees`: is every tree of the stand-in the tree of real torch?

    --library NAME    transformers (by default) or diffusers
    --python PATH     interpreter with torch and the library (this one by default)
    --variants N      varied configs beside the default one of each model type
    --seed WORD       other variations
    --types a,b       only these model types (of diffusers: model classes)
    --sample N        only N model types, evenly spread
    --keep DIR        keep both runs there, and take the real one from there if it is
    --refused         list what real torch itself cannot build
    --report FILE     write the table and that list as Markdown
    --configs DIR     config.json files of real checkpoints instead, through the builder itself

Exit status 1 if a pair that real torch can build is not equal.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.trees.compare import compare_runs
from bench.trees.configs import check_configs
from bench.trees.report import format_page
from bench.trees.worker import LIBRARIES

ROOT = Path(__file__).parents[2]
_LIST = "from bench.trees.{}_models import list_types; print(*list_types())"


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.trees", description=__doc__.split("\n")[0] if __doc__ else ""
    )
    parser.add_argument("--library", choices=LIBRARIES, default="transformers")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--variants", type=int, default=0)
    parser.add_argument("--seed", default="")
    parser.add_argument("--types", default="")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--refused", action="store_true")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--configs", type=Path)
    return parser.parse_args()


def choose_types(chosen: argparse.Namespace) -> list[str]:
    """The model types to build; an empty list is all of them."""
    if chosen.types:
        return chosen.types.split(",")
    if not chosen.sample:
        return []
    listed = subprocess.run(
        [chosen.python, "-c", _LIST.format(chosen.library)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout.split()
    return listed[:: max(1, len(listed) // chosen.sample)][: chosen.sample]


def run_workers(chosen: argparse.Namespace, folder: Path, types: list[str]) -> tuple[Path, Path]:
    """Both workers side by side. Returns the files of their results."""
    files = folder / "real.jsonl", folder / "stand_in.jsonl"
    running = []
    for path, flags in zip(files, ([], ["--stand-in"]), strict=True):
        if path == files[0] and path.exists():
            continue
        command = [
            chosen.python,
            "-m",
            "bench.trees.worker",
            *flags,
            "--library",
            chosen.library,
            "--seed",
            chosen.seed,
            "--variants",
            str(chosen.variants),
            *types,
        ]
        running.append((path, subprocess.Popen(command, stdout=path.open("w"), cwd=ROOT)))
    started = time.time()
    for path, process in running:
        if process.wait():
            raise SystemExit(f"{path.stem} ended with status {process.returncode}")
    print(f"{time.time() - started:.0f} s", file=sys.stderr)
    return files


def main() -> int:
    """Build, compare, print."""
    chosen = parse_options()
    if chosen.configs:
        return check_configs(chosen.configs, chosen.python)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        table = compare_runs(*run_workers(chosen, folder, choose_types(chosen)))
    print(*table.lines, table.text(), sep="\n")
    if chosen.refused:
        print("", "Refused by real torch itself:", *sorted(table.refused), sep="\n")
    if chosen.report:
        chosen.report.write_text(format_page(table), encoding="utf-8")
    return 0 if table.exact else 1


if __name__ == "__main__":
    sys.exit(main())
