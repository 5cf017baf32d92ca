"""Builds many trees with one import of transformers; started by `bench.bundle`, one answer a line.

Each build runs in a fork of its own, so that a constructor's error or memory ends with it.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

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
    for path in request["paths"]:
        config = json.loads(Path(path).read_text("utf-8"))
        for head in ["", *request["heads"]]:
            answer = _forked(config, [head] if head else [])
            out.write(json.dumps({"path": path, "head": head, **answer}) + "\n")
            if head == "" and "tree" not in answer:
                break


def _forked(config: dict[str, Any], heads: list[str]) -> dict[str, Any]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _child(config, heads, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else {"reason": "the build failed"}


def _child(config: dict[str, Any], heads: list[str], writer: int) -> None:
    def failed(_: object, error: BaseException, __: object) -> None:
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            json.dump({"reason": f"{type(error).__name__}: {error}"[:200]}, pipe)
        os._exit(1)

    sys.excepthook = failed
    model, _, facts = import_module("construct").construct(config, heads)
    tree = import_module("dump").dump(model)
    tree["extra"].update(facts)
    with os.fdopen(writer, "w", encoding="utf-8") as pipe:
        json.dump({"tree": tree}, pipe)
    os._exit(0)


if __name__ == "__main__":
    main()
