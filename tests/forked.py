"""The command line in a fork of the tests' process: a run of its own with its own folder,
environment and streams, without the start of an interpreter, which costs more than most runs.

What a start is (imports, the image, what stands on the path) is tested by processes from scratch:
tests/cli/test_leaving.py, tests/hooks, tests/sandbox.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_CRASH = 70
"""The status of a run that left `main` by an exception, which no run may."""


def run_command(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    text: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """`loracheck ARGUMENTS` in a folder, with more environment variables and a standard input."""
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    if not hasattr(os, "fork"):
        return subprocess.run(
            [sys.executable, "-m", "loracheck", *arguments],
            cwd=cwd, env=whole, input=text, capture_output=True, text=True, check=False,
        )  # fmt: skip
    _import_what_runs_need()
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write((text or "").encode())
        files[0].seek(0)
        process = os.fork()
        if process == 0:
            _run_and_leave(arguments, cwd, whole, [file.fileno() for file in files])
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        for file in files:
            file.seek(0)
        out, err = (file.read().decode() for file in files[1:])
    return subprocess.CompletedProcess(["loracheck", *arguments], status, out, err)


def start_command(*arguments: str, cwd: Path) -> tuple[int, int, int]:
    """`loracheck ARGUMENTS` in a folder, running: its process id, and the ends of its standard
    input and output. Its standard error is the tests' own.
    """
    _import_what_runs_need()
    (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
    process = os.fork()
    if process == 0:
        os.close(ours_in)
        os.close(ours_out)
        whole = {**os.environ, "PYTHONPATH": str(ROOT)}
        _run_and_leave(arguments, cwd, whole, [theirs_in, theirs_out, 2])
    os.close(theirs_in)
    os.close(theirs_out)
    return process, ours_in, ours_out


@cache
def _import_what_runs_need() -> None:
    """Import once, for all forks, what nearly every run imports when it first needs it."""
    from loracheck.cli import commands, quick_check, run  # noqa: F401
    from loracheck.options.run_options import RunOptions
    from loracheck.options.run_settings import resolve_settings
    from loracheck.pipeline import check_file
    from loracheck.reporters import FORMATS, render
    from loracheck.reporters.report import Report

    settings = resolve_settings(RunOptions(isolated=True), ()).for_path("a.json")
    text = '{"peft_type": "LORA", "r": 0, "base_model_name_or_path": "Qwen/Qwen2.5-7B"}'
    for name in ("a.json", "a.yaml"):
        result = check_file(name, name, settings, text, on_disk=False)
        for style in FORMATS:
            render(Report((result,), 1), style)


def _run_and_leave(
    arguments: tuple[str, ...], cwd: Path, env: Mapping[str, str], streams: Sequence[int]
) -> None:
    """Become the run: nothing of the tests' own leaves this process."""
    status = _CRASH
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        _forget_modules("huggingface_hub")  # reads the environment as it is imported
        sys.argv = ["loracheck", *arguments]
        from loracheck.__main__ import main

        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:  # whatever was raised: a fork must not go on as a second run of the tests
        try:
            if status == _CRASH:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def _forget_modules(package: str) -> None:
    """Let a package be imported anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
