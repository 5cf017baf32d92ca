"""Fingerprints: names of findings that stay the same when lines move. SARIF, GitLab Code Quality
and the baseline use them.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.findings import Finding

_LINE = compile_when_used(r"\bline \d+")


def compute_fingerprint(finding: Finding) -> str:
    """16 hex digits for what the finding says, without the line numbers in its words."""
    from hashlib import sha256

    words = _LINE.sub("line", finding.message)
    parts = "\0".join((finding.code, finding.field or "", words))
    return sha256(parts.encode("utf-8", "replace")).hexdigest()[:16]


def compute_fingerprints(path: str, findings: Iterable[Finding]) -> list[str]:
    """One name for each finding of a file, none twice: path, code, field, message, and which of
    several equal ones it is.
    """
    from hashlib import sha256

    counts: dict[str, int] = {}
    names = []
    for finding in findings:
        key = compute_fingerprint(finding)
        counts[key] = counts.get(key, 0) + 1
        text = f"{path}\0{key}\0{counts[key]}"
        names.append(sha256(text.encode("utf-8", "replace")).hexdigest()[:32])
    return names
