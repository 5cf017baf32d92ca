"""Builds the models of a library and prints their dumps: one process for real torch, one for the
stand-in, the same code in both.

Run by `bench.trees`; `--stand-in` puts the stand-in first on the import path before anything else.
Every model type is built in a forked child of its own, so a crash costs one type and memory is
given back.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

SKELETON = Path(__file__).parents[2] / "loracheck" / "trees" / "skeleton"
MEMORY = 14 << 30
LIBRARIES = {
    "transformers": "bench.trees.transformers_models",
    "diffusers": "bench.trees.diffusers_models",
}
"""Library -> the module that lists and builds its models."""


@contextmanager
def silence_output() -> Iterator[None]:
    """Constructors print; nobody reads it."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    yield


def build_in_fork(side: Any, model_type: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """`side.build_type` in a child; a child that dies gives one result with its status."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        with silence_output(), os.fdopen(write, "w") as out:
            if options.stand_in:  # sandboxed, as every build of the product
                import_module("sandbox").enter(sys.path)
            found = side.build_type(model_type, options.variants, options.seconds, options.seed)
            json.dump(found, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    _, status = os.waitpid(pid, 0)
    if not text:
        return [
            {"type": model_type, "auto": "*", "variant": 0, "error": f"died with status {status}"}
        ]
    results: list[dict[str, Any]] = json.loads(text)
    return results


def main(out: TextIO) -> None:
    """Write one line for every result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stand-in", action="store_true")
    parser.add_argument("--library", choices=LIBRARIES, default="transformers")
    parser.add_argument("--variants", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", default="")
    parser.add_argument("types", nargs="*")
    options = parser.parse_args()
    os.environ.update(
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_VERBOSITY="critical",
        DIFFUSERS_VERBOSITY="critical",
        OMP_NUM_THREADS="1",
    )
    if options.stand_in:
        sys.path.insert(0, str(SKELETON))
        import_module("loracheck.trees.skeleton.hidden").hide(options.library)
    limit_memory()
    import_module("warnings").simplefilter("ignore")
    import_module("torch")
    side = import_module(LIBRARIES[options.library])
    side.prepare(options.types)
    import_module("loracheck.trees.skeleton.dump")
    if options.stand_in:
        import_module("sandbox.loading").forbid(options.library)
    for model_type in options.types or side.list_types():
        for result in build_in_fork(side, model_type, options):
            out.write(json.dumps(result, separators=(",", ":")) + "\n")
        out.flush()


def limit_memory() -> None:
    """A constructor of an absurd size must not take the machine down."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(sys.stdout)
