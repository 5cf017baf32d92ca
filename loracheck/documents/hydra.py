"""Configurations that are composed of several files by hydra: a file's `defaults` list names others
beside it, and groups of which one file is taken (`- model: llama3` is `model/llama3.yaml`, whose
values stand under `model`). The files are read, never run.

The rules are those of hydra 1.3.8 (hydra/_internal/defaults_list.py, core/default_element.py); what
is not supported here (a choice by interpolation, a config that no file holds) gives no composition.
"""

from __future__ import annotations

import os
import re

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .dependencies import is_file, list_names, read_state, remember
from .interpolations import Resolver
from .model import DocumentError
from .repository import list_folders_above
from .source import decode, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from loracheck.documents.values import Table

    from .dependencies import State

SUFFIX = ".yaml"

MAX_CONFIGS = 40
"""Most files of one composition."""

MAX_DEPTH = 4
"""Most folders, a file's own among them, that may be the one which groups are named from."""

MAX_PRIMARIES = 12
"""Most files of a folder that are looked at for a `defaults` list which has a group."""

_HEADER = re.compile(r"^#\s*@package\s+(\S+)\s*$", re.MULTILINE)
_KEYWORDS = re.compile(r"^(?:(?:optional|override)\s+)*")


class Composition(NamedTuple):
    """A composed configuration that a file is part of."""

    values: Table
    """All of it."""

    package: tuple[str, ...]
    """The keys under which the values of the file stand."""

    primary: str
    """The file whose `defaults` list is the first."""


class _Config(NamedTuple):
    values: Table
    defaults: tuple[Any, ...]
    header: str | None


class _NotSupportedError(Exception):
    """The composition cannot be worked out."""


def compose(primary: str) -> Table | None:
    """All values of the configuration whose first file is `primary`, by its absolute path; the
    file's own where it has no `defaults` list. None where they cannot be known.
    """
    folder, name = os.path.split(primary)
    try:
        return _Composer(folder, {}).compose(name.removesuffix(SUFFIX))
    except (_NotSupportedError, DocumentError, OSError):
        return None


def list_compositions(path: str) -> Iterator[Composition]:
    """The configurations that a YAML file is part of: its own, where it has a `defaults` list, and
    those of the files in the folders above whose list has the group that the file is an option of.
    """
    path = os.path.abspath(path)
    try:
        own = _read_config(path) if path.endswith(SUFFIX) else None
    except (DocumentError, OSError):
        return
    if own is None:
        return
    if own.defaults:
        yield from _compose_own(path)
    folder, name = os.path.split(path.removesuffix(SUFFIX))
    for root in list_folders_above(folder)[:MAX_DEPTH]:
        group = os.path.relpath(folder, root).replace(os.sep, "/")
        config = name if group == "." else f"{group}/{name}"
        for primary in _list_primaries(root):
            composer = _Composer(root, {group: name})
            try:
                values = composer.compose(primary)
            except (_NotSupportedError, DocumentError, OSError):
                continue
            file = os.path.join(root, primary + SUFFIX)
            if file != path and config in composer.packages:
                yield Composition(values, composer.packages[config], file)


def _compose_own(path: str) -> Iterator[Composition]:
    """What the file's own list makes of it: seen from its folder, or from a folder above it where
    its list names groups by absolute names (`/model: llama3`).
    """
    folder, name = os.path.split(path.removesuffix(SUFFIX))
    for root in list_folders_above(folder)[:MAX_DEPTH]:
        config = _join("", os.path.relpath(os.path.join(folder, name), root))
        composer = _Composer(root, {})
        try:
            values = composer.compose(config, overrides_add=True)
        except (_NotSupportedError, DocumentError, OSError):
            continue
        yield Composition(values, composer.packages[config], path)
        return


def _list_primaries(root: str) -> list[str]:
    """The names of the files of a folder that have a `defaults` list."""
    names = [name.removesuffix(SUFFIX) for name in _list_configs(root)]
    return [name for name in names if _has_defaults(os.path.join(root, name + SUFFIX))]


def _list_configs(root: str) -> list[str]:
    try:
        found = list_names(root, f"*{SUFFIX}")
    except OSError:
        return []
    return found if len(found) <= MAX_PRIMARIES else []


def _has_defaults(path: str) -> bool:
    try:
        return bool(_read_config(path).defaults)
    except (DocumentError, OSError):
        return False


def _read_config(path: str) -> _Config:
    """A file's values without its list. Raises DocumentError and OSError."""
    return _parse_config(path, read_state(path))


@remember(most=256)
def _parse_config(path: str, _state: State) -> _Config:
    """The same, once for each state of the file: every option of a group asks for it."""
    from .formats import parse_as

    text = decode(load(path))
    roots = parse_as(SUFFIX, path, text).roots
    values = roots[0] if len(roots) == 1 and isinstance(roots[0], dict) else None
    if values is None:
        raise DocumentError("no mapping")
    header = _HEADER.search(text)
    defaults = values.get("defaults")
    entries = tuple(defaults) if isinstance(defaults, list) else ()
    own = {key: value for key, value in values.items() if key != "defaults" or not entries}
    return _Config(own, entries, header[1] if header else None)


class _Entry(NamedTuple):
    """One entry of a list: a config, or an option of a group."""

    group: str | None
    """The group as written; None for a config."""

    options: tuple[str, ...]
    package: str | None
    optional: bool
    override: bool


