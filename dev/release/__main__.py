"""`python -m dev.release transformers VERSION` or `peft VERSION` makes a release known.

transformers: an environment with it and real torch, every tree of the stand-in held against
torch's (bench.trees), the bundle, known.json, and docs/releases/transformers-VERSION.md.
`--between` for a release between two bundled ones: only what these build differently is built.
`--python PATH` takes an environment that is there; `--trusted` leaves torch's trees out.

peft: an environment with it, what changed in LoraConfig, in its tables and in the functions that
the plan follows, as docs/releases/peft-VERSION.md; then the tables, those of its other methods
and known.json.

Any step that fails ends the run, and nothing after it is done. In the end: `make generated`, and
the tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.release_table import (
    get_newest_release,
    list_known_releases,
    parse_version_number,
)

from . import known_file, least_peft, peft_changes
from .environment import interpreter

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "releases"


def main() -> None:
    """Run the steps for the package."""
    parser = argparse.ArgumentParser(prog="python -m dev.release", description=__doc__)
    parser.add_argument("package", choices=["transformers", "peft"])
    parser.add_argument("version")
    parser.add_argument("--python", type=Path)
    parser.add_argument("--between", action="store_true")
    parser.add_argument("--trusted", action="store_true")
    options = parser.parse_args()
    page = PAGES / f"{options.package}-{options.version}.md"
    if options.package == "peft":
        text = _peft(options)
        page.write_text(text, encoding="utf-8")
    else:
        _transformers(options)
    _run(sys.executable, "-m", "dev.pages")
    sys.stdout.write(page.read_text("utf-8"))


def _transformers(options: argparse.Namespace) -> None:
    version = options.version
    python = options.python or interpreter(
        {"transformers": version, "peft": get_newest_release("peft")}
    )
    _require("transformers", version, python)
    if not options.trusted:
        report = ROOT / "bench" / "trees" / "results" / f"transformers-{version}.md"
        _run(sys.executable, "-m", "bench.trees", "--python", str(python), "--report", str(report))
    between = ["--between"] if options.between else []
    _run(sys.executable, "-m", "bench.bundle", "--python", str(python), *between)
    known_file.add("transformers", version)
    least_peft.add(version, python)


def _peft(options: argparse.Namespace) -> str:
    version = options.version
    python = options.python or _make_interpreter(version)
    _require("peft", version, python)
    before = next(
        known
        for known in list_known_releases("peft")
        if parse_version_number(known) < parse_version_number(version)
    )
    here = find_installed_version("peft", sys.executable) == before
    python_before = Path(sys.executable) if here else _make_interpreter(before)
    text = peft_changes.write_page(python, version, before, python_before)
    if known_file.add("peft", version):
        for module in ("bench.oracle.tables", "bench.peft_methods", "bench.peft_module_kinds"):
            _run(str(python), "-m", module)
    return text


def _make_interpreter(peft: str) -> Path:
    return interpreter({"transformers": get_newest_release("transformers"), "peft": peft})


def _require(package: str, version: str, python: Path) -> None:
    """Ends the run where the interpreter has another release than the one that is to be added."""
    there = find_installed_version(package, str(python))
    if there != version:
        raise SystemExit(f"{python} has {package} {there or 'not at all'}, not {version}")


def _run(*command: str) -> None:
    """A step; its failure ends the run."""
    sys.stderr.write(f"$ {' '.join(command)}\n")
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(f"ended with status {done.returncode}: {' '.join(command)}")


if __name__ == "__main__":
    main()
