"""Where a LoRA field stands in a file, and how another value or key is written there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.fixes.document_text import DocumentText

if TYPE_CHECKING:
    from loracheck.documents.model import Path
    from loracheck.tools.core.setting import Setting


class SettingText:
    """One setting's keys and values, to be rewritten in the text."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.source = DocumentText(setting.document)
        self.python = setting.document.format in ("python", "notebook")

    def find_key(self, field: str) -> str | None:
        """The tool's key for a field of LoraConfig, of several the one that the file sets; None
        where it has none.
        """
        tool = self.setting.tool
        if tool is None:
            return field
        names = [key.name for key in tool.keys if key.field == field]
        set_ = [name for name in names if name in self.setting.mapping]
        return next(iter([*set_, *names]), None)

    def find_path(self, field: str) -> Path | None:
        """Where the field stands in the file; None where the file does not set it."""
        key = self.find_key(field)
        if key is None:
            return None
        if key in self.setting.mapping:
            return (*self.setting.path, key)
        place = self.setting.places.get(field)  # a positional argument
        return place if place and self.python and place[-1] in self.setting.mapping else None

    def value(self, field: str) -> Any:
        """What the file says; None where it says nothing."""
        path = self.find_path(field)
        return None if path is None else self.source.get_value_at(path)

    def is_known(self, field: str) -> bool:
        """Whether the file sets the field to something that can be known."""
        value = self.value(field)
        return value is not None and not isinstance(value, Unknown)

    def write(self, field: str, value: Any) -> str | None:
        """The text with another value, added where the file has none."""
        path = self.find_path(field)
        if path is None:
            key = self.find_key(field)
            return None if key is None else self.add(key, value)
        return self.replace(path, value)

    def replace(self, path: Path, value: Any) -> str | None:
        """The text with another value at a path."""
        start, end = self.source.find_span_offsets(self.setting.document.span(path))
        old = self.source.get_source_between(start, end)
        if "\0" in old or start >= end:
            return None
        new = self._spell(value)
        block = self.setting.document.format == "yaml" and old[:1] not in ("[", "{")
        if block and isinstance(self.source.get_value_at(path), (list, dict)):
            start = self.source.find_end_of_key(path)
            if start < 0 or "#" in old:
                return None
            new = " " + new
        return self._apply(start, end, new)

    def rename(self, path: Path, name: str) -> str | None:
        """The text with another key for the value at a path."""
        span = self.setting.document.span(path, key=True)
        start, end = self.source.find_span_offsets(span)
        old = self.source.get_source_between(start, end)
        if str(path[-1]) not in old or span == self.setting.document.span(path):
            return None
        return self._apply(start, end, old.replace(str(path[-1]), name))

    def double(self, path: Path, value: Any) -> str | None:
        """The text with the same key a second time, in front, with another value."""
        return self._insert_before(path, str(path[-1]), value)

    def add(self, name: str, value: Any) -> str | None:
        """The text with one more key in the setting's mapping."""
        for key in self.setting.mapping:
            path = (*self.setting.path, key)
            span = self.setting.document.span(path, key=True)
            start, end = self.source.find_span_offsets(span)
            if isinstance(key, str) and key in self.source.get_source_between(start, end):
                return self._insert_before(path, name, value)
        return None

    def _insert_before(self, path: Path, name: str, value: Any) -> str | None:
        start, end = self.source.find_span_offsets(self.setting.document.span(path, key=True))
        if str(path[-1]) not in self.source.get_source_between(start, end):
            return None
        format = self.setting.document.format
        text = self._spell(value)
        line = self.source.lines.span(start, start).line
        indent = " " * (start - self.source.lines.starts[line - 1])
        if format == "json" or self.source.text[start - 1 : start] == '"':
            return self._apply(start, start, f"{json.dumps(name)}: {text}, ")
        if format == "toml":
            return self._apply(start, start, f"{name} = {text}\n")
        if self.python:
            return self._apply(start, start, f"{name}={text}, ")
        flow = self.source.text[:start].rstrip()[-1:] in ("{", ",")
        between = ", " if flow else "\n" + indent
        return self._apply(start, start, f"{name}: {text}{between}")

    def _spell(self, value: Any) -> str:
        return repr(value) if self.python else json.dumps(value)

    def _apply(self, start: int, end: int, new: str) -> str:
        text = self.source.text
        return text[:start] + self.source.make_edit(start, end, new).text + text[end:]
