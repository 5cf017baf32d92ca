"""The types of this room: `Policy`, `Violation`, and the values that are known in part."""

from __future__ import annotations

from typing import Any

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.values import Value
    from loracheck.findings import Severity


class PolicyError(Exception):
    """A policy that cannot be used. `problems` are lines for people, each with its place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UndecidedError(Exception):
    """A policy that comes to no end with a setting; the message is one sentence."""


class OpenDict(dict[str, Any]):
    """A mapping that may have further keys, which are not known."""


class Between:
    """A number that is not known but for the bounds between which it lies, both included."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high


class Policy(NamedTuple):
    """A policy as it was read."""

    path: str
    """The path of its file."""

    schema: dict[str, Any]
    """The schema."""

    document: Document
    """The file, for places."""

    places: Mapping[int, Path]
    """`id` of each mapping of the schema -> its path in the document."""

    validator: Any
    """jsonschema's validator of the schema, with the keywords of this room."""

    def span(self, schema: Any, keyword: str | None = None) -> Span:
        """Where a part of the schema stands, or one of its keywords."""
        path = self.places.get(id(schema), (0,))
        if keyword is None or keyword not in schema:
            return self.document.span(path)
        return self.document.span((*path, keyword), key=True)


class Violation(NamedTuple):
    """One thing about a setting that a policy does not allow."""

    at: tuple[str | int, ...]
    """The path of the value in the setting's normal form."""

    message: str
    """What is wrong."""

    help: str | None
    """What would be right, where the policy says it."""

    severity: Severity | None
    """The policy's `x-severity`."""

    is_key: bool
    """Whether it is the key at `at` that may not be there."""

    policy: Policy
    """The policy that is violated."""

    span: Span
    """The place in the policy."""


def holds_unknown(value: Value) -> bool:
    """Whether a value is known in part only."""
    if isinstance(value, (Unknown, Between, OpenDict)):
        return True
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    return isinstance(value, list) and any(map(holds_unknown, value))
