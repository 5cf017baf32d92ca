"""From a TOML file to a `SettingsFile`; all faults of the file are reported at once."""

from __future__ import annotations

import os
from difflib import get_close_matches
from math import isfinite

from loracheck.config.release_values import parse_release_number
from loracheck.documents.model import DocumentError
from loracheck.documents.source import decode, load
from loracheck.documents.toml.loads import loads
from loracheck.releases.release_table import parse_release
from loracheck.rules import list_all_rules, select_codes, suggest_selector
from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

from .errors import SettingsError
from .settings_file import SettingsFile
from .settings_keys import KEYS, Key
from .toml_spans import find_key_position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from loracheck.documents.values import Value


def load_settings_file(file: str) -> SettingsFile:
    """The settings in `file`: the table [tool.loracheck] of a pyproject.toml, else the whole file.

    Raises SettingsError for a file that cannot be read, keys and codes that do not exist, and
    values that a key cannot have.
    """
    try:
        text = decode(load(file))
        data = loads(text)
    except OSError as error:
        raise SettingsError([f"{file}: cannot be read: {error.strerror}"]) from error
    except DocumentError as error:
        raise SettingsError([f"{file}: cannot be read: {error.reason}"]) from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, tables in tables
        raise SettingsError([f"{file}: not valid TOML: {error}"]) from error
    prefix = ("tool", "loracheck") if os.path.basename(file) == "pyproject.toml" else ()
    for step in prefix:
        data = data.get(step, {}) if isinstance(data, dict) else {}
    reader = _Reader(file, text, prefix)
    values = reader.read_table(data)
    if reader.problems:
        raise SettingsError(reader.problems)
    return SettingsFile(file=file, root=os.path.dirname(os.path.abspath(file)), **values)


MAX_PROBLEMS = 20
"""Problems that are told of one file."""
MAX_ENTRIES = 1_000
"""Entries of one list or table."""
MAX_TEXT = 1_000
"""Characters of one key, pattern or name."""
MAX_REASON = 400
"""Characters of what is said of one problem, which quotes the file."""
MAX_WORD = 64
"""Characters of a word for which one that was meant is looked for."""

_VERSIONS: dict[str, Callable[[str], object]] = {
    "peft": parse_release_number,
    "transformers": parse_release,
}
"""Kind of a key -> what raises ValueError for a text that is no such version."""


