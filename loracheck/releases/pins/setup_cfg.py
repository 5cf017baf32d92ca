"""setup.cfg of setuptools: `install_requires` and `[options.extras_require]`."""

from __future__ import annotations

from configparser import Error, RawConfigParser

from loracheck.type_checking import TYPE_CHECKING

from .pin import Pin, find_line_number
from .requirements_txt import parse_requirement_pin

if TYPE_CHECKING:
    from collections.abc import Iterator


def parse_pins(file: str, text: str) -> Iterator[Pin]:
    """The pins of a setup.cfg. Raises ValueError for what is no such file."""
    parser = RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except Error as error:
        raise ValueError(str(error)) from error
    values = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        values += [value for _, value in parser.items("options.extras_require")]
    for value in values:
        for line in value.splitlines():
            bare = line.partition(" #")[0].strip().rstrip(";")
            if bare and not bare.startswith("#"):
                yield from parse_requirement_pin(bare, file, find_line_number(text, bare))
