"""Splits a shell script into commands and words, by offsets. Nothing is expanded, nothing is run.

What the POSIX grammar calls tokens (Shell Command Language, 2.3) and bash's arrays. Redirections
and the bodies of here-documents are taken out of the words.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Region = tuple[int, int]
"""First offset, and the first after it."""

_WORD = compile_when_used(
    r"""(?:\\(?:\r?\n|.)|'[^']*'|"(?:[^"\\]|\\.)*"|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`"""
    r"""|\$\{(?:\$\{[^{}]{0,200}\}|[^{}"']|"[^"]{0,200}"|'[^']{0,200}'){0,400}\}"""
    r"""|[^\s;&|<>()'"\\])+""",
    re.DOTALL,
)
_GAP = compile_when_used(r"(?:[ \t]|\\\r?\n)+")
_SPACE = compile_when_used(r"(?:\s|\\\r?\n)+")
_COMMENT = compile_when_used(r"#[^\n]*")
_REDIRECT = compile_when_used(r"(?:\d+|&)?(<<<|<<-?(?!<)|>>|>\||<>|<&|>&|<(?!\()|>(?!\())[ \t]*")
_ORDER = compile_when_used(r"(?<!\S)#[^\n#]*\bloracheck:[^\n]*")
_DELIMITER = compile_when_used(r"""(['"]?)(\\?[\w.!@%+-]+)\1""")
_LINE = compile_when_used(r"^[ \t]*([\w.!@%+-]+)[ \t\r]*$", re.MULTILINE)
_ARRAY = compile_when_used(r"[A-Za-z_]\w*\+?=")
_OPERATOR = compile_when_used(r"&&|\|\||;;|[\n;&|()]")

_OPENING = frozenset({"if", "for", "while", "until", "case", "select", "{", "function"})
_CLOSING = frozenset({"fi", "done", "esac", "}"})
_BETWEEN = frozenset({"then", "else", "elif", "do", "!", "{"})


class HereDocument(NamedTuple):
    """The text that `<<WORD` gives to a command, by offsets."""

    start: int
    end: int
    literal: bool
    """Whether nothing is expanded in it, as the word is quoted."""
    tabs: bool
    """Whether leading tabs are removed (`<<-`)."""


class Array(NamedTuple):
    """`NAME=(...)`: the part before the bracket, and the words in it."""

    head: Region
    words: tuple[Region, ...]


class CommandTokens:
    """One simple command: its words and arrays, the files that its output goes to, and its
    here-documents. `sure` is False inside conditions, loops and functions.
    """

    __slots__ = ("files", "here_documents", "sure", "words")

    def __init__(self, sure: bool) -> None:
        self.words: list[Region | Array] = []
        self.files: list[Region] = []
        self.here_documents: list[HereDocument] = []
        self.sure = sure


def split_commands(text: str) -> Iterator[CommandTokens]:
    """The commands of a script, in its order."""
    return _Lexer(text).commands()


def find_comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a script, each as offset and text; of the here-documents only the comments
    that speak to loracheck.
    """
    lexer = _Lexer(text)
    places: list[Region] = []
    for command in list(lexer.commands()):  # bodies are attached late
        for body in command.here_documents:
            places += [m.span() for m in _ORDER.finditer(text, body.start, body.end)]
    yield from ((start, text[start:end]) for start, end in sorted([*places, *lexer.comments]))


class _Lexer:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self.lines: dict[str, list[Region]] = {}
        for line in _LINE.finditer(text) if "<<" in text else ():
            self.lines.setdefault(line[1], []).append(line.span())
        self.waiting: list[tuple[CommandTokens, str, bool, bool]] = []
        self.command = CommandTokens(True)
        self.comments: list[Region] = []

    def commands(self) -> Iterator[CommandTokens]:
        at, text = 0, self.text
        while at < len(text):
            blank = _GAP.match(text, at) or self._take_comment(at)
            redirect = None if blank else _REDIRECT.match(text, at)
            if blank is not None:
                at = blank.end()
            elif redirect is not None:
                at = self._read_redirection(redirect)
            elif (word := _WORD.match(text, at)) is not None:
                at = self._take_word(at, word.end())
            else:
                operator = _OPERATOR.match(text, at)
                end = operator.end() if operator else at + 1
                if operator is not None:
                    yield self._finish_command(operator[0])
                    end = self._take_here_documents(end) if operator[0] == "\n" else end
                at = end
        yield self.command

    def _take_comment(self, at: int) -> re.Match[str] | None:
        match = _COMMENT.match(self.text, at)
        if match is not None:
            self.comments.append(match.span())
        return match

    def _take_word(self, start: int, end: int) -> int:
        """Take a word or an array. A keyword (`if`, `done`) only changes the depth of nesting."""
        raw = self.text[start:end]
        if not self.command.words and raw in _OPENING | _CLOSING | _BETWEEN:
            self.depth += (raw in _OPENING) - (raw in _CLOSING)
            self.command.sure = self.depth <= 0
            if raw in _CLOSING | _BETWEEN:
                return end
        if self.text.startswith("(", end) and _ARRAY.fullmatch(raw):
            return self._take_array(start, end)
        self.command.words.append((start, end))
        return end

    def _take_array(self, start: int, end: int) -> int:
        at = end + 1
        words: list[Region] = []
        while at < len(self.text):
            space = _SPACE.match(self.text, at) or self._take_comment(at)
            word = None if space else _WORD.match(self.text, at)
            if space is not None:
                at = space.end()
            elif word is not None:
                words.append(word.span())
                at = word.end()
            else:
                break
        self.command.words.append(Array((start, end), tuple(words)))
        return at + self.text.startswith(")", at)

    def _read_redirection(self, match: re.Match[str]) -> int:
        kind, at = match[1], match.end()
        if kind in ("<<", "<<-"):
            word = _DELIMITER.match(self.text, at)
            if word is not None:
                literal = bool(word[1]) or word[2].startswith("\\")
                name = word[2].removeprefix("\\")
                self.waiting.append((self.command, name, literal, kind == "<<-"))
                return word.end()
            return at
        target = _WORD.match(self.text, at)
        if target is None:
            return at
        if kind in (">", ">>", ">|"):
            self.command.files.append(target.span())
        return target.end()

    def _finish_command(self, operator: str) -> CommandTokens:
        command = self.command
        self.command = CommandTokens(self.depth <= 0 and operator not in ("&&", "||"))
        return command

    def _take_here_documents(self, at: int) -> int:
        """The offset behind the here-documents that begin after this line. One without its closing
        line is passed over.
        """
        for command, name, literal, tabs in self.waiting:
            ends = self.lines.get(name, [])
            index = bisect_left(ends, (at, 0))
            if index < len(ends):
                body = HereDocument(at, ends[index][0], literal, tabs)
                command.here_documents.append(body)
                at = min(ends[index][1] + 1, len(self.text))
        self.waiting = []
        return at
