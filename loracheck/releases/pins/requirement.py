"""One requirement as pip, poetry and conda write it."""

from __future__ import annotations

import re

from .pin import PACKAGES, find_package_by_name

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*")
_EXACT = re.compile(r"===?\s*\d+(?:\.\d+)*(?:\.\*)?")
_GIT = re.compile(r"github\.com[/:]huggingface/([a-z]+)(?:\.git)?(?:@v?([^#\s;]+))?")
_NUMBER = re.compile(r"\d+(?:\.\d+)*$")
_CONDA = re.compile(r"(?:[\w./-]+::)?([A-Za-z0-9._-]+)\s*(.*)")
_CARET = re.compile(r"([\^~])\s*(\d+(?:\.\d+)*)$")


class NoReleaseError(ValueError):
    """The requirement tells no release; the message says why."""


def find_package(text: str) -> str | None:
    """The package that a requirement of pip is of, or None for any other."""
    name = _NAME.match(text)
    package = find_package_by_name(name[1]) if name else None
    if package is None:
        source = _GIT.search(text)
        package = source[1] if source and source[1] in PACKAGES else None
    return package


def parse_pip_requirement(text: str) -> str:
    """The releases that a requirement of pip allows, as a PEP 440 specifier ("" for any); "" too
    where its marker is not true of this interpreter. Raises NoReleaseError.
    """
    name = _NAME.match(text)
    rest = text[name.end() :].strip() if name else text
    if name and find_package_by_name(name[1]) and (not rest or _EXACT.fullmatch(rest)):
        return rest  # most lock-like files; spares the import of packaging
    source = _GIT.search(text)
    if source:
        return _parse_git_ref(source[2])
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise NoReleaseError("it cannot be read as a requirement") from None
    if requirement.url is not None:
        raise NoReleaseError("it names an address and no release")
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return ""
    return str(requirement.specifier)


def _parse_git_ref(ref: str | None) -> str:
    if ref and _NUMBER.match(ref):
        return f"=={ref}"
    raise NoReleaseError("it is taken from git, whose release is not known")


def parse_poetry_version(version: str) -> str:
    """A version as `[tool.poetry.dependencies]` writes it. Raises NoReleaseError.

    `^4.57` allows what keeps the first part that is not zero, `~4.57` what keeps the second; a
    bare number is exact (Poetry's documentation, "Dependency specification").
    """
    parts = [part.strip() for part in version.split(",") if part.strip()]
    return ",".join(_parse_poetry_part(part) for part in parts if part != "*")


def _parse_poetry_part(part: str) -> str:
    match = _CARET.match(part)
    if match is None:
        return check_specifier(f"=={part}" if part[:1].isdigit() else part)
    numbers = [int(number) for number in match[2].split(".")]
    if match[1] == "~":
        prefix = numbers[:2]
    else:
        first = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
        prefix = numbers[: first + 1]
    above = ".".join(map(str, [*prefix[:-1], prefix[-1] + 1]))
    return f">={match[2]},<{above}"


def parse_conda_requirement(text: str) -> tuple[str, str] | None:
    """(package, specifier) of a conda requirement, None for another package. Raises NoReleaseError.

    `name=4.57` and `name 4.57.*` allow what begins so, `name==4.57.1` that one (conda's
    documentation, "Package match specifications").
    """
    match = _CONDA.match(text.strip())
    package = find_package_by_name(match[1]) if match else None
    if match is None or package is None:
        return None
    version = match[2].strip()
    if version.startswith("=") and not version.startswith("=="):
        number = version[1:].partition("=")[0].strip()
        return package, check_specifier(f"=={number}" if number.endswith("*") else f"=={number}.*")
    number = version.split()[0] if version else ""
    return package, check_specifier(f"=={number}" if number[:1].isdigit() else number)


def check_specifier(text: str) -> str:
    """The specifier itself. Raises NoReleaseError for what PEP 440 does not know."""
    if not text or _EXACT.fullmatch(text):
        return text
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        raise NoReleaseError("it cannot be read as a version") from None
