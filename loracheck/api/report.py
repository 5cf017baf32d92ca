"""`Report`: all that is said of one config, for programs, terminals and notebooks."""

from __future__ import annotations

from functools import cached_property

from loracheck.findings import LEVELS, is_at_or_above
from loracheck.named_tuple import NamedTuple
from loracheck.reporters import render
from loracheck.reporters import report as reports
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loracheck.explain.file.entries import Entry
    from loracheck.explain.file.impact import Impact
    from loracheck.findings import Finding, Severity
    from loracheck.results import FileResult, SettingResult


FOR_PEOPLE = frozenset({"full", "concise"})
"""Formats that tell how many findings the command could mend."""


class ConfigError(Exception):
    """A config has findings that the caller does not let pass; the message is the whole report."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"\n{report}")
        self.report = report
        """The report with all findings."""


class PlanNumbers(NamedTuple):
    """What PEFT would do with one setting, in numbers; None where a number is not known."""

    targeted: int
    """Modules (and parameters) that get LoRA."""

    trainable: int | None
    """Parameters that train, as PEFT's `get_nb_trainable_parameters` counts them."""

    total: int | None
    """All parameters of the model with its adapter."""

    reach: tuple[Entry, ...]
    """What each entry of the config's lists matched, and for how many modules it decided."""

    error: str | None
    """The error that PEFT would raise; None where it raises none."""


class Report:
    """What loracheck says of one config. `str(report)` is the report for people; a notebook shows
    it with the coverage map.
    """

    def __init__(
        self, result: FileResult, assess: Callable[[], Sequence[Impact]], *, on_disk: bool = True
    ) -> None:
        self.result = result
        """What came of the config: findings, settings, lines."""
        self._assess = assess
        self._on_disk = on_disk

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, in the order of the text."""
        return self.result.findings

    @property
    def settings(self) -> tuple[SettingResult, ...]:
        """The LoRA settings that the config holds, each with its model and the releases that
        judged it.
        """
        return self.result.settings

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return not any(is_at_or_above(finding, "warning") for finding in self.findings)

    @cached_property
    def plans(self) -> tuple[PlanNumbers | None, ...]:
        """What each setting does; None for one that could not be held against a model."""
        return tuple(_build_numbers(impact) for impact in self._assess())

    @property
    def plan(self) -> PlanNumbers | None:
        """What the first setting does; None where there is none, or no model to hold it against."""
        return next(iter(self.plans), None)

    def raise_for_errors(self, fail_on: Severity = "error") -> None:
        """Raises ConfigError, which has this report, where a finding is as bad as `fail_on` or
        worse. Raises ValueError for what is no severity.
        """
        if fail_on not in LEVELS:
            raise ValueError(f"fail_on is one of {', '.join(LEVELS)}, and not {fail_on!r}")
        if any(is_at_or_above(finding, fail_on) for finding in self.findings):
            raise ConfigError(self)

    def render(self, output_format: str = "full", *, colour: bool = False) -> str:
        """The report in one of the formats of `loracheck check --format`. Raises ValueError for any
        other.
        """
        from loracheck.reporters import FORMATS

        if output_format not in FORMATS:
            raise ValueError(f"the formats are {', '.join(FORMATS)}, and not {output_format!r}")
        result = self.result
        if not self._on_disk and output_format in FOR_PEOPLE:
            # There is no file that `--fix` could mend.
            bare = (finding._replace(fix=None) for finding in result.findings)
            result = result._replace(findings=tuple(bare))
        return render(reports.Report((result,), 1, colour), output_format)

    def to_json(self) -> str:
        """The report as JSON, as `loracheck check --format json` writes it (schemas/)."""
        return self.render("json")

    def to_html(self) -> str:
        """A whole page: findings, numbers, and the coverage map of the layers."""
        from loracheck.explain.html.page import render_html

        return render_html(self._assess(), self.result.path)

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{sum(f.severity == level for f in self.findings)} {level}s" for level in LEVELS
        )
        return f"<Report of {self.result.path}: {counts}>"

    def __rich__(self) -> str:
        from rich.markup import escape

        return escape(str(self))

    def _repr_html_(self) -> str:
        from .notebook import show_page, show_text

        return show_page(self.to_html()) if self.settings else show_text(str(self))


def _build_numbers(impact: Impact) -> PlanNumbers | None:
    if not impact.judged:
        return None
    refusal = impact.refusal
    error = f"{refusal.exception}: {refusal.message}" if refusal else None
    return PlanNumbers(impact.targeted or 0, impact.trainable, impact.total, impact.entries, error)
