"""The options of a command as a mapping, with the place of each.

`--lora_rank 8` and `--lora_rank=8` stand under "lora_rank" as the text "8": what a word means is
for the program that reads it. Several words after a key make a list, a key without a word is True,
a word that is not known is Unknown. Dotted names (`--ds.lora.rank 8`) and the overrides of hydra
and OmegaConf (`actor.model.lora_rank=32`) become nested mappings.
"""

from __future__ import annotations

import re

from loracheck.documents.tree_document import Place
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .word_expansion import UNKNOWN_MARK, get_text_or_unknown

if TYPE_CHECKING:
    from typing import Any

    from .word_expansion import Word

_OVERRIDE = compile_when_used(r"\+{0,2}([A-Za-z_][\w-]*(?:\.\w+)*)=(.*)", re.DOTALL)
_OPTION = compile_when_used(r"--([A-Za-z_][\w.-]*)(?:=(.*))?$", re.DOTALL)
_SHORT = compile_when_used(r"-[A-Za-z]|--$")
_DEEPEST = 12
"""Longest dotted name that is read as one."""


class _Open:
    """The option that the next words belong to."""

    __slots__ = ("name", "parent", "place")

    def __init__(self, parent: dict[str, Any], name: str, place: Place) -> None:
        self.parent = parent
        self.name = name
        self.place = place


def parse_options(words: list[Word]) -> tuple[dict[str, Any], Place, bool]:
    """The options of a command, their places, and whether there can be no others: a `$ARGS` that is
    not known may hold any.
    """
    root: dict[str, Any] = {}
    place = Place(words[0].start, words[-1].end) if words else Place(0, 0)
    now: _Open | None = None
    complete = True
    for number, word in enumerate(words):
        option = _OPTION.match(word.text)
        override = None if option else _OVERRIDE.fullmatch(word.text)
        loose = override is not None and "." not in override[1]
        if override is not None and loose and (now is not None or number == 0):
            override = None
        if option is not None:
            now = _put_option(root, place, option, word)
        elif override is not None:
            _put(root, place, override[1], override[2], word, _locate_value(word, override[2]))
            now = None
        elif _SHORT.match(word.text):
            now = None
        elif word.many and (now is None or now.place.children):
            complete, now = False, None
        elif now is not None:
            _append(now, word)
    return root, place, complete


def _put_option(
    root: dict[str, Any], place: Place, match: re.Match[str], word: Word
) -> _Open | None:
    if UNKNOWN_MARK in match[1]:
        return None
    name = match[1].replace("-", "_")
    where = Place(word.start, word.end, word.start, word.end)
    if match[2] is not None:
        _put(root, place, name, match[2], word, where)
        return None
    return _put(root, place, name, True, word, where)


def _locate_value(word: Word, value: str) -> Place:
    """The place of the value in `a.b=value`."""
    start = word.start
    if word.end - word.start == len(word.raw):
        start += word.raw.find("=") + 1
    return Place(start, word.end, word.start, word.end)


def _put(
    root: dict[str, Any], place: Place, name: str, value: Any, word: Word, where: Place
) -> _Open | None:
    """Set a value; `a.b` is nested where nothing else stands at `a`."""
    steps = name.split(".")
    if len(steps) > _DEEPEST:
        return None
    for step in steps[:-1]:
        inner = root.setdefault(step, {})
        if not isinstance(inner, dict):
            return None
        root = inner
        place = place.children.setdefault(step, Place(word.start, word.end))
    root[steps[-1]] = (
        True if value is True else get_text_or_unknown(value, word.raw.partition("=")[2])
    )
    place.children[steps[-1]] = where
    return _Open(root, steps[-1], where)


def _append(now: _Open, word: Word) -> None:
    """One more word after an option: its value, or the next entry of a list."""
    value = word.value
    place = now.place
    if not place.children:
        now.parent[now.name] = value
        place.start, place.end = word.start, word.end
    else:
        old = now.parent[now.name]
        now.parent[now.name] = [*(old if len(place.children) > 1 else [old]), value]
        place.end = max(word.end, place.start)
    place.children[len(place.children)] = Place(word.start, word.end)