class _Composer:
    """Composes one configuration. `choices` has the option of a group for which another one than
    its list says is taken.
    """

    def __init__(self, root: str, choices: Mapping[str, str]) -> None:
        self._root = root
        self._choices = dict(choices)
        self._parts: list[tuple[tuple[str, ...], Table]] = []
        self.packages: dict[str, tuple[str, ...]] = {}
        """Config -> the keys under which its values stand."""

    def compose(self, name: str, *, overrides_add: bool = False) -> Table:
        """The values of a config and of all that its list names. With `overrides_add` the groups
        that it overrides are taken as they are, since whatever it is put on has them.
        """
        package = _parse_package(self._load(name).header or "", ())
        self._add(name, package, overrides_add)
        known = dict(self._choices)
        self._parts, self.packages = [], {}  # anew, as an override holds for what is before it too
        self._add(name, package, overrides_add)
        if self._choices != known:
            raise _NotSupportedError
        values: Table = {}
        for keys, own in self._parts:
            for key in reversed(keys):
                own = {key: own}
            _merge(values, own)
        return Resolver(values).resolve_all()

    def _load(self, name: str) -> _Config:
        path = os.path.normpath(os.path.join(self._root, name + SUFFIX))
        inside = path.startswith(os.path.join(list_folders_above(self._root)[-1], ""))
        if not inside or not is_file(path):
            raise _NotSupportedError
        return _read_config(path)

    def _add(self, name: str, package: tuple[str, ...], overrides_add: bool = False) -> None:
        """Note a config's values and those of its list, in their order."""
        config = self._load(name)
        if name in self.packages or len(self.packages) >= MAX_CONFIGS:
            raise _NotSupportedError  # a circle, one config twice, or too many
        self.packages[name] = package
        base = name.rpartition("/")[0]
        entries = [_parse_entry(one) for one in config.defaults]
        if overrides_add:
            entries = [one._replace(override=False) for one in entries]
        for entry in (one for one in entries if one.override):
            if len(entry.options) == 1:
                self._choices.setdefault(_join(base, entry.group or ""), entry.options[0])
        kept = [one for one in entries if not one.override]
        if not any(one.group is None and one.options == ("_self_",) for one in kept):
            kept.append(_Entry(None, ("_self_",), None, False, False))
        for entry in kept:
            if entry.group is None and entry.options == ("_self_",):
                self._parts.append((package, config.values))
            else:
                self._add_entry(entry, base, package)

    def _add_entry(self, entry: _Entry, base: str, package: tuple[str, ...]) -> None:
        group = None if entry.group is None else _join(base, entry.group)
        if group is not None and group.startswith("hydra/"):
            return  # hydra's own configs, which say nothing of the script's
        options = entry.options
        if group is not None and group in self._choices:
            options = (self._choices[group],)
        for option in options:
            if option == "null":
                continue
            if "${" in option or option == "???" or ".." in f"{entry.group}/{option}":
                raise _NotSupportedError  # (hydra gives "..", too, a key of its own)
            written = option if entry.group is None else f"{entry.group}/{option}"
            name = _join(base, written)
            if entry.optional and not is_file(os.path.join(self._root, name + SUFFIX)):
                continue
            header = self._load(name).header
            if entry.package is None and header is not None:
                inner = _parse_package(header, ())
            elif entry.package is not None:
                inner = _parse_package(entry.package, package)
            else:
                inner = (*package, *_parse_package(written.rpartition("/")[0].strip("/"), ()))
            self._add(name, inner)


def _parse_package(text: str, parent: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that a package means below those of a parent."""
    if "_group_" in text or "_name_" in text:
        raise _NotSupportedError
    if text.startswith("_global_"):
        parent, text = (), text.removeprefix("_global_")
    if text == "_here_":
        return parent
    return (*parent, *(part for part in re.split(r"[./]", text) if part))


def _parse_entry(entry: object) -> _Entry:
    """An entry of a list. Raises _NotSupportedError for what hydra refuses, or more than text."""
    if isinstance(entry, str):
        words, _, package = entry.partition("@")
        name = _KEYWORDS.sub("", words)
        return _Entry(None, (name,), package or None, "optional" in words.split()[:-1], False)
    if not isinstance(entry, dict) or len(entry) != 1:
        raise _NotSupportedError
    ((key, value),) = entry.items()
    words, _, package = str(key).partition("@")
    keywords = words.split()[:-1]
    values = value if isinstance(value, list) else ["null" if value is None else value]
    if not words.split() or not all(isinstance(one, str) for one in values):
        raise _NotSupportedError
    group = words.split()[-1]
    return _Entry(
        group, tuple(values), package or None, "optional" in keywords, "override" in keywords
    )


def _join(base: str, name: str) -> str:
    """The name of a config or group seen from the root."""
    joined = name.lstrip("/") if name.startswith("/") or not base else f"{base}/{name}"
    return os.path.normpath(joined).replace(os.sep, "/")


def _merge(into: Table, own: Mapping[Any, Any]) -> None:
    """Put values over others: mappings are merged, all else is replaced (OmegaConf.merge)."""
    for key, value in own.items():
        known = into.get(key)
        if isinstance(value, dict):
            inner = dict(known) if isinstance(known, dict) else {}
            _merge(inner, value)
            into[key] = inner
        else:
            into[key] = value
