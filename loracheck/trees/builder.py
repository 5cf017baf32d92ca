"""`build()`: the module tree of a config.json, built by transformers' own constructors in a child
process.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .fold import TreeFormatError, decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .model import ModuleTree

ENTRY = Path(__file__).parent / "skeleton" / "main.py"


class BuildError(Exception):
    """No tree. `kind`: unknown-model-type, remote-code, no-such-head, invalid-config,
    transformers-missing, needs-package or crash; `reason` is one sentence, transformers' own where
    it has one.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


def build(
    config: Mapping[str, Any],
    heads: Sequence[str] = (),
    num_labels: int | None = None,
    python: str | None = None,
    timeout: float = 60,
) -> ModuleTree:
    """Build the tree of a config.json with the transformers of `python` (this interpreter by
    default).

    `heads` are tried in order: the end of an auto class ("CausalLM", "" for the base model) or the
    name of a class of transformers; without any, the config's own architecture. Raises BuildError,
    also when the child hangs for `timeout` seconds or crashes.
    """
    request = {"config": config, "heads": list(heads), "num_labels": num_labels}
    answer = _ask([python or sys.executable, str(ENTRY)], json.dumps(request, default=str), timeout)
    if not answer["ok"]:
        raise BuildError(answer["kind"], answer["reason"])
    try:
        return decode(answer["tree"])
    except TreeFormatError as error:
        raise BuildError("crash", f"the tree builder gave no tree: {error}") from error


def _ask(command: list[str], request: str, timeout: float) -> dict[str, Any]:
    import subprocess

    try:
        done = subprocess.run(
            command,
            input=request,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildError(
            "crash", f"the tree builder gave no answer within {timeout:g} s"
        ) from error
    except OSError as error:
        raise BuildError(
            "crash", f"the interpreter {command[0]} could not be started: {error.strerror}"
        ) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "ok" in answer:
        return answer
    said = done.stderr.strip().splitlines()[-1:] or ["nothing on standard error"]
    raise BuildError("crash", f"the tree builder ended with status {done.returncode}: {said[0]}")
