"""`Option`: one option of a command as data, from which click gets its option, and the parser of
plain command lines its own.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Option(NamedTuple):
    """An option of a command."""

    flags: tuple[str, ...]
    """How it is written, `--online/--offline` for one that is on or off."""

    help: str
    """What it does, for `--help`."""

    metavar: str | None = None
    """What its value is called; None for a flag, which has none."""

    multiple: bool = False
    """Whether it may be given several times; its value is a tuple then."""

    default: Any = None
    """Its value where it is not given; a flag's is False unless it is on or off."""

    choices: tuple[str, ...] = ()
    """The words that it takes, empty where any will do."""

    least: int | None = None
    """The smallest number that it takes; None where it takes no number."""

    convert: Callable[[str], Any] | None = None
    """Turns its word into its value. Raises ValueError with what is wrong."""

    complete: Callable[..., Any] | None = None
    """click's completion of its value in a shell."""

    type: Callable[[], Any] | None = None
    """Makes click's type of its value, which does what `convert` does."""

    parameter: str | None = None
    """The name of its value where that is not its first long flag."""

    variable: str | None = None
    """The environment variable that stands for it, where its name does not say."""

    @property
    def name(self) -> str:
        """The name of its value."""
        if self.parameter is not None:
            return self.parameter
        first = next(flag for flag in self.flags if flag.startswith("--"))
        return first.partition("/")[0].removeprefix("--").replace("-", "_")

    @property
    def takes_value(self) -> bool:
        """Whether a word follows it."""
        return self.metavar is not None or bool(self.choices)

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off, or not given."""
        return "/" in self.flags[0]
