"""The child process: one request on standard input, one answer on standard output, both JSON.

Run by path (`python -I -S .../skeleton/main.py SETTINGS`) with any interpreter that has the
library; loracheck need not be installed there. SETTINGS is the caller's own JSON: {"path": import
path, "processor": seconds, "wall": seconds, "library": "transformers" (the default) or
"diffusers"}. Request, one line: {"config": {...}, "heads":
[...], "num_labels": int or null}; the pipe stays open, its end ends this process. Answer: {"ok":
true, "tree": ..., "head": ...} or {"ok": false, "kind": ..., "reason": ...}, `kind` one of
unknown-model-type, remote-code, no-such-head, invalid-config, not-allowed, too-large,
library-missing, needs-package, crash. A request {"describe": true} is answered with the layers
of the sandbox and the version of the library, one {"loaders": [...], "tensors": [...]} with what
LoRA loaders of diffusers make of these names (`convert_lora.py`).

First the library is imported, then the sandbox is entered, then the request is read. Errors are
not caught: whatever a constructor raises ends the process through `sys.excepthook`, which answers
with the reason.
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

OLDEST = (3, 10)
NEEDED = "the tree builder needs Python 3.10 or newer"

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "critical",
    "DIFFUSERS_VERBOSITY": "critical",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "USE_TORCH": "1",
    "USE_TF": "0",
    "USE_FLAX": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_BUILDERS = {"transformers": "construct", "diffusers": "construct_diffusers"}
"""Library -> the module of this folder that builds its models."""

_KINDS = {
    "NotModelledError": "crash",
    "NotAllowedError": "not-allowed",
    "TooLargeError": "too-large",
}
"""Errors of this folder, by name: they may not be imported yet."""


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

    def answer_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """As `sys.excepthook`: the error as an answer."""
        self.give(ok=False, kind=self._classify_error(error), reason=_format_error(kind, error))
        os._exit(1)

    def _classify_error(self, error: BaseException) -> str:
        if isinstance(error, (MemoryError, KeyboardInterrupt, RecursionError)):
            return "crash"
        if _is_refusal(error):
            return str(error.args[0])
        if type(error).__name__ in _KINDS:
            return _KINDS[type(error).__name__]
        if isinstance(error, ImportError):
            missing = getattr(error, "name", None) in (*_BUILDERS, "numpy")
            return "library-missing" if missing and not self.imported else "needs-package"
        return "invalid-config" if self.imported else "crash"


def _format_error(kind: type[BaseException], error: BaseException) -> str:
    if isinstance(error, MemoryError):
        memory = _import_sibling("sandbox.resources").MEMORY
        return f"the model takes more than {memory >> 30} GB to build"
    text = " ".join(str(error).split())
    if _is_refusal(error):
        return str(error.args[1])
    if kind.__name__ in ("NotAllowedError", "TooLargeError"):
        return text[:1000]
    return (f"{kind.__name__}: {text}" if text else kind.__name__)[:1000]


def _is_refusal(error: BaseException) -> bool:
    """Whether it is the sandbox's `RefusalError`, which may not be imported yet."""
    return type(error).__module__ == "sandbox.refusal" and type(error).__name__ == "RefusalError"


def _import_sibling(name: str) -> Any:
    """A module of this folder: here it is first on the import path."""
    return import_module(name)


def _set_import_path(path: list[str] | None) -> None:
    """This folder, Python's own library, and what the caller names; without that, as Python was
    started.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    others = [entry for entry in sys.path if entry != here]
    sys.path[:] = [here, *others, *(entry for entry in path or () if entry not in others)]


def _import_builder(library: str) -> Any:
    """The module that builds, with all that every build takes of the library."""
    _import_sibling("hidden").hide(library)
    import_module("warnings").simplefilter("ignore")
    builder = _import_sibling(_BUILDERS[library])
    builder.prepare()
    _import_sibling("dump")
    return builder


def _silence() -> None:
    """What constructors print reaches nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def main() -> None:
    """Answer one request."""
    answer = Answer()
    sys.excepthook = answer.answer_error
    settings = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    _set_import_path(settings.get("path"))
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:2]))
        answer.give(
            ok=False, kind="crash", reason=f"{sys.executable} is Python {version}; {NEEDED}"
        )
        return
    os.environ.update(_ENVIRONMENT)
    gc.disable()  # a tenth of the time; the process is over before garbage could matter
    layers = _import_sibling("sandbox.resources").limit_resources(
        settings.get("processor"), settings.get("wall")
    )
    library = settings.get("library", "transformers")
    builder = _import_builder(library)
    answer.imported = True
    _silence()
    layers += _import_sibling("sandbox").enter(sys.path)
    request = json.loads(sys.stdin.buffer.readline())
    _import_sibling("sandbox.parent").end_with_parent(0)
    if request.get("describe"):
        version = sys.modules[library].__version__
        answer.give(ok=True, layers=layers, version=version)
    elif "loaders" in request:
        answer.give(ok=True, **_import_sibling("convert_lora").convert(request))
    else:
        model, head, facts = builder.construct(
            request["config"], request["heads"], request["num_labels"]
        )
        tree = _import_sibling("dump").dump(model)
        tree["extra"].update(facts)
        answer.give(ok=True, tree=tree, head=head)
    os._exit(0)  # nothing is left to be torn down but time


if __name__ == "__main__":
    main()
