"""The baseline: a file of known findings, so that only new ones are reported.

An entry is a file's path (from the baseline's folder), code, field, digest of the message, and how
many equal ones there are; no line numbers, so that moving lines changes nothing.
"""

from __future__ import annotations

import json
import os
from collections import Counter

from loracheck.documents.json_file import MAX_INDEX, JsonFileError, load_json
from loracheck.fingerprints import compute_fingerprint
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from loracheck.findings import Finding

VERSION = 1
MAX_COUNT = 1_000_000
"""Equal findings of one file; its size lets no file have more."""


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

    is_met: dict[str, bool]
    """Path of each file that a finding is known of -> whether `new_findings` has met it."""

    def new_findings(self, file: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings of a file that the baseline does not know."""
        new = []
        path = _compute_relative_path(self.folder, file)
        if path not in self.is_met:
            return tuple(findings)
        self.is_met[path] = True
        for finding in findings:
            entry = _build_entry(path, finding)
            if self.counts[entry] > 0:
                self.counts[entry] -= 1
            else:
                new.append(finding)
        return tuple(new)

    def count_gone(self) -> int:
        """How many known findings `new_findings` has not met, of the files that it has."""
        return sum(count for entry, count in self.counts.items() if self.is_met[entry.path])


def load_baseline(file: str) -> Baseline:
    """The baseline in a file. Raises SettingsError where it is none."""
    try:
        data = load_json(file, MAX_INDEX)
        counts = _read(data)
    except OSError as error:
        raise SettingsError([f"{file}: cannot be read: {error.strerror}"]) from error
    except (JsonFileError, _FormError) as error:
        raise SettingsError([f"{file}: not a baseline of loracheck: {error}"]) from error
    met = {entry.path: False for entry in counts}
    return Baseline(os.path.dirname(os.path.abspath(file)), counts, met)


class _FormError(ValueError):
    """What is wrong with the value, in words."""


def _read(data: object) -> Counter[Entry]:
    """The counts in the value of the file, which may be anything. Raises _FormError."""
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise _FormError("it has no list of `findings`")
    version = data.get("version")
    if version != VERSION or isinstance(version, bool):
        raise _FormError(f"its version is {version!r:.40}, and {VERSION} is known")
    counts: Counter[Entry] = Counter()
    for number, row in enumerate(data["findings"], 1):
        if not isinstance(row, dict):
            raise _FormError(f"finding {number} is no object")
        count = row.get("count")
        if type(count) is not int or not 0 < count <= MAX_COUNT:
            raise _FormError(f"`count` of finding {number} is no number from 1 to {MAX_COUNT:,}")
        counts[_read_entry(row, number)] += count
    return counts


def _read_entry(row: dict[str, Any], number: int) -> Entry:
    for key in ("path", "code", "message"):
        if not isinstance(row.get(key), str):
            raise _FormError(f"`{key}` of finding {number} is no text")
    if not isinstance(row.get("field"), (str, type(None))):
        raise _FormError(f"`field` of finding {number} is neither a text nor null")
    return Entry(row["path"], row["code"], row.get("field"), row["message"])


def render_baseline(file: str, findings_by_file: Iterable[tuple[str, Iterable[Finding]]]) -> str:
    """The text of a baseline, to be written to `file`, that knows all findings of (path of a file,
    its findings).
    """
    folder = os.path.dirname(os.path.abspath(file))
    counts = Counter(
        _build_entry(_compute_relative_path(folder, path), finding)
        for path, findings in findings_by_file
        for finding in findings
    )
    rows = [
        json.dumps({**entry._asdict(), "count": count}, ensure_ascii=False)
        for entry, count in sorted(counts.items(), key=lambda row: tuple(map(str, row[0])))
    ]
    body = ",\n    ".join(rows)
    inner = f"\n    {body}\n  " if rows else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{inner}]\n}}\n'


def _build_entry(path: str, finding: Finding) -> Entry:
    return Entry(path, finding.code, finding.field, compute_fingerprint(finding))


def _compute_relative_path(folder: str, file: str) -> str:
    try:
        absolute = os.path.relpath(file, folder)
    except ValueError:  # another drive on Windows
        absolute = os.path.abspath(file)
    return absolute.replace(os.sep, "/")
