"""The baseline: a file of known findings, so that only new ones are reported.

An entry is a file's path (from the baseline's folder), code, field, digest of the message, and how
many equal ones there are; no line numbers, so that moving lines changes nothing.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents.json_file import MAX_INDEX, JsonFileError, load_json
from loracheck.fingerprints import digest

from .errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.findings import Finding

VERSION = 1


class Entry(NamedTuple):
    """A finding as the file keeps it."""

    path: str
    code: str
    field: str | None
    message: str


class Baseline(NamedTuple):
    """The known findings. `new_findings` takes those that it meets out of it, so one baseline
    serves one run.
    """

    folder: str
    """Absolute folder of the baseline's file, from which its paths go."""

    counts: Counter[Entry]
    """How often each finding is known."""

    def new_findings(self, file: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings of a file that the baseline does not know."""
        left = []
        for finding in findings:
            entry = _entry(self.folder, file, finding)
            if self.counts[entry] > 0:
                self.counts[entry] -= 1
            else:
                left.append(finding)
        return tuple(left)

    def count_gone(self, files: Iterable[str]) -> int:
        """How many known findings of the files `new_findings` has not met."""
        paths = {_relative(self.folder, file) for file in files}
        return sum(count for entry, count in self.counts.items() if entry.path in paths)


def load_baseline(file: str) -> Baseline:
    """The baseline in a file. Raises SettingsError where it is none."""
    try:
        data = load_json(file, MAX_INDEX)
        if data["version"] != VERSION:
            version = f"{data['version']!r:.40}"
            raise SettingsError([f"{file}: a baseline of version {version} is not known"])
        counts = Counter({_read(row): int(row["count"]) for row in data["findings"]})
    except OSError as error:
        raise SettingsError([f"{file}: cannot be read: {error.strerror}"]) from error
    except JsonFileError as error:
        raise SettingsError([f"{file}: not a baseline of loracheck: {error}"]) from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise SettingsError([f"{file}: not a baseline of loracheck"]) from error
    return Baseline(os.path.dirname(os.path.abspath(file)), counts)


def _read(row: dict[str, Any]) -> Entry:
    return Entry(str(row["path"]), str(row["code"]), row["field"], str(row["message"]))


def render_baseline(file: str, found: Iterable[tuple[str, Iterable[Finding]]]) -> str:
    """The text of a baseline, to be written to `file`, that knows all findings of (path of a file,
    its findings).
    """
    folder = os.path.dirname(os.path.abspath(file))
    counts = Counter(
        _entry(folder, path, finding) for path, findings in found for finding in findings
    )
    rows = [
        json.dumps({**entry._asdict(), "count": count}, ensure_ascii=False)
        for entry, count in sorted(counts.items(), key=lambda row: tuple(map(str, row[0])))
    ]
    body = ",\n    ".join(rows)
    inner = f"\n    {body}\n  " if rows else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{inner}]\n}}\n'


def _entry(folder: str, file: str, finding: Finding) -> Entry:
    return Entry(_relative(folder, file), finding.code, finding.field, digest(finding))


def _relative(folder: str, file: str) -> str:
    try:
        found = os.path.relpath(file, folder)
    except ValueError:  # another drive on Windows
        found = os.path.abspath(file)
    return found.replace(os.sep, "/")
