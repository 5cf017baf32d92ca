"""`Finding`: what a rule says about one place of one file. Reporters see nothing else."""

from __future__ import annotations

from loracheck.documents.model import Path, Span
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Literal

    Severity = Literal["error", "warning", "note"]
    """error: PEFT refuses it, or it provably does nothing; warning: accepted, probably not what was
    meant; note: worth knowing.
    """
else:
    Severity = str


LEVELS: dict[str, int] = {"note": 0, "warning": 1, "error": 2}
"""Severity -> its rank, the worst highest."""


class RelatedPlace(NamedTuple):
    """Another place that belongs to the finding."""

    span: Span
    label: str

    path: str | None = None
    """The file's path as it was opened, where it is another file."""


class Edit(NamedTuple):
    """Replace the text of `span` by `text`."""

    span: Span
    text: str


class Change(NamedTuple):
    """What a fix changes in the document's values. It is applied only where the edited text parses
    to exactly this.
    """

    kind: Literal["set", "rename", "drop", "add"]
    """set: the value at `path` becomes `value`; rename: its key becomes `value`; drop: it goes;
    add: the pair `value` comes into its mapping, behind it.
    """

    path: Path
    """Where in the document."""

    value: Any = None
    """The new value, key or pair."""


class Fix(NamedTuple):
    """A change of the text that mends a finding."""

    title: str
    """What it does, in a few words."""

    edits: tuple[Edit, ...]
    """The edits of the text."""

    safe: bool = False
    """True where it is provably right, False where it is only likely right."""

    changes: tuple[Change, ...] = ()
    """What the edits change in the values; a fix without any is shown, never applied."""


class Repeat(NamedTuple):
    """How a rule says the same of several places of one setting: such findings are joined."""

    predicate: str
    """What is said of all of them, after their names: "match no module of Phi3ForCausalLM"."""

    setting: Any = None
    """What tells the settings of a file apart."""

    subject: str = ""
    """What is spoken of, as the message has it: "`q_proj`"."""

    mend: str | None = None
    """What to write for it: "`qkv_proj`"."""


class Finding(NamedTuple):
    """One diagnostic."""

    code: str
    """Code of the rule, as LC201."""

    name: str
    """Name of the rule."""

    severity: Severity
    """How bad it is."""

    message: str
    """What is wrong, with the numbers, in the words of the file's tool."""

    path: str
    """The file's path as the report shows it."""

    span: Span
    """Where in the text."""

    help: str | None = None
    """What to write instead."""

    field: str | None = None
    """The field of LoraConfig, or the tool's key, that it is about."""

    notes: tuple[str, ...] = ()
    """Further facts, such as what the model really has; one line each."""

    related: tuple[RelatedPlace, ...] = ()
    """Other places that belong to it."""

    fix: Fix | None = None
    """A change that mends it, where one is known."""

    repeat: Repeat | None = None
    """How it is joined with others that say the same."""


def is_at_or_above(finding: Finding, threshold: str) -> bool:
    """Whether the finding's severity reaches the threshold."""
    return LEVELS[finding.severity] >= LEVELS[threshold]
