"""Cases of a rule beyond the examples of its page: `cases/LCNNN.md`.

Each case is a heading `## fires: what it shows` or `## silent: what it shows` with examples below
it, written as on a rule's page, and below these, where it fires, lines `says: text` that the
finding must contain and `severity: note` where it differs from the rule's own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from .pages import BLOCK, Example, examples_of

FOLDER = Path(__file__).parent / "cases"
ROOT = Path(__file__).parents[2]
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
    """The cases of one file, in order. Raises BlockError, with file and line, for a fenced block
    that cannot be a file.
    """
    text = path.read_text("utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [_case(path, text, head, end) for head, end in zip(heads, ends, strict=True)]


def _case(path: Path, text: str, head: re.Match[str], end: int) -> RuleCase:
    body = text[head.end() : end]
    files = examples_of(body, _shown(path), text[: head.end()].count("\n") + 1)
    lines = _LINE.findall(BLOCK.sub("", body))
    says = [said for word, said in lines if word == "says"]
    severity = next((said for word, said in lines if word == "severity"), None)
    return RuleCase(path.stem, head[1] == "fires", head[2], files, says, severity)


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
