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
    import_module("gc").disable()  # a tenth of the time, as in the builder itself
    for name, config in _wanted(request).items():
        for line in _forked(partial(_heads, name, config, request["heads"])):
            out.write(line)


def _wanted(request: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The request's configs, or with "types" the default config of every model type."""
    if not request.get("types"):
        return dict(request["configs"])
    auto = import_module("transformers.models.auto.configuration_auto")
    return {f"type:{name}": {"model_type": name} for name in sorted(auto.CONFIG_MAPPING.keys())}


def _heads(name: str, config: dict[str, Any], heads: list[str], pipe: TextIO) -> None:
    """The config's own class first; the others fork from there, its code imported once.

    Classification heads are built with two and with three labels as well: see
    `loracheck.trees.sources.bundle_labels`.
    """
    cls = _build(name, config, "", None, pipe)
    for head in heads:
        pipe.writelines(_forked(partial(_build, name, config, head, None)))
    for head in (h for h in ["", *heads] if "Classification" in (h or cls)):
        for labels in (2, 3):
            pipe.writelines(_forked(partial(_build, name, config, head, labels)))


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


def _build(name: str, config: dict[str, Any], head: str, labels: int | None, pipe: TextIO) -> str:
    """Write the tree of one head, or end this process with the reason why there is none. Returns
    the name of the class that was built.
    """
    key = head if labels is None else f"{head}:{labels}"

    def give(**answer: Any) -> None:
        pipe.write(json.dumps({"name": name, "head": key, **answer}) + "\n")
        pipe.flush()

    def failed(_: object, error: BaseException, __: object) -> None:
        give(reason=f"{type(error).__name__}: {error}"[:200])
        os._exit(1)

    sys.excepthook = failed
    heads = [head] if head else []
    model, _, facts = import_module("construct").construct(config, heads, labels)
    tree = import_module("dump").dump(model)
    tree["extra"].update(facts)
    give(tree=tree)
    return type(model).__name__


if __name__ == "__main__":
    main()
