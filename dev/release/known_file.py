"""`known.json`, and the release that the tests' extra `oracle` installs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from loracheck.releases.release_table import FILE, list_known_releases, parse_version_number

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def add(package: str, version: str) -> bool:
    """Make a release known, in place of an older patch of its minor release. Returns whether it is
    the newest; then the extra `oracle` installs it from now on.
    """
    data = json.loads(Path(FILE).read_text("utf-8"))
    kept = [
        release
        for release in data[package]
        if parse_version_number(release)[:2] != parse_version_number(version)[:2]
    ]
    data[package] = sorted({*kept, version}, key=parse_version_number, reverse=True)
    Path(FILE).write_text(text(data), encoding="utf-8")
    list_known_releases.cache_clear()
    newest = bool(data[package][0] == version)
    if newest:
        project = PYPROJECT.read_text("utf-8")
        project = re.sub(rf'"{package}==[\d.]+"', f'"{package}=={version}"', project)
        PYPROJECT.write_text(project, encoding="utf-8")
    return newest


def text(data: dict[str, list[str]]) -> str:
    """The file's text: a line for each package."""
    rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(found)}" for name, found in data.items())
    return f"{{\n{rows}\n}}\n"
