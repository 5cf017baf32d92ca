"""Whether a file may start a server, and the commands by which a Python file does."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Span

_STARTS = ("subprocess", "os.system", "os.popen")
_ENGINES = (
    *("vllm", "sglang", "text-generation-", "trtllm-build", "lmdeploy"),
    *("enable_lora", "LoRARequest"),
)
"""Words of which each file has one that starts a server of adapters, as `server_command.py` and
`server_options.py` read them: the engines' commands and images, and vLLM's arguments in Python.
"""
_SERVERS = ("vllm", "sglang", "text-generation-launcher", "lmdeploy", "trtllm", "gguf", "mergekit")


class StartedWords(NamedTuple):
    """The words of a command, and where the call that starts it stands."""

    words: list[str]
    """With UNKNOWN_MARK in those that are not known."""
    complete: bool
    """Whether there are no further words."""
    place: Span


def names_server(document: Document) -> bool:
    """Whether a file names a server of adapters; one cell of a notebook goes by all of it. No other
    file needs the modules that read what servers are started with.
    """
    return _names(getattr(document, "notebook", document), _ENGINES)


def find_started_words(document: Document) -> Iterator[StartedWords]:
    """The commands that a Python file or a notebook starts by subprocess or os, where it names a
    server or a converter.
    """
    if document.format not in ("python", "notebook") or not hasattr(document, "started"):
        return
    if not _names(document, _STARTS) or not _names(document, _SERVERS):
        return
    for command in document.started:
        place = document.lines.span(command.place.start, command.place.end)  # type: ignore[attr-defined]
        yield StartedWords(command.words, command.complete, place)


def _names(document: Document, words: tuple[str, ...]) -> bool:
    return any(word in document.source for word in words)