class _Reader:
    """Checks values and collects what is wrong with them."""

    def __init__(self, file: str, text: str, prefix: tuple[str, ...]) -> None:
        self.file = file
        self.text = text
        self.prefix = prefix
        self.problems: list[str] = []

    def fail(self, path: tuple[str, ...], reason: str) -> None:
        """Note a problem. Raises SettingsError, with all of them, when there are too many."""
        line, column = find_key_position(self.text, self.prefix + path)
        text = reason if len(reason) <= MAX_REASON else f"{reason[:MAX_REASON]}..."
        self.problems.append(f"{self.file}:{line}:{column}: {text}")
        if len(self.problems) == MAX_PROBLEMS:
            raise SettingsError([*self.problems, f"{self.file}: more may be wrong"])

    def is_bounded(self, path: tuple[str, ...], value: list[Any] | dict[str, Any]) -> bool:
        """Whether a list or table has no more entries than are read, and no longer texts."""
        if len(value) > MAX_ENTRIES:
            self.fail(path, f"{len(value):,} entries, and at most {MAX_ENTRIES:,} are read")
            return False
        for text in value:
            if isinstance(text, str) and len(text) > MAX_TEXT:
                self.fail(
                    path, f"a text of {len(text):,} characters; at most {MAX_TEXT:,} are read"
                )
                return False
        return True

    def read_table(self, data: Value) -> dict[str, Any]:
        """The values under `SettingsFile`'s names."""
        if not isinstance(data, dict):
            self.fail((), "`loracheck` must be a table")
            return {}
        values = {}
        if not self.is_bounded((), data):
            return {}
        for name, value in data.items():
            if name not in KEYS:
                self.fail((name,), f"unknown key `{name}`{_did_you_mean(name, KEYS)}")
                continue
            values[name.replace("-", "_")] = self.read_value(name, KEYS[name], value)
        return values

    def read_value(self, name: str, key: Key, value: Value) -> Any:
        if key.kind in ("codes", "strings"):
            return self.read_strings((name,), value, codes=key.kind == "codes")
        if key.kind == "paths":
            return self.read_paths((name,), value)
        if key.kind == "engines":
            return self.read_engines(name, value)
        if key.kind.endswith("-by-path"):
            return self.read_by_path(name, key, value)
        if key.kind == "rules":
            return self.read_rules(value)
        if key.kind == "flag":
            return self.require_type((name,), value, bool, "true or false")
        self.require_type((name,), value, str, "a string")
        if key.kind == "specifier" and isinstance(value, str):
            return self.read_own_version(name, value)
        if key.kind in _VERSIONS and isinstance(value, str):
            return self.read_version(name, key.kind, value)
        if key.choices and value not in key.choices:
            near = _did_you_mean(str(value), key.choices)
            self.fail((name,), f"`{name}` must be one of {', '.join(key.choices)}{near}")
        return value

    def require_type(self, path: tuple[str, ...], value: Value, kind: type, words: str) -> Any:
        if not isinstance(value, kind):
            self.fail(path, f"`{path[-1]}` must be {words}")
        return value

    def read_paths(self, path: tuple[str, ...], value: Value) -> tuple[str, ...]:
        """One path, or a list of them."""
        return self.read_strings(path, [value] if isinstance(value, str) else value, codes=False)

    def read_strings(self, path: tuple[str, ...], value: Any, *, codes: bool) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(path, f"`{path[-1]}` must be a list of strings")
            return ()
        if not self.is_bounded(path, value):
            return ()
        for code in value if codes else ():
            self.check_code(path, code)
        return tuple(value)

    def read_engines(self, name: str, value: Value) -> tuple[str, ...]:
        strings = self.read_strings((name,), value, codes=False)
        for text in strings:
            from loracheck.engines import UnknownEngineError, parse_engine

            try:
                parse_engine(text)
            except UnknownEngineError as error:
                self.fail((name,), str(error))
        return strings

    def read_version(self, name: str, kind: str, value: str) -> str:
        try:
            _VERSIONS[kind](value)
        except ValueError as error:
            self.fail((name,), str(error))
        return value

    def read_own_version(self, name: str, value: str) -> str:
        """A version specifier (PEP 440) that this loracheck must meet."""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            allowed = SpecifierSet(value)
        except InvalidSpecifier:
            self.fail((name,), f"`{name}` must be a version specifier, as `>=0.2,<1`")
            return value
        if not allowed.contains(__version__, prereleases=True):
            self.fail(
                (name,), f"this project is checked by loracheck {value}; this is {__version__}"
            )
        return value

    def check_code(self, path: tuple[str, ...], code: str) -> None:
        try:
            select_codes((code,))
        except KeyError:
            self.fail(
                path,
                f"no rule is called `{code}`"
                f"{_format_suggestion(suggest_selector(code[:MAX_WORD]))}",
            )

    def read_by_path(self, name: str, key: Key, value: Value) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, dict):
            self.fail((name,), f"`{name}` must be a table from path patterns")
            return ()
        if not self.is_bounded((name,), value):
            return ()
        if key.kind == "codes-by-path":
            return tuple((p, self.read_strings((name, p), v, codes=True)) for p, v in value.items())
        if key.kind == "paths-by-path":
            return tuple((p, self.read_paths((name, p), v)) for p, v in value.items())
        return tuple(
            (p, self.require_type((name, p), v, str, "a string")) for p, v in value.items()
        )

    def read_rules(self, value: object) -> tuple[tuple[str, dict[str, Any]], ...]:
        rules = {rule.code: rule for rule in list_all_rules()}
        if not isinstance(value, dict):
            self.fail(("rules",), "`rules` must be a table from codes")
            return ()
        if not self.is_bounded(("rules",), value):
            return ()
        for code, severity in value.items():
            rule = rules.get(code)
            if rule is None:
                self.fail(
                    ("rules", code), f"no rule has the code `{code}`{_did_you_mean(code, rules)}"
                )
            elif not isinstance(severity, dict):
                self.fail(("rules", code), f"`{code}` must be a table of options")
            else:
                for name, number in severity.items():
                    self.check_option((code, name), number, rule.options)
        return tuple(value.items())

    def check_option(self, path: tuple[str, str], value: Value, names: Iterable[str]) -> None:
        code, name = path
        if name not in names:
            has = ", ".join(f"`{n}`" for n in names) or "none"
            self.fail(("rules", *path), f"{code} has no option `{name}` (it has {has})")
        elif (
            not isinstance(value, (int, float)) or isinstance(value, bool) or not _is_finite(value)
        ):
            self.fail(("rules", *path), f"`{name}` must be a number")


def _did_you_mean(word: str, names: Iterable[str]) -> str:
    if len(word) > MAX_WORD:  # comparing takes the square of a word in time
        return ""
    return _format_suggestion(next(iter(get_close_matches(word, list(names), 1, 0.6)), None))


def _format_suggestion(word: str | None) -> str:
    return f"; did you mean `{word}`?" if word else ""


def _is_finite(value: float) -> bool:
    """Whether a number is no infinity, no NaN, and no integer beyond every float."""
    try:
        return isfinite(value)
    except OverflowError:
        return False
