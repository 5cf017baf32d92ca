"""`Totals`: what a run adds up to, counted file by file, so that no file's result need be kept for
it.
"""

from __future__ import annotations

from collections import Counter

from loracheck.type_checking import TYPE_CHECKING

from .sinks import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.findings import Finding
    from loracheck.results import FileResult, SettingResult


class Totals:
    """The sums over the results that were given to `add`."""

    def __init__(self) -> None:
        self.files = 0
        self.unreadable = 0
        """Files that could not be read."""

        self.clean = 0
        """Files of which nothing is said."""

        self.settings = 0
        self.unjudged = 0
        """LoRA settings that were not held against a module tree."""

        self.levels: Counter[str] = Counter()
        """Findings by severity."""

        self.rules: Counter[tuple[str, str]] = Counter()
        """Findings by code and name of the rule, in the order in which the rules first spoke."""

        self.with_fix: Counter[str] = Counter()
        """Findings that have a fix, by code."""

        self.safe_fixes = 0
        self.unsafe_fixes = 0
        """Fixes that can be applied."""

        self.unreadable_findings = 0
        """Findings of the files that could not be read."""

        self.unreadable_notes = 0
        self.judged_by: dict[tuple[str | None, ...], str] = {}
        """The pairs of releases that judged, each in the words of its first setting."""

        self.release_notes: dict[str, None] = {}
        """What is to be said of the releases."""

    @property
    def findings(self) -> int:
        """Number of all findings."""
        return self.levels.total()

    def add(self, result: FileResult) -> None:
        """Count one file."""
        self.files += 1
        self.unreadable += result.unreadable
        self.clean += not result.findings
        self.unreadable_findings += len(result.findings) if result.unreadable else 0
        for finding in result.findings:
            self._add_finding(finding)
            self.unreadable_notes += result.unreadable and finding.severity == "note"
        for setting in result.settings:
            self._add_setting(setting)

    def add_clean(self, files: int) -> None:
        """Count so many files without a finding and without a setting."""
        self.files += files
        self.clean += files

    def _add_finding(self, finding: Finding) -> None:
        self.levels[finding.severity] += 1
        self.rules[finding.code, finding.name] += 1
        if finding.fix is not None:
            self.with_fix[finding.code] += 1
            if finding.fix.changes:
                self.safe_fixes += finding.fix.safe
                self.unsafe_fixes += not finding.fix.safe

    def _add_setting(self, setting: SettingResult) -> None:
        self.settings += 1
        self.unjudged += not setting.judged
        if setting.judged:
            pair = setting.library, setting.transformers, setting.peft
            self.judged_by.setdefault(pair, _describe_releases(setting))
        for note in setting.release_notes:
            self.release_notes.setdefault(note)


def count_results(results: Iterable[FileResult]) -> Totals:
    """The totals of all results."""
    totals = Totals()
    for result in results:
        totals.add(result)
    return totals


def _describe_releases(one: SettingResult) -> str:
    parts = [one.library] if one.library else []
    parts += [
        f"{name} {version} ({make_printable(why)})" if why else f"{name} {version}"
        for name, version, why in (
            ("transformers", one.transformers, one.transformers_from),
            ("PEFT", one.peft, one.peft_from),
        )
        if version
    ]
    return " and ".join(parts)
