"""A program that crashes is no yardstick."""

from __future__ import annotations

import sys

import pytest

from bench.speed import CrashError, Yardstick, measure, print_table

PYTHON = sys.executable


@pytest.mark.parametrize(
    "yardstick",
    [
        Yardstick("missing", [PYTHON, "-m", "no_such_program"]),
        Yardstick("missing, though 1 may be", [PYTHON, "-m", "no_such_program"], (0, 1), "done"),
        Yardstick("crash", [PYTHON, "-c", "print('done'); 1 / 0"], (0, 1), "done"),
        Yardstick("silent", [PYTHON, "-c", "pass"], (0,), "done"),
    ],
    ids=lambda yardstick: yardstick.name,
)
def test_what_did_not_do_its_work_is_not_measured(yardstick: Yardstick) -> None:
    with pytest.raises(CrashError, match=yardstick.name):
        measure(yardstick, 1)


def test_what_did_is() -> None:
    found = measure(Yardstick("good", [PYTHON, "-c", "print('done'); exit(1)"], (1,), "done"), 2)
    assert found.name == "good" and found.wall > 0 and found.memory > 0


def test_a_table_says_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    good = Yardstick("good", [PYTHON, "-c", "print('done')"], says="done", goal=0.5)
    crash = Yardstick("crash", [PYTHON, "-c", "1 / 0"])
    missing = Yardstick("missing", ["/no/such/program"])
    assert not print_table("title", [crash, good, missing], 1)
    printed = capsys.readouterr().out
    assert "FAILED, no ratio to it: crash ended with status 1" in printed
    assert "FAILED, no ratio to it: missing: No such file" in printed
    assert "nan of the first" in printed and "goal 0.5" in printed
    assert print_table("title", [good, good], 1)
    assert "FAILED" not in capsys.readouterr().out
