"""pyproject.toml: PEP 621 and PEP 735 dependencies, and the tables of uv, PDM, Hatch and Poetry."""

from __future__ import annotations

from loracheck.documents.toml.loads import loads
from loracheck.type_checking import TYPE_CHECKING

from .pin import Pin, find_line_number, find_package_by_name
from .requirement import NoReleaseError, parse_poetry_version
from .requirements_txt import parse_requirement_pin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LISTS = frozenset(
    {
        "dependencies",
        "optional-dependencies",
        "dependency-groups",
        "dev-dependencies",
        "constraint-dependencies",
        "override-dependencies",
        "extra-dependencies",
    }
)
"""Keys that hold requirements of pip: a list, or a table of lists."""


def parse_pins(file: str, text: str) -> Iterator[Pin]:
    """The pins of a pyproject.toml. Raises ValueError for what is no TOML."""
    data = loads(text)
    for requirement in _collect_requirements(data):
        yield from parse_requirement_pin(requirement, file, find_line_number(text, requirement))
    poetry = _get_table(_get_table(data, "tool"), "poetry")
    groups = [_get_table(group) for group in _get_table(poetry, "group").values()]
    for table in (poetry, *groups):
        for key in ("dependencies", "dev-dependencies"):
            yield from _parse_poetry_pins(_get_table(table, key), file, text)


def _collect_requirements(table: dict[str, Any], depth: int = 6) -> Iterator[str]:
    """Every requirement in the lists of the tables."""
    for key, value in table.items():
        if key in _LISTS:
            lists = value.values() if isinstance(value, dict) else [value]
            for requirements in lists:
                yield from (
                    (item for item in requirements if isinstance(item, str))
                    if isinstance(requirements, list)
                    else ()
                )
        elif isinstance(value, dict) and depth:
            yield from _collect_requirements(value, depth - 1)


def _parse_poetry_pins(table: dict[str, Any], file: str, text: str) -> Iterator[Pin]:
    for name, value in table.items():
        package = find_package_by_name(name)
        if package is None:
            continue
        versions = value if isinstance(value, list) else [value]
        for version in versions:
            requirement = version.get("version") if isinstance(version, dict) else version
            try:
                parsed = parse_poetry_version(requirement) if isinstance(requirement, str) else None
            except NoReleaseError:
                parsed = None
            if parsed != "":
                pin_text = f"{name} = {requirement!r}" if isinstance(requirement, str) else name
                yield Pin(package, parsed, pin_text, file, _find_key_line(text, name))


def _find_key_line(text: str, name: str) -> int:
    """The line where a key stands."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip(" \t\"'").startswith(name):
            return number
    return 1


def _get_table(value: Any, key: str | None = None) -> dict[str, Any]:
    """A table, or the one under a key; empty where there is none."""
    table = value if key is None else value.get(key)
    return table if isinstance(table, dict) else {}
