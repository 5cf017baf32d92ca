"""`python -m bench.corpus [FOLDER] [--only WORD]`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .check_corpus import (
    CorpusFile,
    check_corpus,
    count_by_tool,
    count_notes,
    group_findings,
    load_reviewed,
)

SHARED = Path(os.environ.get("LORACHECK_SHARED") or Path(__file__).parents[3] / "shared")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "corpus")
    parser.add_argument("--configs", type=Path, default=SHARED / "model_configs")
    parser.add_argument("--only", default="", help="only files whose path has this in it")
    given = parser.parse_args()
    files = list(check_corpus(given.folder, given.configs, given.only))
    known = load_reviewed()
    _print_tallies(files)
    for severity in ("error", "warning"):
        for code, several in group_findings(files, (severity,)).items():
            print(f"\n{severity} {code} {several[0].name}: {len(several)}")
            for one in several:
                mark = "" if (one.path, code) in known else "NEW "
                print(f"  {mark}{one.path}:{one.span.line}  {one.message}")
    print("\nnotes: " + ", ".join(f"{code} {n}" for code, n in sorted(count_notes(files).items())))


def _print_tallies(files: list[CorpusFile]) -> None:
    print(f"{'tool':16} files settings judged other")
    for tool, tally in count_by_tool(files).items():
        print(
            f"{tool:16} {tally.files:5} {tally.settings:8} {tally.judged:6} {tally.other_dialect}"
        )


main()
