"""What an installation costs: `python -m bench.install` makes fresh environments, installs this
checkout plainly and with each extra named by `--extras models`, and prints time, processor time and
the size of what came, and beside them what README.md says. Packages come from wherever pip is told
to take them. The status is 1 where README's size is off by more than a tenth.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from math import isnan
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Installation(NamedTuple):
    """What one installation took."""

    name: str
    wall: float
    """Seconds by the clock, downloads included."""

    processor: float
    """Seconds of processor time."""

    size: float
    """MB that were added to the environment."""

    packages: int


def install(name: str, requirement: str) -> Installation:
    """Install into a fresh environment, and check a config there. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = str(Path(folder, "bin", "python"))
        before, used, start = _size(folder), os.times(), time.monotonic()
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", requirement]
        subprocess.run(pip, check=True, cwd=ROOT)
        wall, after = time.monotonic() - start, os.times()
        example = str(ROOT / "examples" / "qwen2_clean.json")
        subprocess.run([python, "-m", "loracheck", "check", "-q", example], check=True, cwd=folder)
        processor = after.children_user - used.children_user
        processor += after.children_system - used.children_system
        found = subprocess.run(
            [python, "-m", "pip", "list", "--format", "freeze"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        count = len(found.stdout.splitlines()) - 2  # without pip and setuptools
        return Installation(name, wall, processor, _size(folder) - before, count)


def read_promise(extra: str) -> tuple[str, float]:
    """What README.md says of the installation with an extra, "" for none; and its size in MB."""
    package = f"'loracheck[{extra}]'" if extra else "loracheck"
    row = rf"^\| `pip install {re.escape(package)}` \| ((\d+) MB in \d+ packages, \d+ s)"
    found = re.search(row, ROOT.joinpath("README.md").read_text("utf-8"), re.MULTILINE)
    return (found[1], float(found[2])) if found else ("nothing", float("nan"))


def _size(folder: str) -> float:
    """MB of all files below a folder."""
    paths = (Path(top, name) for top, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_size for path in paths) / 1e6


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extras", nargs="*", default=["models"])
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # bytecode is a part of an installation
    good = True
    for extra in ("", *options.extras):
        one = install(f"[{extra}]" if extra else "", f"{ROOT}[{extra}]" if extra else str(ROOT))
        said, size = read_promise(extra)
        good &= isnan(size) or abs(one.size - size) <= size / 10
        print(
            f"pip install .{one.name:<14}{one.wall:7.1f} s {one.processor:7.1f} s of CPU "
            f"{one.size:8.1f} MB {one.packages:4} packages   README: {said}", flush=True,
        )  # fmt: skip
    sys.exit(not good)


if __name__ == "__main__":
    main()
