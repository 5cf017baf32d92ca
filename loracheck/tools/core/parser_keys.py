"""Keys that no release of a trainer has, of whatever kind: its parser stops at them."""

from __future__ import annotations

import os
from functools import cache, lru_cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from loracheck.documents.model import Path

    from .setting import Setting
    from .tool import Tool

FOLDER = os.path.dirname(os.path.dirname(__file__))
"""Where the tables of keys lie."""

MAX_UNKNOWN = 2
"""Keys that a file of the tool's may have so many of by slips: with more of them, which the tool
would refuse, it is the file of a fork with keys of its own.
"""


@cache
def load_parser_keys(name: str) -> frozenset[str]:
    """What `python -m bench.files.parser_keys` wrote for a tool, and the keys that all trainers
    have of transformers and TRL.
    """
    return frozenset(_load(f"{name}_keys.json")) | frozenset(_load("trl_keys.json"))


def _load(file: str) -> list[str]:
    with open(os.path.join(FOLDER, file), encoding="utf-8") as stream:
        names: list[str] = json.load(stream)
    return names


def _has(tool: Tool, key: str) -> bool:
    return tool.key(key) is not None or key in tool.renamed


LIKENESS = 0.85
"""How like a key another one must be to have been meant: difflib's ratio."""


@lru_cache(maxsize=1024)
def find_close_key(key: str, name: str) -> str | None:
    """The tool's key that is meant by one that it does not have; None where none is near."""
    from difflib import get_close_matches

    # Of names whose lengths differ by more, no more than this share can be alike.
    names = [
        one
        for one in load_parser_keys(name)
        if 2 * min(len(one), len(key)) >= LIKENESS * (len(one) + len(key))
    ]
    return next(iter(get_close_matches(key, names, 1, LIKENESS)), None)


class KeyReleases(NamedTuple):
    """Between which releases of a tool a key is there."""

    since: str
    """The release that brought it; empty for one that was there before the oldest looked at."""

    gone: str
    """The first release without it; empty for one that is there still."""


@cache
def load_key_releases(tool: str) -> Mapping[str, KeyReleases]:
    """The keys of a tool that not all of its releases have (`python -m bench.files.parser_keys
    releases`); none of a tool of which that is not known.
    """
    with open(os.path.join(FOLDER, "key_releases.json"), encoding="utf-8") as stream:
        tables = json.load(stream)
    table: dict[str, list[str]] = tables.get(tool.replace("-", "_"), {})
    return {key: KeyReleases(*releases) for key, releases in table.items()}


def has_key(setting: Setting, key: str) -> bool:
    """Whether a tool certainly has a key, of LoRA or another kind."""
    if setting.tool is None:
        return False
    table = setting.tool_name.replace("-", "_")
    return _has(setting.tool, key) or (table in _list_tables() and key in load_parser_keys(table))


@cache
def _list_tables() -> frozenset[str]:
    """The tools of which there is a table."""
    ends = "_keys.json"
    return frozenset(name.removesuffix(ends) for name in os.listdir(FOLDER) if name.endswith(ends))


def _begins(key: str, names: Iterable[str]) -> bool:
    """Whether one of the names begins with a key."""
    return any(name.startswith(key) for name in names)


def add_foreign_keys(
    setting: Setting, path: Path, keys: Iterable[object], name: str, most: int = MAX_UNKNOWN
) -> None:
    """Fill in `unknown_keys` with those of a file's keys that the tool never had, unless they are
    more than `most`. On a command line the beginning of a key stands for it.
    """
    known = load_parser_keys(name)
    foreign = [
        key
        for key in keys
        if isinstance(key, str)
        and key not in known
        and key not in setting.unknown_keys
        and not (setting.tool is not None and _has(setting.tool, key))
    ]
    before: frozenset[str] = getattr(setting.document, "launcher_keys", frozenset())
    if setting.document.format == "shell":
        # transformers' parser has `--no_name` for every switch that is on by default.
        names = {key: key.removeprefix("no_") for key in foreign if key not in before}
        foreign = [key for key, name in names.items() if not _begins(name, known)]
    if len(foreign) > most:
        return
    for key in foreign:
        setting.unknown_keys[key] = (*path, key)
        close = find_close_key(key, name)
        if close is not None:
            setting.suggestions[key] = close
        else:
            setting.foreign_keys.add(key)
