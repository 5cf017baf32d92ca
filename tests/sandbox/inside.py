"""Runs code in a process that has entered the sandbox, or one layer of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SKELETON = Path(__file__).parents[2] / "loracheck" / "trees" / "skeleton"
_SCRIPT = """
import json, os, socket, subprocess, ctypes, threading, sys
sys.path.insert(0, {skeleton!r})
from importlib import import_module
held = {enter}
def attempt(text):
    try:
        value = eval(text)
    except BaseException as error:
        return f"{{type(error).__name__}}: {{error}}"
    return f"done: {{value!r}}"
answers = [attempt(text) for text in {texts!r}]
os.write(1, json.dumps([held, answers]).encode())
os._exit(0)
"""
WHOLE = "import_module('sandbox').enter(sys.path)"
LANDLOCK = "import_module('sandbox.landlock').restrict([p for p in sys.path if os.path.exists(p)])"
SECCOMP = "import_module('sandbox.seccomp').restrict()"


def attempts(texts: list[str], folder: Path, enter: str = WHOLE) -> tuple[list[str], list[str]]:
    """The layers that hold, and what became of each expression: "done: ..." or its error."""
    script = _SCRIPT.format(skeleton=str(SKELETON), enter=enter, texts=texts)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    held, answers = json.loads(done.stdout)
    return held, answers
