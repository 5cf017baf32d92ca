"""Whether a schema is met, violated or undecided, for an instance of which parts are unknown.

An error of jsonschema's makes a schema violated. What would be an error if an unknown value were
so, or were not so, is a `Maybe`: a schema with nothing but Maybes is neither violated nor met
(Kleene's third value).
"""

from __future__ import annotations

from typing import Any, Literal

from jsonschema.exceptions import ValidationError

from loracheck.type_checking import TYPE_CHECKING

from .model import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Errors = Iterator[ValidationError]
    Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]
    """Of the validator, the keyword's value, the instance and the schema."""

Truth = Literal["met", "unknown", "violated"]

MAX_STEPS = 25_000
"""Keywords that are tried on one setting. A policy of a hundred rules tries some hundreds; one
whose parts refer to each other twice over and over would try billions.
"""


class Maybe(ValidationError):  # noqa: N818 - it is none
    """What is an error only if an unknown value makes it one."""

    def __init__(self) -> None:
        super().__init__("depends on a value that is not known")


class Steps:
    """Counts the keywords that are tried."""

    def __init__(self) -> None:
        self.remaining = MAX_STEPS

    def renew(self) -> None:
        """Begin a setting."""
        self.remaining = MAX_STEPS

    def spend(self) -> None:
        """Count one. Raises UndecidedError when all are spent."""
        self.remaining -= 1
        if self.remaining < 0:
            raise UndecidedError("it was stopped after too many steps")


steps = Steps()
"""Those of this process."""


def get_schema_chain(error: ValidationError) -> list[tuple[Any, str]]:
    """The schemas that an error came through, innermost first, each with its keyword."""
    chain: list[tuple[Any, str]] = vars(error).setdefault("chain", [])
    return chain


def judge(errors: Iterable[ValidationError]) -> Truth:
    """What the errors of a schema say of it."""
    unknown = False
    for error in errors:
        if not isinstance(error, Maybe):
            return "violated"
        unknown = True
    return "unknown" if unknown else "met"
