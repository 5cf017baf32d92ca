"""The child process: one request on standard input, one answer on standard output, both JSON.

Run by path (`python .../skeleton/main.py`) with any interpreter that has transformers; loracheck
need not be installed there. Request: {"config": {...}, "heads": [...], "num_labels": int or null}.
Answer: {"ok": true, "tree": ..., "head": ...} or {"ok": false, "kind": ..., "reason": ...}, `kind`
one of unknown-model-type, remote-code, no-such-head, invalid-config, transformers-missing,
needs-package, crash.

The caller bounds the time; memory is bounded here. Errors are not caught: whatever a constructor
raises ends the process through `sys.excepthook`, which answers with the reason.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from types import TracebackType

MEMORY = 4 << 30
"""Address space of the child in bytes; the largest real models take a tenth of it."""

OLDEST = (3, 10)
NEEDED = "the tree builder needs Python 3.10 or newer"

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "critical",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "USE_TORCH": "1",
    "USE_TF": "0",
    "USE_FLAX": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


class Answer:
    """The only writer to the real standard output: the answer of a finished build, or of the error
    that ended it.
    """

    def __init__(self) -> None:
        self._out: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self.imported = False

    def give(self, **answer: Any) -> None:
        """Write the answer and close."""
        with self._out as out:
            json.dump(answer, out, separators=(",", ":"))

    def failed(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """As `sys.excepthook`: the error as an answer."""
        self.give(ok=False, kind=self._kind(error), reason=_sentence(kind, error))

    def _kind(self, error: BaseException) -> str:
        unfit = isinstance(error, (MemoryError, KeyboardInterrupt, RecursionError))
        if unfit or type(error).__name__ == "NotModelledError":
            return "crash"
        if _is_refusal(error):
            return str(error.args[0])
        if isinstance(error, ImportError):
            missing = getattr(error, "name", None) in ("transformers", "numpy")
            return "transformers-missing" if missing and not self.imported else "needs-package"
        return "invalid-config" if self.imported else "crash"


def _sentence(kind: type[BaseException], error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return f"the model takes more than {MEMORY >> 30} GB to build"
    text = " ".join(str(error).split())
    if _is_refusal(error):
        return str(error.args[1])
    return (f"{kind.__name__}: {text}" if text else kind.__name__)[:1000]


def _is_refusal(error: BaseException) -> bool:
    """Whether it is `construct.Refused`, which may not be imported yet."""
    return type(error).__module__ == "construct" and type(error).__name__ == "Refused"


def _bound_memory() -> None:
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _beside(name: str) -> Any:
    """A module of this folder: here it is first on the import path, as a script's folder is."""
    return import_module(name)


def main() -> None:
    """Answer one request."""
    answer = Answer()
    sys.excepthook = answer.failed
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path[:1] != [here]:  # PYTHONSAFEPATH leaves the script's folder out
        sys.path.insert(0, here)
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:2]))
        answer.give(
            ok=False, kind="crash", reason=f"{sys.executable} is Python {version}; {NEEDED}"
        )
        return
    request = json.loads(sys.stdin.buffer.read())
    os.environ.update(_ENVIRONMENT)
    gc.disable()  # a tenth of the time; the process is over before garbage could matter
    _bound_memory()
    _beside("hidden").hide()
    import_module("warnings").simplefilter("ignore")
    import_module("transformers")
    answer.imported = True
    model, head, facts = _beside("construct").construct(
        request["config"], request["heads"], request["num_labels"]
    )
    tree = _beside("dump").dump(model)
    tree["extra"].update(facts)
    answer.give(ok=True, tree=tree, head=head)
    os._exit(0)  # nothing is left to be torn down but time


if __name__ == "__main__":
    main()
