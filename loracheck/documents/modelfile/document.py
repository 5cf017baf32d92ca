"""Ollama's Modelfile: its instructions (FROM, ADAPTER, TEMPLATE, ...) in the order of the text.

A `#` at the beginning of a line makes a comment. An instruction is a name in letters of any size, a
blank and a value, which goes on to the end of the line, or, where it begins with one or three
double quotes, to the line that these end (ollama/ollama commit fb3076099 `parser/parser.go`:
ParseFile, parseRuneForState, unquote). There are no roots: nothing of it is a LoRA config. A text
that Ollama would not read as a Modelfile (another program's file of that name) has no
instructions.
"""

from __future__ import annotations

from loracheck.documents.tree_document import Positions, TreeDocument
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.lines import Lines
    from loracheck.documents.model import Document, Span

FORMAT = "modelfile"

NAMES = frozenset(
    {"from", "license", "template", "system", "adapter", "draft", "renderer", "parser"}
    | {"parameter", "message", "requires"}
)
"""Ollama's instructions (isValidCommand)."""

_NAME = compile_when_used(r"[ \t]*([A-Za-z]+)[ \t]")
_WORD = compile_when_used(r"[ \t]*\w+[ \t]")
_WITH_WORD = ("parameter", "message")
"""Instructions whose value has a word in front: the parameter's name, the message's role."""


class Instruction(NamedTuple):
    """One instruction: its name in small letters, its value without quotes, and where that stands
    in the text.
    """

    name: str
    value: str
    start: int
    end: int


class ModelfileDocument(TreeDocument):
    """A `Document` without roots."""

    instructions: list[Instruction]

    def place(self, instruction: Instruction) -> Span:
        """Where an instruction's value stands."""
        return self.lines.span(instruction.start, instruction.end)


def parse(path: str, text: str) -> ModelfileDocument:
    """The document of a Modelfile; it has no faults that would stop the reading."""

    def locate(text: str, lines: Lines) -> Positions:
        return Positions([], [])

    document = ModelfileDocument(path, text, FORMAT, [], locate)
    instructions = _read_instructions(text)
    whole = any(one.name == "from" for one in instructions)
    document.instructions = instructions if whole else []
    return document


def get_modelfile(document: Document) -> ModelfileDocument | None:
    """The document as a Modelfile; None for another one."""
    return document if isinstance(document, ModelfileDocument) else None


def _read_instructions(text: str) -> list[Instruction]:
    """All instructions; none where a line is neither one nor a comment."""
    found: list[Instruction] = []
    at = 0
    while at < len(text):
        end = _find_line_end(text, at)
        line = text[at:end]
        if not line.strip() or line.lstrip(" \t").startswith("#"):
            at = end + 1
            continue
        match = _NAME.match(text, at, end)
        if match is None or match[1].lower() not in NAMES:
            return []
        name, start = match[1].lower(), match.end()
        if name in _WITH_WORD and (word := _WORD.match(text, start, end)) is not None:
            start = word.end()
        end = _find_value_end(text, start)
        if end < 0:
            return []
        found.append(_build_instruction(name, text, start, end))
        at = end + 1
    return found


def _find_line_end(text: str, at: int) -> int:
    """Where the line ends; LF and CR alike end one."""
    ends = [end for mark in "\r\n" if (end := text.find(mark, at)) >= 0]
    return min(ends, default=len(text))


def _find_value_end(text: str, start: int) -> int:
    """The end of the line that a value ends in; below 0 where its quotes are never closed."""
    end = _find_line_end(text, start)
    value = text[start:end].strip()
    quotes = next((mark for mark in ('"""', '"') if value.startswith(mark)), "")
    while quotes and not (len(value) >= 2 * len(quotes) and value.endswith(quotes)):
        if end >= len(text):
            return -1
        end = _find_line_end(text, end + 1)
        value = text[start:end].strip()
    return end


def _build_instruction(name: str, text: str, start: int, end: int) -> Instruction:
    raw = text[start:end]
    start += len(raw) - len(raw.lstrip())
    value = raw.strip()
    end = start + len(value)
    for mark in ('"""', '"'):
        if value.startswith(mark):
            return Instruction(name, value[len(mark) : -len(mark)], start, end)
    return Instruction(name, value, start, end)
