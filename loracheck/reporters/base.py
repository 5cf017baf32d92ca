"""What a reporter is given: the run's outcomes and a few totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Finding
    from loracheck.pipeline import Outcome


class Report(NamedTuple):
    """A finished run. `files` counts every file looked at, also those without a LoRA setting."""

    outcomes: tuple[Outcome, ...]
    files: int
    colour: bool = False

    def findings(self) -> Iterator[Finding]:
        """All findings, file by file in the order given."""
        for outcome in self.outcomes:
            yield from outcome.findings

    def count(self, severity: str) -> int:
        """Number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings())

    @property
    def settings(self) -> int:
        """Number of LoRA settings found."""
        return sum(len(outcome.settings) for outcome in self.outcomes)
