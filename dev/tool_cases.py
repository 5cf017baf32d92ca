"""The files that tools' modules are tested with: `tests/tools/cases/`.

`<tool>/<file>` with `<file>.expected.json` beside it, or `<tool>.md`: a heading for each case,
below it the file as one fenced block and what is expected of its settings as another, in JSON.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[1] / "tests" / "tools" / "cases"

SUFFIXES = {
    "json": ".json",
    "yaml": ".yaml",
    "toml": ".toml",
    "sh": ".sh",
    "python": ".py",
}
"""Language of a fenced block -> suffix of the file that it stands for."""

_CASE = re.compile(
    r"^## (.+)\n\s*```(\w+)\n(.*?)^```\n\s*```json\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


class ToolCase(NamedTuple):
    """One file, and what is expected of it."""

    tool: str
    """The tool, or "none" for a file without a setting."""

    name: str
    """The case's name."""

    file: str
    """The file's path, or a name for it."""

    text: str
    """Its content."""

    expected: list[dict[str, Any]]
    """For each setting in the file the facts that the case is about: attribute -> value."""


@cache
def read_cases() -> tuple[ToolCase, ...]:
    """All cases, by tool and name. ValueError for a page of which a part is no case."""
    folders = [_from_folder(path) for path in sorted(FOLDER.glob("*/**/*.expected.json"))]
    pages = [case for path in sorted(FOLDER.glob("*.md")) for case in read_page(path)]
    return tuple(sorted(folders + pages, key=lambda case: (case.tool, case.name)))


def _from_folder(expected: Path) -> ToolCase:
    file = expected.with_name(expected.name.removesuffix(".expected.json"))
    where = expected.relative_to(FOLDER)
    return ToolCase(
        where.parts[0],
        str(where).removesuffix(".expected.json"),
        str(file),
        file.read_text("utf-8"),
        json.loads(expected.read_text("utf-8")),
    )


def read_page(path: Path) -> list[ToolCase]:
    """The cases of a page. ValueError, with the place, where a heading is not followed by a file
    and its expected settings.
    """
    text = path.read_text("utf-8")
    found = []
    for heading in re.finditer(r"^## (.+)$", text, re.MULTILINE):
        case = _CASE.match(text, heading.start())
        line = text.count("\n", 0, heading.start()) + 1
        if case is None or case[2] not in SUFFIXES:
            known = ", ".join(SUFFIXES)
            raise ValueError(
                f"{path}:{line}: a block of one of {known}, then one of json, follow a case"
            )
        name = f"{path.stem}/{case[1]}"
        file = f"case{SUFFIXES[case[2]]}"
        found.append(ToolCase(path.stem, name, file, case[3], json.loads(case[4])))
    return found
