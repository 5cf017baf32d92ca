"""Values that a tool converts: quoted numbers, words for true and false, names in one string."""

from __future__ import annotations

from functools import lru_cache

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Value

TRUTH_WORDS = {"true": True, "yes": True, "y": True, "t": True, "1": True}
TRUTH_WORDS |= {"false": False, "no": False, "n": False, "f": False, "0": False}
"""Words for true and false that transformers' HfArgumentParser, pydantic and OmegaConf all take."""

LONGEST_KEPT = 100
"""Characters of a text whose number is kept: each of a tool's conditions asks for it anew."""


def parse_scalar(value: Value) -> Value:
    """The number or truth value that a string spells, as argparse, OmegaConf and pydantic make it;
    any other value as it is.
    """
    if not isinstance(value, str):
        return value
    # A text of a class of its own (`ConfigText`) is equal to a plain one, and not the same.
    kept = type(value) is str and len(value) <= LONGEST_KEPT
    return _parse_kept_text(value) if kept else _parse_text(value)


def _parse_text(value: str) -> Value:
    word = value.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return value


_parse_kept_text = lru_cache(maxsize=1024)(_parse_text)


def convert(value: Value, types: str) -> Value:
    """A quoted value as the tool converts it for a key of these types (the words of
    `config.field_table.Field.type`, such as "int" or "bool|null").
    """
    kinds = set(types.split("|"))
    if kinds <= {"bool", "null"} and isinstance(value, str):
        value = TRUTH_WORDS.get(value.strip().lower(), value)
    return parse_scalar(value) if kinds & {"int", "number", "bool"} else value


def split_names(value: Value) -> Value:
    """The entries of a comma string, as `[x.strip() for x in value.split(",")]` makes them; any
    other value as it is.
    """
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value
