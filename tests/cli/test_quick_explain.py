"""A page that is printed without click is the page that click prints, and ends alike."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = str(ROOT / "examples" / "qwen2_clean.json")


def explain(topic: str, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "loracheck", "explain", topic],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("topic", [FILE, "LC202", "r", "Qwen/Qwen2.5-7B", "no such topic", ""])
def test_both_ways_print_the_same(topic: str) -> None:
    # any variable that may stand for an option leaves the line to click
    assert explain(topic) == explain(topic, LORACHECK_EXPLAIN_NOTHING="1")


def test_a_page_is_printed_without_click(tmp_path: Path) -> None:
    config = tmp_path / "a.json"  # where no requirements pin a release
    config.write_text(Path(FILE).read_text("utf-8"), "utf-8")
    code = (
        "import sys\nfrom loracheck.cli.quick_explain import try_quick_explain\n"
        "try:\n    try_quick_explain(['explain', sys.argv[1]])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "assert not {'click', 'inspect', 'dataclasses'} & {*sys.modules}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(config)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "LoRA" in done.stdout, done.stderr
