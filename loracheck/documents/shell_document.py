"""Shell scripts: the options of each command, as far as the words are literal. Nothing is run.

Each root is one command that has options: `--lora_rank 8` and `--lora_rank=8` stand under
"lora_rank", several words after a key make a list, a key without a word is true. hydra's overrides
(`actor.model.lora_rank=32`) become nested mappings. Numbers and truth values are converted, as the
parser behind the option would; `$NAME` is filled in where the script itself gives NAME one literal
value, and unknown else. A text that never says `lora` has no roots.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

from .model import Unknown
from .tree import Located, Place, TreeDocument
from .values import MAX_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .lines import Lines

_WORD = re.compile(
    r"""(?:\\(?:\r?\n|.)|'[^']*'|"(?:[^"\\]|\\.)*"|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`"""
    r"""|[^\s;&|<>()'"\\])+""",
    re.DOTALL,
)
_GAP = re.compile(r"(?:[ \t]|\\\r?\n)+")
_COMMENT = re.compile(r"#[^\n]*")
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1[^\n]*\n")
_LINE = re.compile(r"^[ \t]*(\w+)[ \t\r]*$", re.MULTILINE)
_PART = re.compile(
    r"""\\\r?\n|\\(?P<escaped>.)|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>.)""",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_OPEN = re.compile(r"\$|`")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_OVERRIDE = re.compile(r"\+{0,2}([A-Za-z_]\w*(?:\.\w+)+)=(.*)", re.DOTALL)
_OPTION = re.compile(r"--([A-Za-z_][\w.-]*)(?:=(.*))?$", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Word(NamedTuple):
    """One word of a command: its value, how it was written, and from where to where."""

    value: str | Unknown
    raw: str
    start: int
    end: int


def parse(path: str, text: str) -> TreeDocument:
    """The document of a shell script; it has no faults that would stop the reading."""
    roots: list[Any] = []
    places: list[Place] = []
    if "lora" in text.lower():
        for words in _commands(text):
            root, place = _options(words)
            if root and len(roots) < MAX_VALUES:
                roots.append(root)
                places.append(place)

    def locate(text: str, lines: Lines) -> Located:
        return Located(places, [])

    return TreeDocument(path, text, "shell", roots, locate)


def _commands(text: str) -> Iterator[list[Word]]:
    """The words of each command, variables filled in."""
    raw = list(_raw_commands(text))
    values: dict[str, set[str | None]] = {}
    for command in raw:
        for start, end in command:
            found = _ASSIGNMENT.fullmatch(text[start:end])
            if found is None:
                break
            values.setdefault(found[1], set()).add(_literal(found[2]))
    single: dict[str, str] = {}
    for name, several in values.items():
        only = next(iter(several)) if len(several) == 1 else None
        if only is not None:
            single[name] = only
    for command in raw:
        yield [_word(text[start:end], start, single) for start, end in command]


def _word(raw: str, start: int, variables: dict[str, str]) -> Word:
    return Word(_value(raw, variables), raw, start, start + len(raw))


def _raw_commands(text: str) -> Iterator[list[tuple[int, int]]]:
    """The offsets of the words of each command."""
    lines: dict[str, list[tuple[int, int]]] = {}
    for line in _LINE.finditer(text) if "<<" in text else ():
        lines.setdefault(line[1], []).append(line.span())
    at = 0
    words: list[tuple[int, int]] = []
    while at < len(text):
        gap = _GAP.match(text, at) or _COMMENT.match(text, at)
        word = None if gap else _WORD.match(text, at)
        if gap is not None:
            at = gap.end()
        elif word is not None:
            words.append(word.span())
            at = word.end()
        else:
            end = _heredoc(text, at, lines)
            if end > at or text[at] in "\n;&|()":
                yield words
                words = []
            at = max(end, at + 1)
    yield words


def _heredoc(text: str, at: int, lines: dict[str, list[tuple[int, int]]]) -> int:
    """The end of the text that `<<WORD` puts into a command; `at` where there is none."""
    found = _HEREDOC.match(text, at)
    ends = lines.get(found[2], []) if found is not None else []
    index = bisect_left(ends, (found.end(), 0)) if found is not None else 0
    return ends[index][1] if index < len(ends) else at


def _literal(raw: str) -> str | None:
    """The text of a word without its quotes; None where the shell would fill something in."""
    found = _value(raw, {})
    return found if isinstance(found, str) else None


def _value(raw: str, variables: dict[str, str]) -> str | Unknown:
    parts: list[str] = []
    for match in _PART.finditer(raw):
        if match["single"] is not None:
            parts.append(match["single"])
        elif match["escaped"] is not None:
            parts.append(match["escaped"])
        elif match["double"] is not None or match["plain"] is not None:
            part = match["double"] if match["double"] is not None else match["plain"]
            parts.append(part.replace('\\"', '"'))
    joined = "".join(parts)
    if "'" not in raw:
        joined = _VARIABLE.sub(lambda m: variables.get(m[1] or m[2], m[0]), joined)
        if _OPEN.search(joined):
            return Unknown(raw)
    return joined


def _options(words: list[Word]) -> tuple[dict[str, Any], Place]:
    """The options of a command, and their places."""
    root: dict[str, Any] = {}
    place = Place(words[0].start, words[-1].end) if words else Place(0, 0)
    key: Place | None = None
    name = ""
    for word in words:
        option = _OPTION.match(word.value) if isinstance(word.value, str) else None
        override = _OVERRIDE.fullmatch(word.value) if isinstance(word.value, str) else None
        if option is not None:
            name = option[1].replace("-", "_")
            key = Place(word.start, word.end, word.start, word.end)
            root[name] = True if option[2] is None else _typed(option[2])
            place.children[name] = key
            if option[2] is not None:
                key = None
        elif override is not None:
            _nest(root, place, override, word)
            key = None
        elif key is not None:
            _append(root, name, key, word)
    return root, place


def _append(root: dict[str, Any], name: str, key: Place, word: Word) -> None:
    """One more word after an option: its value, or the next entry of a list."""
    value = _typed(word.value)
    first = not key.children
    if first:
        root[name] = value
        key.start, key.end = word.start, word.end
    else:
        root[name] = [*(root[name] if len(key.children) > 1 else [root[name]]), value]
        key.end = word.end
    key.children[len(key.children)] = Place(word.start, word.end)


def _nest(root: dict[str, Any], place: Place, found: re.Match[str], word: Word) -> None:
    """`a.b.c=value` as nested mappings."""
    *above, last = found[1].split(".")
    for step in above:
        inner = root.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        root = inner
        place = place.children.setdefault(step, Place(word.start, word.end))
    root[last] = _typed(found[2])
    where = Place(word.start, word.end, word.start, word.end)
    where.start += word.raw.find("=") + 1
    place.children[last] = where


def _typed(value: str | Unknown) -> Any:
    """A number or truth value that the word spells, else the word."""
    if isinstance(value, Unknown):
        return value
    low = value.strip().lower()
    if low in ("true", "false"):
        return low == "true"
    if _NUMBER.fullmatch(low) and len(low) < 40:
        return float(low) if re.search(r"[.e]", low) else int(low)
    return value
