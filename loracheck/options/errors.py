"""The errors that this package raises; a front end shows them in its own way."""

from __future__ import annotations


class OptionError(ValueError):
    """Options of a run that make no sense; the message is one sentence for the user."""


class SettingsError(Exception):
    """A settings file or a baseline that cannot be used."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        """One line for each fault, with its place."""
