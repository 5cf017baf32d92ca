"""The editor's open texts, and the settings that they are judged under. Knows no protocol."""

from __future__ import annotations

from typing import Any

from loracheck.options.errors import OptionError, SettingsError
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.type_checking import TYPE_CHECKING

from .analysis import Analysis, analyse
from .half_typed import find_cursor
from .last_findings import keep_findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.documents.values import Value
    from loracheck.options.lint_settings import LintSettings
    from loracheck.results import FileResult

NAMES = ("model", "peft", "transformers", "config")
LISTS = ("select", "extend_select", "ignore", "serve", "policy")
"""The options of `RunOptions` that an editor may give, by their type. Not `python`: an editor may
have its settings from the repository, whose word must not start a program.
"""

WHOLE = "workspace"
"""The editor's setting that asks for the findings of files that are not open."""


class OpenText:
    """One text of the editor."""

    def __init__(self, path: str, text: str, version: int) -> None:
        self.path = path
        self.text = text
        self.version = version
        self.cursor: int | None = None
        """The cursor's offset while somebody types; None for a text as it was opened."""
        self.analysis: Analysis | None = None
        """What is known of the text; None until it is judged."""
        self.readable: Analysis | None = None
        """What was known when the text could be read the last time."""

    def change(self, text: str, version: int) -> None:
        """Take a new text."""
        self.cursor = find_cursor(self.text, text)
        self.text, self.version, self.analysis = text, version, None


class Workspace:
    """The open texts by address, and what the editor wants of the checks."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.texts: dict[str, OpenText] = {}
        self._say = say
        self.options = RunOptions()
        """What the editor asks of the checks."""
        self.whole_workspace = False
        """Whether files that are not open are told of, too."""
        self.reported_files: dict[str, FileResult] = {}
        """Address -> what was found in a file when the workspace was checked."""
        self._settings: dict[str, LintSettings] = {}
        self._shown_messages: set[str] = set()

    def configure(self, wishes: Value) -> None:
        """Take the editor's settings; what is no option is said and left out."""
        values: dict[str, Any] = {}
        for name, value in wishes.items() if isinstance(wishes, dict) else ():
            key = str(name).replace("-", "_")
            if key in NAMES and isinstance(value, str):
                values[key] = value or None
            elif key in LISTS and isinstance(value, list):
                values[key] = tuple(map(str, value))
            elif key == WHOLE and isinstance(value, bool):
                self.whole_workspace = value
            elif value is not None:
                self.say_once(f"{name!r:.80} is no setting of loracheck, or has a wrong type")
        self.options = RunOptions(**values)
        self.forget()

    def forget(self) -> None:
        """Judge everything anew: settings, pins or models may have changed."""
        from loracheck.releases.choose import choose

        choose.cache_clear()
        self._settings.clear()
        for text in self.texts.values():
            text.analysis = None

    def get_settings(self, path: str) -> LintSettings:
        """The settings of a file: the editor's, and those of the settings file above it. One that
        cannot be used is said once, and left out.
        """
        if path not in self._settings:
            for options in (
                self.options,
                RunOptions(config=self.options.config),
                RunOptions(isolated=True),
            ):
                try:
                    self._settings[path] = resolve_settings(options, (path,)).for_path(path)
                    break
                except (OptionError, SettingsError, OSError) as error:
                    self.say_once(str(error))
        return self._settings[path]

    def analyse(self, text: OpenText) -> Analysis:
        """What is known of a text, worked out once for each version."""
        if text.analysis is None:
            version, content = text.version, text.text
            findings = analyse(text.path, content, self.get_settings(text.path), text.cursor)
            if findings.document is None and text.cursor is not None and text.readable is not None:
                findings = keep_findings(findings, text.readable, text.cursor)
            if text.version != version:
                return findings
            text.analysis = findings
            if findings.document is not None:
                text.readable = findings
        return text.analysis

    def say_once(self, words: str) -> None:
        """Tell the user something that he has not been told."""
        if words not in self._shown_messages:
            self._shown_messages.add(words)
            self._say(words)
