"""Expands the words of a script as far as they are literal: removes quotes and fills variables in.

`$NAME`, `${NAME}`, `${NAME[@]}` and `${NAME:-default}` are filled in from the values that the
script itself gives (POSIX Shell Command Language, 2.6); what else the shell would compute is marked
as not known. Each piece remembers where it stands, so that a word that comes out of a variable has
the place where it was written.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

UNKNOWN_MARK = "\0"
"""Stands in a word's text for what is not known; no text that is read has this character."""

MAX_LETTERS = 100_000
"""Longest text of a variable: doubling one a few dozen times must not fill the memory."""

MAX_ENTRIES = 1_000
"""Most entries of an array."""

_PART = compile_when_used(
    r"""\\(?:\r?\n|(?P<escaped>.))|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)\""""
    r"""|(?P<open>\$'(?:[^'\\]|\\.)*'|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`)"""
    r"""|\$(?:\{(?P<braced>(?:\$\{[^{}]{0,200}\}|[^{}]){0,400})\}|(?P<name>\w+|[@*#?$!-]))"""
    r"""|(?P<plain>[^\\'"$`]+|.)""",
    re.DOTALL,
)
_INNER = compile_when_used(
    r"""\\(?:\r?\n|(?P<escaped>[$`"\\]))"""
    r"""|(?P<open>\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`)"""
    r"""|\$(?:\{(?P<braced>(?:\$\{[^{}]{0,200}\}|[^{}]){0,400})\}|(?P<name>\w+|[@*#?$!-]))"""
    r"""|(?P<plain>[^\\$`]+|.)""",
    re.DOTALL,
)
_NAMED = compile_when_used(r"([A-Za-z_]\w*)(\[[@*]\])?(?:(:?[-=])(.*))?", re.DOTALL)
_BLANK = compile_when_used(r"\s+")


class Piece(NamedTuple):
    """A part of a word."""

    text: str
    """The text, UNKNOWN_MARK where it is not known."""
    start: int
    end: int
    cut: bool = False
    """Whether the shell splits it at white space."""
    many: bool = False
    """Whether it may be any number of words."""


Field = tuple[Piece, ...]
"""The pieces of one word."""

Variables = dict[str, "Sequence[Field] | None"]
"""The words of each variable (an array may have several), None where they are not known."""


class Word(NamedTuple):
    """One word of a command."""

    text: str
    """The text, with UNKNOWN_MARK for what is not known."""
    raw: str
    """The word as it is written in the script."""
    start: int
    end: int
    many: bool = False
    """Whether it may stand for any number of words."""

    @property
    def value(self) -> str | Unknown:
        """The text, or Unknown."""
        return get_text_or_unknown(self.text, self.raw)


def get_text_or_unknown(text: str, raw: str) -> str | Unknown:
    """The text of a word, or of its part, that was written as `raw`; Unknown where it is not
    known.
    """
    return Unknown(raw) if UNKNOWN_MARK in text else text


def expand_words(text: str, start: int, end: int, variables: Variables) -> list[Word]:
    """The words that the shell makes of the text between two offsets."""
    fields = expand_fields(text, start, end, variables)
    if len(fields) == 1:
        return [_build_word(fields[0], text, start, end)]
    return [_build_word(one, text, *_compute_region(one)) for one in fields]


def _compute_region(pieces: Field) -> tuple[int, int]:
    """Where an expanded word stands: from its first piece to the last one that follows without a
    gap.
    """
    start, end = pieces[0].start, pieces[0].end
    for piece in pieces[1:]:
        if not end <= piece.start <= end + 3:  # quotes and brackets lie between
            break
        end = piece.end
    return start, end


def expand_array_entry(text: str, start: int, end: int, variables: Variables) -> list[Field]:
    """The words of one entry of an array, as pieces. An entry that is one word gets the place of
    the entry.
    """
    fields = expand_fields(text, start, end, variables)
    if len(fields) != 1 or any(piece.many for piece in fields[0]):
        return fields
    return [(Piece("".join(piece.text for piece in fields[0]), start, end),)]


def _build_word(pieces: Field, text: str, start: int, end: int) -> Word:
    whole = len(pieces) == 1 and pieces[0].many
    return Word("".join(p.text for p in pieces), text[start:end], start, end, whole)


