"""The way of one file through all the rooms: document, settings, trees, plan, findings, result.

In come a path or a text and the `LintSettings` it is linted under, out comes a `FileResult`. Begin
at `check.check_file`; `contexts` turns a document into what rules are given, `findings` runs the
rules on it. Nothing here prints or exits: the command line, an editor or a Python function can call
it. No file is read where the text is given.
"""

from __future__ import annotations

from loracheck.lazy_names import import_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from .check import as_note, build_unreadable_result, check_file
    from .contexts import build_contexts, list_model_requests, read_contexts
    from .findings import find_problems

__all__ = [
    "as_note",
    "build_contexts",
    "build_unreadable_result",
    "check_file",
    "find_problems",
    "list_model_requests",
    "read_contexts",
]

__getattr__ = import_when_used(
    __name__,
    {
        "as_note": "loracheck.pipeline.check",
        "build_contexts": "loracheck.pipeline.contexts",
        "check_file": "loracheck.pipeline.check",
        "find_problems": "loracheck.pipeline.findings",
        "list_model_requests": "loracheck.pipeline.contexts",
        "read_contexts": "loracheck.pipeline.contexts",
        "build_unreadable_result": "loracheck.pipeline.check",
    },
)
"""What a search needs of a file without a setting is little: the rest is imported when needed."""
