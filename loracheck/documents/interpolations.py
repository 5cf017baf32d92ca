"""The values of a configuration that OmegaConf would read, with what its interpolations mean."""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .model import Unknown

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Table

MAX_TEXT = 4096
"""Longest text that interpolations make."""

_FLOAT = re.compile(r"[+-]?\d[\d_]*(?:\.\d*)?[eE][+-]?\d+")
"""A number for OmegaConf, and a text for PyYAML; a text for both where it stands in quotes."""

_INTERPOLATION = re.compile(r"\$\{([\w.-]+)\}")


class Resolver:
    """Resolves the interpolations by absolute keys (`${model.name}`) of composed values."""

    def __init__(self, values: Table) -> None:
        self._values = values
        self._known: dict[str, Any] = {}
        """Key path -> what it means; `Unknown` while it is being worked out."""

    def resolve_all(self) -> Table:
        """The values with what the interpolations mean; `Unknown` for one that means no plain
        value, and for a value that must be given.
        """
        return {key: self._resolve(value) for key, value in self._values.items()}

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._resolve(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._resolve(one) for one in value]
        return self._fill_in(_get_text(value)) if isinstance(value, (str, Unknown)) else value

    def _fill_in(self, text: str) -> Any:
        if "${" not in text:
            return Unknown(text) if text == "???" or _FLOAT.fullmatch(text) else text
        whole = _INTERPOLATION.fullmatch(text)
        if whole is not None:
            return self._look_up(whole[1])
        parts = [self._look_up(one) for one in _INTERPOLATION.findall(text)]
        if not all(isinstance(one, (str, int, float)) for one in parts):
            return Unknown(text)
        texts = iter(map(str, parts))
        filled = _INTERPOLATION.sub(lambda _: next(texts), text)
        return Unknown(text) if "${" in filled or len(filled) > MAX_TEXT else filled

    def _look_up(self, path: str) -> Any:
        if path not in self._known:
            self._known[path] = Unknown(f"${{{path}}}")
            value: Any = self._values
            for part in path.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if isinstance(value, (str, Unknown)):
                self._known[path] = self._fill_in(_get_text(value))
            elif isinstance(value, (int, float)):
                self._known[path] = value
        return self._known[path]


def _get_text(value: str | Unknown) -> str:
    """The text of a value: YAML's reader calls one with an interpolation unknown."""
    return value.text if isinstance(value, Unknown) else value
