"""Builds many trees with one import of transformers; started by `bench.bundle`, one answer a line.

Each build runs in a fork of its own, so that a constructor's error or memory ends with it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

SKELETON = Path(__file__).parents[1] / "loracheck" / "trees" / "skeleton"


def main() -> None:
    """Read the request, answer every (config, head) pair."""
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical", OMP_NUM_THREADS="1")
    sys.path.insert(0, str(SKELETON))
    import_module("hidden").hide()
    import_module("warnings").simplefilter("ignore")
    import_module("transformers.modeling_utils")
    for name, config in request["configs"].items():
        for line in _forked(partial(_heads, name, config, request["heads"])):
            out.write(line)


def _heads(name: str, config: dict[str, Any], heads: list[str], pipe: TextIO) -> None:
    """The config's own class first; the other heads fork from there, its code imported once."""
    _build(name, config, "", pipe)
    for head in heads:
        pipe.writelines(_forked(partial(_build, name, config, head)))


def _forked(work: Callable[[TextIO], None]) -> list[str]:
    """What `work` writes to its pipe in a process of its own, line by line."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        pipe = os.fdopen(writer, "w", encoding="utf-8")
        work(pipe)
        pipe.flush()
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answers:
        lines = answers.readlines()
    os.waitpid(pid, 0)
    return lines


def _build(name: str, config: dict[str, Any], head: str, pipe: TextIO) -> None:
    """Write the tree of one head, or end this process with the reason why there is none."""

    def give(**answer: Any) -> None:
        pipe.write(json.dumps({"name": name, "head": head, **answer}) + "\n")
        pipe.flush()

    def failed(_: object, error: BaseException, __: object) -> None:
        give(reason=f"{type(error).__name__}: {error}"[:200])
        os._exit(1)

    sys.excepthook = failed
    model, _, facts = import_module("construct").construct(config, [head] if head else [])
    tree = import_module("dump").dump(model)
    tree["extra"].update(facts)
    give(tree=tree)


if __name__ == "__main__":
    main()
