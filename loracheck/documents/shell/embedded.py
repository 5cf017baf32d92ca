"""The files that a script holds in itself: here-documents (`cat > config.yaml <<EOF`,
`python - <<'PY'`) and the scripts of `bash -c "..."`.

Each is parsed in the format of its name, with blank lines in place of the text before it, so that
its lines and columns are those of the whole script.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

from loracheck.documents.formats import EMBEDDED, parse_as
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .plain_scalar import parse_plain
from .tokens import HereDocument
from .word_expansion import UNKNOWN_MARK, expand_here_document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from loracheck.documents.model import Document, Path, Problem, Span
    from loracheck.documents.values import Value

    from .commands import Command
    from .script import ExpandedCommand
    from .word_expansion import Variables

    ScriptParser = Callable[[str, str, Variables | None], Document]
    """Path, text and the outer script's variables to the document of a script in a script."""

_WORDS = compile_when_used("lora|peft", re.IGNORECASE)
_COMMAND = compile_when_used(r"-[a-z]*c")
_SCRIPTS = 5
"""Most scripts of `bash -c "..."` that are read out of one command."""

_ONE_QUOTE = compile_when_used(r"""'[^']*'|"(?:[^"\\]|\\\r?\n)*\"""")
_TABS = compile_when_used(r"^\t+", re.MULTILINE)
_PYTHON = compile_when_used(r"(?:.*/)?python[\d.]*$")
_SHELLS = frozenset({"bash", "sh", "zsh", "sbatch", "srun", "ssh"})
_WRITERS = frozenset({"cat", "tee", "printf", "echo"})
_FILLED = compile_when_used(r"[$`\\]")


class EmbeddedFile:
    """A `Document` (see model.py) inside a script. `kind` is the format that it is written in; its
    `format` is "shell", as an edit of it would be an edit of the script.
    """

    format = "shell"

    def __init__(self, inner: Document, text: str) -> None:
        self._inner = inner
        self.path = inner.path
        self.text = text
        self.source = text
        self.kind = inner.format
        self.roots = inner.roots
        self.calls: list[Any] = getattr(inner, "calls", [])
        self.embedded: list[EmbeddedFile] = getattr(inner, "embedded", [])
        self.commands: list[Command] = getattr(inner, "commands", [])
        self.script = inner.text

    @property
    def problems(self) -> Sequence[Problem]:
        """Faults that did not stop the reading."""
        return self._inner.problems

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Place in the script of the value at `path`, or of its key."""
        return self._inner.span(path, key=key)

    def script_span(self, start: int, end: int) -> Span:
        """The place in the outer script of a part of `script`, whose lines and columns it has."""
        return _build_lines(self.script).span(start, end)


def find_embedded(
    path: str, text: str, line: ExpandedCommand, parse_script: ScriptParser
) -> list[EmbeddedFile]:
    """The files that the here-documents of a command hold, and the script of `bash -c "..."`, as
    far as they can be read. `parse_script` reads a script inside this one.
    """
    embedded = []
    for body in line.here_documents:
        suffix = _find_suffix(line)
        if suffix in EMBEDDED and _WORDS.search(text, body.start, body.end):
            if suffix == ".sh":
                embedded.append(_embed_script(path, text, body, line, parse_script))
                continue
            document = _read_file(path, text, body, suffix)
            if document is not None:
                if not body.literal:
                    _fill_in_variables(document, text, line)
                embedded.append(EmbeddedFile(document, text))
    scripts = _find_quoted_scripts(text, line)
    return embedded + [_embed_script(path, text, body, line, parse_script) for body in scripts]


def _embed_script(
    path: str, text: str, body: HereDocument, line: ExpandedCommand, parse_script: ScriptParser
) -> EmbeddedFile:
    """A script inside a script. Where the outer shell expands its text, it knows the outer
    variables.
    """
    outer = {} if body.literal else line.variables
    inner = _build_padding(text, body) + text[body.start : body.end]
    return EmbeddedFile(parse_script(path, inner, outer), text)


def _find_quoted_scripts(text: str, line: ExpandedCommand) -> list[HereDocument]:
    """The scripts after `bash -c` that are one quoted text without further quotes in it."""
    scripts = []
    for number, word in enumerate(line.words[1:-1], 1):
        before = os.path.basename(line.words[number - 1].text)
        if _COMMAND.fullmatch(word.text) and before in ("bash", "sh", "zsh"):
            start, end = line.words[number + 1].start, line.words[number + 1].end
            raw = text[start:end]
            if _ONE_QUOTE.fullmatch(raw) and _WORDS.search(raw):
                scripts.append(HereDocument(start + 1, end - 1, raw[0] == "'", False))
        if len(scripts) == _SCRIPTS:
            break
    return scripts


def _find_suffix(line: ExpandedCommand) -> str:
    """The suffix of the format that a here-document is in, by the file that it is written to or the
    program that reads it; "" where neither tells.
    """
    head = os.path.basename(line.words[0].text) if line.words else ""
    paths = [word.text for word in line.files]
    if head in _WRITERS or not line.words:
        paths += [word.text for word in line.words[1:]]
        return next((s for n in paths if (s := os.path.splitext(n)[1].lower()) in EMBEDDED), "")
    if head in _SHELLS:
        return ".sh"
    runs = any(_PYTHON.match(word.text) for word in line.words)
    return ".py" if runs and not any(word.text.endswith(".py") for word in line.words) else ""


def _read_file(path: str, text: str, body: HereDocument, suffix: str) -> Document | None:
    inside = text[body.start : body.end]
    if body.tabs:
        inside = _TABS.sub(lambda tabs: " " * len(tabs[0]), inside)
    whole = _build_padding(text, body) + inside
    try:
        return parse_as(suffix, path, whole)
    except DocumentError:
        return None  # the finished file may be readable, once the shell has filled it in


def _build_padding(text: str, body: HereDocument) -> str:
    """The line breaks and blanks to put before a body, so that it keeps its lines and columns."""
    span = _build_lines(text).span(body.start, body.start)
    return "\n" * (span.line - 1) + " " * (span.column - 1)


@lru_cache(maxsize=1)
def _build_lines(text: str) -> Lines:
    return Lines(text)


def _fill_in_variables(document: Document, text: str, line: ExpandedCommand) -> None:
    """Replace the variables in the values of a here-document whose delimiter is not quoted."""
    for number, root in enumerate(document.roots):
        if isinstance(root, (dict, list)):
            _fill_in_container(root, (number,), document, text, line)


def _fill_in_container(
    value: Any, path: Path, document: Document, text: str, line: ExpandedCommand
) -> None:
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        item_text = item.text if isinstance(item, Unknown) else item
        if isinstance(item, (dict, list)):
            _fill_in_container(item, (*path, key), document, text, line)
        elif isinstance(item_text, str) and _FILLED.search(item_text):
            is_quoted = get_text_at(document, text, (*path, key))[:1] in ("'", '"')
            value[key] = _fill_in_text(item_text, line, is_quoted)


def get_text_at(document: Document, text: str, path: Path) -> str:
    """The source text of the value at a path."""
    span = document.span(path)
    lines = _build_lines(text)
    return text[lines.offset(span.line, span.column) : lines.offset(span.end_line, span.end_column)]


def _fill_in_text(text: str, line: ExpandedCommand, is_quoted: bool) -> Value:
    expanded = "".join(p.text for p in expand_here_document(text, 0, len(text), line.variables))
    if UNKNOWN_MARK in expanded:
        return Unknown(text)
    return expanded if is_quoted else parse_plain(expanded)