def expand_fields(text: str, start: int, end: int, variables: Variables) -> list[Field]:
    """As `expand_words`, as pieces. A quoted empty text is a word, an empty variable is none."""
    fields: list[Field] = []
    now: list[Piece] = []
    for part in _split_pieces(text, start, end, variables, _PART, False, 0):
        if part is None:  # the gap between two entries of an array
            fields += [tuple(now)] if now else []
            now = []
        elif part.cut and part.text != UNKNOWN_MARK:
            at = 0
            for gap in _BLANK.finditer(part.text):
                now += [_slice_piece(part, at, gap.start())] if gap.start() > at else []
                fields += [tuple(now)] if now else []
                now, at = [], gap.end()
            now += [_slice_piece(part, at, len(part.text))] if at < len(part.text) else []
        else:
            now.append(part)
    return [*fields, tuple(now)] if now else fields


def _slice_piece(piece: Piece, start: int, end: int) -> Piece:
    if len(piece.text) != piece.end - piece.start:
        return piece._replace(text=piece.text[start:end])
    return piece._replace(
        text=piece.text[start:end], start=piece.start + start, end=piece.start + end
    )


def expand_assigned_value(text: str, start: int, end: int, variables: Variables) -> Field:
    """The pieces of an assigned value, which is not cut at white space."""
    parts = _split_pieces(text, start, end, variables, _PART, False, 0)
    return tuple(p._replace(cut=False, many=False) for p in parts if p is not None)


def expand_here_document(text: str, start: int, end: int, variables: Variables) -> Field:
    """The pieces of an unquoted here-document's body."""
    return tuple(
        p for p in _split_pieces(text, start, end, variables, _INNER, True, 0) if p is not None
    )


def _split_pieces(
    text: str,
    start: int,
    end: int,
    variables: Variables,
    grammar: re.Pattern[str],
    is_quoted: bool,
    depth: int,
) -> Iterator[Piece | None]:
    """The pieces of a region; None between the entries of an array."""
    for match in grammar.finditer(text, start, end):
        at, to = match.span()
        groups: Mapping[str, str | None] = match.groupdict()
        name = groups.get("braced") if groups.get("name") is None else groups["name"]
        if groups.get("double") is not None:
            if to - at == 2:
                yield Piece("", at, to)
            yield from _split_pieces(text, at + 1, to - 1, variables, _INNER, True, depth)
        elif groups.get("single") is not None:
            yield Piece(str(groups["single"]), at + 1, to - 1)
        elif groups["escaped"] is not None:
            yield Piece(groups["escaped"], at, to)
        elif groups["open"] is not None:
            yield Piece(UNKNOWN_MARK, at, to, many=not is_quoted)
        elif name is not None:
            inner = match.start("braced") if groups.get("braced") is not None else at + 1
            yield from _expand_variable(text, (at, to), inner, name, variables, is_quoted, depth)
        elif groups["plain"] is not None:
            yield Piece(groups["plain"], at, to)


def _expand_variable(
    text: str,
    region: tuple[int, int],
    inner: int,
    name: str,
    variables: Variables,
    is_quoted: bool,
    depth: int,
) -> Iterator[Piece | None]:
    """The pieces of the value that `$NAME` or `${...}` stands for; None between the entries of an
    array.
    """
    if name in ("@", "*"):
        return  # the script's own arguments: as it stands, it is called without any
    match = _NAMED.fullmatch(name)
    value = variables.get(match[1]) if match is not None else None
    several = match is not None and match[2] is not None
    default = False
    if match is not None and match[3] is not None:
        unset = match[1] not in variables or (value is not None and not value)
        default = unset or (":" in match[3] and value is not None and count_letters(value[:1]) == 0)
    if is_quoted and not several:
        yield Piece("", *region)  # an empty text in quotes is a word too
    whole = "" if value is None or several else "".join(p.text for p in (value or [()])[0])
    if whole and not default and not _BLANK.search(whole):
        yield Piece(whole, *region, cut=not is_quoted)
    elif value is not None and not default:
        for number, one in enumerate(value if several else value[:1]):
            if number:
                yield None
            yield from (piece._replace(cut=not is_quoted, many=False) for piece in one)
    elif default and match is not None and depth < 5:
        first = inner + match.start(4)
        # A default in quotes keeps them to itself: "${X:-'a'}" is rare enough to be left out.
        for piece in _split_pieces(
            text, first, inner + len(name), variables, _PART, is_quoted, depth + 1
        ):
            yield (
                None
                if piece is None
                else piece._replace(cut=not is_quoted and piece.text != UNKNOWN_MARK)
            )
    else:
        yield Piece(UNKNOWN_MARK, *region, many=several or not is_quoted)


def count_letters(value: Sequence[Field]) -> int:
    """Number of characters in a variable's words."""
    return sum(len(piece.text) for one in value for piece in one)
