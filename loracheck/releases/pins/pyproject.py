"""pyproject.toml: PEP 621 and PEP 735 dependencies, and the tables of uv, PDM, Hatch and Poetry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.toml.loads import loads

from .pin import Pin, line_of, package_of
from .requirement import NoReleaseError, of_poetry
from .requirements_txt import pin_of

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def pins(file: str, text: str) -> Iterator[Pin]:
    """The pins of a pyproject.toml. Raises ValueError for what is no TOML."""
    data = loads(text)
    for requirement in _requirements(data):
        yield from pin_of(requirement, file, line_of(text, requirement))
    poetry = _table(_table(data, "tool"), "poetry")
    groups = [_table(group) for group in _table(poetry, "group").values()]
    for table in (poetry, *groups):
        for key in ("dependencies", "dev-dependencies"):
            yield from _poetry(_table(table, key), file, text)


def _requirements(table: dict[str, Any], depth: int = 6) -> Iterator[str]:
    """Every requirement in the lists of the tables."""
    for key, value in table.items():
        if key in _LISTS:
            lists = value.values() if isinstance(value, dict) else [value]
            for found in lists:
                yield from (
                    (item for item in found if isinstance(item, str))
                    if isinstance(found, list)
                    else ()
                )
        elif isinstance(value, dict) and depth:
            yield from _requirements(value, depth - 1)


def _poetry(table: dict[str, Any], file: str, text: str) -> Iterator[Pin]:
    for name, value in table.items():
        package = package_of(name)
        if package is None:
            continue
        versions = value if isinstance(value, list) else [value]
        for version in versions:
            told = version.get("version") if isinstance(version, dict) else version
            try:
                found = of_poetry(told) if isinstance(told, str) else None
            except NoReleaseError:
                found = None
            if found != "":
                shown = f"{name} = {told!r}" if isinstance(told, str) else name
                yield Pin(package, found, shown, file, _line(text, name))


def _line(text: str, name: str) -> int:
    """The line where a key stands."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip(" \t\"'").startswith(name):
            return number
    return 1


def _table(value: Any, key: str | None = None) -> dict[str, Any]:
    """A table, or the one under a key; empty where there is none."""
    found = value if key is None else value.get(key)
    return found if isinstance(found, dict) else {}
