"""Files that a script writes by here-documents: `cat > config.yaml <<EOF`, `python - <<'PY'`.

Each is read as the format of its name would be, with empty lines in the place of the script before
it: so every line and column in it is one of the script.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Unknown

from .options import typed
from .tokens import HereDocument
from .word_expansion import MARK, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.documents.model import Document, Path, Problem, Span

    from .script import Line

_WORDS = re.compile("lora|peft", re.IGNORECASE)
_COMMAND = re.compile(r"-[a-z]*c")
_SCRIPTS = 5
"""Most scripts in quotes that are read out of one command."""

_ONE_QUOTE = re.compile(r"""'[^']*'|"(?:[^"\\]|\\\r?\n)*\"""")
_TABS = re.compile(r"^\t+", re.MULTILINE)
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*$")
_SHELLS = frozenset({"bash", "sh", "zsh", "sbatch", "srun", "ssh"})
_WRITERS = frozenset({"cat", "tee", "printf", "echo"})
_FILLED = re.compile(r"[$`\\]")
_FORMATS = {
    ".yaml": "yaml.document",
    ".yml": "yaml.document",
    ".json": "json.document",
    ".toml": "toml.document",
    ".py": "python.document",
    ".sh": "shell.document",
}


class Embedded:
    """A `Document` (see model.py) inside a script. `kind` is the format that it is written in; its
    `format` is the script's, for it is in the script that it would have to be changed.
    """

    format = "shell"

    def __init__(self, inner: Document, text: str) -> None:
        self._inner = inner
        self.path = inner.path
        self.text = text
        self.kind = inner.format
        self.roots = inner.roots
        self.calls: list[Any] = getattr(inner, "calls", [])
        self.embedded: list[Embedded] = getattr(inner, "embedded", [])
        self.commands: list[Any] = getattr(inner, "commands", [])

    @property
    def problems(self) -> Sequence[Problem]:
        """Faults that did not stop the reading."""
        return self._inner.problems

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Place in the script of the value at `path`, or of its key."""
        return self._inner.span(path, key=key)


def embedded(path: str, text: str, line: Line) -> list[Embedded]:
    """The files that the here-documents of a command hold, and the script of `bash -c "..."`, as
    far as they can be read.
    """
    found = []
    for body in line.given:
        suffix = _suffix(line)
        if suffix in _FORMATS and _WORDS.search(text, body.start, body.end):
            if suffix == ".sh":
                found.append(_script(path, text, body, line))
                continue
            document = _read(path, text, body, _FORMATS[suffix])
            if document is not None:
                if not body.literal:
                    _settle(document, text, line)
                found.append(Embedded(document, text))
    return found + [_script(path, text, body, line) for body in _quoted(text, line)]


def _script(path: str, text: str, body: HereDocument, line: Line) -> Embedded:
    """A script in a script; only what the outer shell expands knows its variables."""
    from .document import read

    outer = {} if body.literal else line.variables
    return Embedded(read(path, _before(text, body) + text[body.start : body.end], outer), text)


def _quoted(text: str, line: Line) -> list[HereDocument]:
    """The script after `bash -c`, where it is one quoted text without further quoting."""
    found = []
    for number, word in enumerate(line.words[1:-1], 1):
        before = os.path.basename(line.words[number - 1].text)
        if _COMMAND.fullmatch(word.text) and before in ("bash", "sh", "zsh"):
            start, end = line.words[number + 1].start, line.words[number + 1].end
            raw = text[start:end]
            if _ONE_QUOTE.fullmatch(raw) and _WORDS.search(raw):
                found.append(HereDocument(start + 1, end - 1, raw[0] == "'", False))
        if len(found) == _SCRIPTS:
            break
    return found


def _suffix(line: Line) -> str:
    """What the text is, told from the file it goes to or from the program that reads it."""
    head = os.path.basename(line.words[0].text) if line.words else ""
    named = [word.text for word in line.files]
    if head in _WRITERS or not line.words:
        named += [word.text for word in line.words[1:]]
        return next((s for n in named if (s := os.path.splitext(n)[1].lower()) in _FORMATS), "")
    if head in _SHELLS:
        return ".sh"
    runs = any(_PYTHON.match(word.text) for word in line.words)
    return ".py" if runs and not any(word.text.endswith(".py") for word in line.words) else ""


def _read(path: str, text: str, body: HereDocument, module: str) -> Document | None:
    inside = text[body.start : body.end]
    if body.tabs:
        inside = _TABS.sub(lambda tabs: " " * len(tabs[0]), inside)
    whole = _before(text, body) + inside
    try:
        made: Document = import_module(f"loracheck.documents.{module}").parse(path, whole)
    except DocumentError:
        return None  # the finished file may be readable, once the shell has filled it in
    return made


def _before(text: str, body: HereDocument) -> str:
    """Empty lines and spaces, so that the body has its own lines and columns."""
    span = _lines(text).span(body.start, body.start)
    return "\n" * (span.line - 1) + " " * (span.column - 1)


@lru_cache(maxsize=1)
def _lines(text: str) -> Lines:
    return Lines(text)


def _settle(document: Document, text: str, line: Line) -> None:
    """Fill in the variables of an unquoted here-document."""
    for number, root in enumerate(document.roots):
        if isinstance(root, (dict, list)):
            _fill(root, (number,), document, text, line)


def _fill(value: Any, path: Path, document: Document, text: str, line: Line) -> None:
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        written = item.text if isinstance(item, Unknown) else item
        if isinstance(item, (dict, list)):
            _fill(item, (*path, key), document, text, line)
        elif isinstance(written, str) and _FILLED.search(written):
            quoted = text_at(document, text, (*path, key))[:1] in ("'", '"')
            value[key] = _filled(written, line, quoted)


def text_at(document: Document, text: str, path: Path) -> str:
    """The source of a value."""
    span = document.span(path)
    lines = _lines(text)
    return text[lines.offset(span.line, span.column) : lines.offset(span.end_line, span.end_column)]


def _filled(written: str, line: Line, quoted: bool) -> Any:
    made = "".join(p.text for p in literal(written, 0, len(written), line.variables))
    if quoted:
        return Unknown(written) if MARK in made else made
    return typed(made, written)
