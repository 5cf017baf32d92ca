"""`python -m bench.mutations [FOLDER] [--only WORD] [--slip WORD] [--misses N]`."""

from __future__ import annotations

import argparse
import os
from collections import Counter, defaultdict
from pathlib import Path

from .slips import ALL_SLIPS
from .trials import Trial, list_files, load_models, try_slips

SHARED = Path(os.environ.get("LORACHECK_SHARED") or Path(__file__).parents[3] / "shared")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutations", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "corpus")
    parser.add_argument("--configs", type=Path, default=SHARED / "model_configs")
    parser.add_argument("--only", default="", help="only files whose path has this in it")
    parser.add_argument("--slip", default="", help="only slips whose name has this in it")
    parser.add_argument("--every", type=int, default=1, help="only every Nth file")
    parser.add_argument("--misses", type=int, default=3, help="misses shown per slip and tool")
    given = parser.parse_args()
    known = load_models(given.configs)
    tried: list[Trial] = []
    for path in list_files(given.folder, given.only)[:: given.every]:
        tried += try_slips(path, str(path.relative_to(given.folder)), known, given.slip)
    _print(tried, given.misses)


def _notes_text(number: int) -> str:
    return f"({number} as notes) " if number else ""


def _print(trials: list[Trial], misses: int) -> None:
    total = Counter((one.slip, one.dialect) for one in trials)
    found = Counter((one.slip, one.dialect) for one in trials if one.found)
    dialects = sorted({one.dialect for one in trials})
    for slip in ALL_SLIPS:
        cells = [
            f"{name} {found[slip.name, name]}/{total[slip.name, name]}"
            for name in dialects
            if total[slip.name, name]
        ]
        whole = sum(total[slip.name, name] for name in dialects)
        right = sum(found[slip.name, name] for name in dialects)
        noted = sum(one.noted and bool(one.found) for one in trials if one.slip == slip.name)
        share = f"{100 * right / whole:5.1f} %" if whole else "     - "
        print(f"{slip.name:36} {share} {right:5}/{whole:<5} {_notes_text(noted)}{', '.join(cells)}")
    print(f"all: {sum(found.values())} of {sum(total.values())}")
    missed = defaultdict(list)
    for one in trials:
        if not one.found:
            missed[one.slip, one.dialect].append(one)
    for (name, dialect), several in sorted(missed.items()):
        print(f"\nmissed: {name}, {dialect}: {len(several)}")
        for one in several[:misses]:
            print(f"  {one.path}: {one.line[:110]}")


main()
