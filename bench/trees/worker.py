"""Builds pairs and prints their dumps: one process for real torch, one for the stand-in, the same
code in both.

Run by `bench.trees`; `--stand-in` puts the stand-in first on the import path before anything else.
Every model type is built in a forked child of its own, so a crash costs one type and memory is
given back.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from bench.trees.vary_config import vary_config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

SKELETON = Path(__file__).parents[2] / "loracheck" / "trees" / "skeleton"
MEMORY = 14 << 30


class TookTooLongError(BaseException):
    """Not to be swallowed by a constructor's own error handling."""


class BuildAttempt:
    """A block whose error is its result: a constructor may raise anything."""

    def __init__(self, seconds: int) -> None:
        self.error: str | None = None
        self._seconds = seconds

    def __enter__(self) -> BuildAttempt:
        signal.signal(signal.SIGALRM, self._late)
        signal.alarm(self._seconds)
        return self

    @staticmethod
    def _late(number: int, frame: FrameType | None) -> None:
        raise TookTooLongError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        signal.alarm(0)
        if kind is None:
            return True
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        self.error = f"{kind.__name__}: {' '.join(str(error).split())[:300]} ({place})"
        return issubclass(kind, (Exception, TookTooLongError))


def auto_classes() -> dict[str, Any]:
    """Every auto class of a model, by name."""
    modeling = import_module("transformers.models.auto.modeling_auto")
    return {
        name: cls
        for name, cls in sorted(vars(modeling).items())
        if name.startswith("Auto") and getattr(cls, "_model_mapping", None) is not None
    }


def build_type(model_type: str, variants: int, seconds: int) -> list[dict[str, Any]]:
    """All pairs of a model type: default config first, then its variations. One result for every
    different class.
    """
    configs = import_module("transformers.models.auto.configuration_auto").CONFIG_MAPPING
    dump = import_module("loracheck.trees.skeleton.dump").dump
    torch = import_module("torch")
    autos = auto_classes()
    results = []
    for number in range(variants + 1):
        for name, auto in autos.items():
            if model_type not in auto._model_mapping._model_mapping:
                continue
            result: dict[str, Any] = {"type": model_type, "auto": name, "variant": number}
            with BuildAttempt(seconds) as outcome:
                config = configs[model_type]()
                if number:
                    config = configs[model_type].from_dict(
                        vary_config(config.to_dict(), f"{model_type} {number}")
                    )
                with torch.device("meta"):
                    result["tree"] = dump(auto.from_config(config))
            if outcome.error is not None:
                result["error"] = outcome.error
            results.append(result)
    return results


@contextmanager
def silence_output() -> Iterator[None]:
    """Constructors print; nobody reads it."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    yield


def build_in_fork(
    model_type: str, variants: int, seconds: int, *, sandboxed: bool
) -> list[dict[str, Any]]:
    """`build_type` in a child; a child that dies gives one result with its status."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        with silence_output(), os.fdopen(write, "w") as out:
            if sandboxed:  # as every build of the product
                import_module("sandbox").enter(sys.path)
            json.dump(build_type(model_type, variants, seconds), out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    _, status = os.waitpid(pid, 0)
    if not text:
        return [
            {"type": model_type, "auto": "*", "variant": 0, "error": f"died with status {status}"}
        ]
    found: list[dict[str, Any]] = json.loads(text)
    return found


def main(out: TextIO) -> None:
    """Write one line for every result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stand-in", action="store_true")
    parser.add_argument("--variants", type=int, default=0)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("types", nargs="*")
    options = parser.parse_args()
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical", OMP_NUM_THREADS="1")
    if options.stand_in:
        sys.path.insert(0, str(SKELETON))
        import_module("loracheck.trees.skeleton.hidden").hide()
    limit_memory()
    import_module("warnings").simplefilter("ignore")
    import_module("torch")
    import_module("transformers.modeling_utils")
    import_module("transformers.models.auto.modeling_auto")
    import_module("loracheck.trees.skeleton.dump")
    if options.stand_in:
        import_module("sandbox.loading").forbid()
    known = import_module("transformers.models.auto.configuration_auto").CONFIG_MAPPING_NAMES
    for model_type in options.types or known:
        for result in build_in_fork(
            model_type, options.variants, options.seconds, sandboxed=options.stand_in
        ):
            out.write(json.dumps(result, separators=(",", ":")) + "\n")
        out.flush()


def limit_memory() -> None:
    """A constructor of an absurd size must not take the machine down."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(sys.stdout)
