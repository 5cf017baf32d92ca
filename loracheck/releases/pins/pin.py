"""`Pin`: what one line of a project's files says about the releases of a package."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple

PACKAGES = (
    *("transformers", "peft", "trl", "verl", "vllm", "sglang", "ms-swift", "llamafactory"),
    "sentence-transformers",
)
"""The packages whose releases decide a verdict."""

WORDS = (
    *("transformers", "peft", "trl", "verl", "vllm", "sglang"),
    *("ms-swift", "ms_swift", "llamafactory"),
)
"""One of these stands in a text that names one of them."""


class Pin(NamedTuple):
    """What one line of a file says about the releases of a package."""

    package: str
    """A name of PACKAGES."""

    specifier: str | None
    """The allowed releases as PEP 440 writes them ("==4.57.*", ">=4.49,<5"); None where the text
    tells no release.
    """

    text: str
    """The requirement as it stands in the file."""

    file: str
    """Path of the file."""

    line: int
    """Its line, from 1; in a notebook the line of its cell."""

    cell: int | None = None
    """The number of its cell in a notebook, from 1; None in another file."""

    conditional: bool = False
    """Whether the line runs under a condition, so that its release is the likely one."""


def find_package_by_name(name: str) -> str | None:
    """The package of PACKAGES that a requirement's name stands for, compared as PEP 503 says."""
    package = name.lower().replace("_", "-")
    return package if package in PACKAGES else None


def find_line_number(text: str, part: str, start: int = 0) -> int:
    """The line of the first place of `part` in a text, from 1; 1 where it does not stand there."""
    at = text.find(part, start)
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
