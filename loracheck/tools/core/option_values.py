"""The words of a command line as the tool's parser reads them, each by its key's type and `nargs`.

A document's options are text (`documents/shell/options.py`). Those of the tool's keys get their
types here; what no key tells is read as YAML would read the plain word.
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields as field_table
from loracheck.documents.model import Unknown
from loracheck.documents.shell.plain_scalar import parse_plain
from loracheck.type_checking import TYPE_CHECKING

from .conversion import TRUTH_WORDS
from .lookup import get_block

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Table, Value

    from .key import Key
    from .tool import Parser, Tool


_BRACKETS = frozenset({"omegaconf", "literals", "jsonargparse"})
"""Parsers that make a list of `[a,b]`."""

_LISTS = ("list[", "bare[")
"""How the types begin that are lists."""

_NEED_A_WORD = frozenset({"argparse", "click", "jsonargparse"})
"""Parsers that stop where a word must follow a key and none does."""


class MissingWord(Unknown):
    """The value of an option that nothing follows although its parser wants a word."""

    __slots__ = ()


class ExtraWord(Unknown):
    """The value of a switch that a word follows, where its parser takes none."""

    __slots__ = ()


def read_options(options: Table, tools: tuple[Tool, ...]) -> Table:
    """A command's options with the values that the tool's parser makes of the words; `tools` are
    the tool's key maps. The options stay as they are.
    """
    read: Table = _guess(options)
    for tool in reversed(tools):
        for block in (tool.block, *tool.blocks):
            words, values = get_block(options, *block), get_block(read, *block)
            for key in tool.keys:
                if key.name in words:
                    values[key.name] = read_words(words[key.name], key, tool.parser)
    return read


def _guess(value: Value) -> Any:
    if isinstance(value, dict):
        return {key: _guess(item) for key, item in value.items()}
    if isinstance(value, list):
        return [parse_plain(item) if isinstance(item, str) else item for item in value]
    return parse_plain(value) if isinstance(value, str) else value


def read_words(words: Value, key: Key, parser: Parser) -> Value:
    """The value that the parser makes of the words after a key: one, a list of several, or True
    where there are none.
    """
    types = get_key_types(key)
    if words is True:
        if "bool" in types or parser not in _NEED_A_WORD:
            return True
        return [] if key.nargs == "*" else MissingWord(key.name)
    if key.nargs == "0":
        is_value = isinstance(words, str) and words.lower() in TRUTH_WORDS
        return ExtraWord(str(words)) if is_value else _read(words, types)
    if key.nargs == "1":
        return _read(words[0] if isinstance(words, list) else words, types)
    if key.nargs is not None:
        items = words if isinstance(words, list) else [words]
        return (
            words
            if isinstance(words, Unknown)
            else [_read(w, _get_entry_types(types)) for w in items]
        )
    lists = any(kind.startswith(_LISTS) for kind in types)
    if isinstance(words, list):
        # Without a list's type the words after the first are the program's own arguments.
        return (
            [_read(w, _get_entry_types(types)) for w in words] if lists else _read(words[0], types)
        )
    if isinstance(words, str) and lists and parser in _BRACKETS:
        return _read_brackets(words)
    return _read(words, types)


def get_key_types(key: Key) -> set[str]:
    """The types that a key takes, in the words of `config.field_table.Field.type`."""
    types = key.type or (field_table()[key.field].type if key.field else "str")
    return set(types.split("|"))


def takes_one_word(key: Key) -> bool:
    """Whether argparse takes one word for a key, and the next ones for arguments of their own."""
    if key.nargs is None:
        types = get_key_types(key)
        return "bool" not in types and not any(kind.startswith(_LISTS) for kind in types)
    return key.nargs == "1"


def _get_entry_types(types: set[str]) -> set[str]:
    """The types of a list's entries."""
    return {kind[5:-1] for kind in types if kind.startswith(_LISTS)} or types


def _read_brackets(word: str) -> Value:
    if not (word.startswith("[") and word.endswith("]")):
        return word
    return [part.strip().strip("\"'") for part in word[1:-1].split(",") if part.strip()]


def _read(word: Value, types: set[str]) -> Value:
    """One word as a value of one of the types; text where it spells none of them."""
    if not isinstance(word, str):
        return word
    if "bool" in types and not types & {"int", "number", "str"}:
        return TRUTH_WORDS.get(word.lower(), parse_plain(word))
    if "str" in types or not types & {"int", "number", "bool"}:
        truth = word.strip().lower()
        return truth == "true" if "bool" in types and truth in ("true", "false") else word
    return parse_plain(word)
