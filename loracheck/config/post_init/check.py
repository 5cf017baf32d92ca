"""One check of `LoraConfig.__post_init__` as data: when it speaks, what PEFT says, what we say."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    from loracheck.config.issue import Effect, Kind
    from loracheck.documents.values import Value

    from .value_tests import ValueTest
else:
    Protocol = object

Release = tuple[int, int]
"""Major and minor version of a PEFT release."""

IS_WARNING = "UserWarning"
"""The `exception` of a check that warns."""


class ConfigValues(Protocol):
    """A config whose checks are made: its values, PEFT's defaults behind them, and the release."""

    release: Release

    def get(self, name: str) -> Value:
        """The field's value, or PEFT's default."""


class Finding(NamedTuple):
    """What `check` says where a check of PEFT speaks; the fields of its `Issue`."""

    id: str
    field: str
    text: str
    """`{r}` stands for the value of a field in `shown`, `{outcome}` for what PEFT does."""
    help: str
    shown: tuple[str, ...] = ()
    kind: Kind = "conflict"
    effect: Effect = "raises"
    outcome: str | None = None
    """None stands for raising the check's exception."""
    when_unchecked: tuple[Effect, str] | None = None
    """Effect and outcome in the releases before the check, and where PEFT's chain does not come to
    it; None where nothing is to be said then.
    """
    of_right_type: bool = False
    """Whether a value of a wrong type is left to the issue about its type."""


class PostInitCheck(NamedTuple):
    """One check. It speaks where all tests of `when` hold and not all of `unless`.

    The first field of `when` is one that differs from its default where the check speaks.
    """

    code: str
    """`PlanError.code` or `PlanWarning.code`."""
    field: str | None
    """The field that the error or warning is about."""
    when: Mapping[str, ValueTest]
    message: str
    """PEFT's words; `{r}` stands for the field's value, `{task_types}` for the choices."""
    since: Release
    until: Release | None = None
    """The first release that no longer has the check, None for none."""
    exception: str = "ValueError"
    """The exception that PEFT raises, IS_WARNING for a warning."""
    unless: Mapping[str, ValueTest] = {}
    in_chain: bool = False
    """Whether it is a branch of PEFT's one if/elif chain: the first of these whose `when` holds is
    the only one that PEFT comes to.
    """
    finding: Finding | None = None
    """None where `check` judges the field by itself."""
    schema_comment: str | None = None
    """The comment of the schema's condition, None where the schemas do not say it."""

    def is_in(self, release: Release) -> bool:
        """Whether the release makes the check."""
        return self.since <= release and (self.until is None or release < self.until)

    def reaches(self, values: ConfigValues) -> bool:
        """Whether all values of `when` are known and as it says."""
        return _is_every_test_met(self.when, values)

    def speaks(self, values: ConfigValues) -> bool:
        """Whether the values are refused or warned of, for certain: none of them is Unknown."""
        if not self.reaches(values) or has_unknown_value(self.unless, values):
            return False
        return not self.unless or not _is_every_test_met(self.unless, values)

    def format_message(self, values: ConfigValues) -> str:
        """PEFT's message for the values."""
        if "{" not in self.message:
            return self.message
        slots = {name: values.get(name) for name in self.when}
        task_types = ", ".join(get_lora_fields()["task_type"].choices)
        return self.message.format(**slots, task_types=task_types)


def _is_every_test_met(tests: Mapping[str, ValueTest], values: ConfigValues) -> bool:
    for name, test in tests.items():
        value = values.get(name)
        if isinstance(value, Unknown) or not test.holds(value):
            return False
    return True


def has_unknown_value(names: Iterable[str], values: ConfigValues) -> bool:
    """Whether the value of one of the fields is Unknown."""
    return any(isinstance(values.get(name), Unknown) for name in names)
