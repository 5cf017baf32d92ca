"""Cases of a rule beyond the examples of its page: `cases/LCNNN.md`.

Each case is a heading `## fires: what it shows` or `## silent: what it shows` with examples below
it, written as on a rule's page, and below these, where it fires, lines `says: text` that the
finding must contain and `severity: note` where it differs from the rule's own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from .pages import PART, Example, examples_of

FOLDER = Path(__file__).parent / "cases"
_HEAD = re.compile(r"^## (fires|silent): (.+)\n", re.MULTILINE)
_LINE = re.compile(r"^(says|severity): (.+)$", re.MULTILINE)


class RuleCase(NamedTuple):
    """One case. `says` are texts that the rule's findings hold, `severity` theirs where given."""

    code: str
    fires: bool
    title: str
    files: list[Example]
    says: list[str]
    severity: str | None


def cases() -> list[RuleCase]:
    """Every case of every file."""
    return [case for path in sorted(FOLDER.glob("*.md")) for case in read(path)]


def read(path: Path) -> list[RuleCase]:
    """The cases of one file, in order."""
    parts = _HEAD.split(path.read_text("utf-8"))[1:]
    return [
        _case(path.stem, kind == "fires", title, body)
        for kind, title, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def _case(code: str, fires: bool, title: str, body: str) -> RuleCase:
    lines = _LINE.findall(PART.sub("", body))
    says = [text for word, text in lines if word == "says"]
    severity = next((text for word, text in lines if word == "severity"), None)
    return RuleCase(code, fires, title, examples_of(body), says, severity)
