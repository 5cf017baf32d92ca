"""The exactness harness (`bench.trees`) over some models: real torch against the stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from bench.trees.compare import compare_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.trees.compare import ComparisonTable

ROOT = Path(__file__).parents[2]


def compare_builds(folder: Path, library: str, models: Sequence[str]) -> ComparisonTable:
    """What the two make of the models' default configs and of one variation of each. The folder
    gets their dumps.
    """
    arguments = ["--library", library, "--variants", "1", *models]
    worker = [sys.executable, "-m", "bench.trees.worker", "--stand-in"]
    with (folder / "stand_in").open("w") as out:
        stand_in = subprocess.Popen([*worker, *arguments], stdout=out, cwd=ROOT)
        _run_in_fork(arguments, folder / "real")
        assert stand_in.wait(timeout=1800) == 0
    return compare_runs(folder / "real", folder / "stand_in")


def _run_in_fork(arguments: list[str], file: Path) -> None:
    """The worker for real torch, which the tests' process has imported for others already."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            from bench.trees import worker

            sys.argv = ["bench.trees.worker", *arguments]
            with file.open("w") as out:
                worker.main(out)
            status = 0
        finally:  # whatever was raised: a fork must not go on as a second run of the tests
            if status:
                traceback.print_exc()
            os._exit(status)
    assert os.waitpid(process, 0)[1] == 0
