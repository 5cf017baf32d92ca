"""The requirements that a Python script states in its own metadata (PEP 723), which `uv run`,
`pipx run` and marimo install for it.
"""

from __future__ import annotations

import re

from loracheck.documents.toml.loads import loads
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .pin import find_line_number
from .requirements_txt import parse_requirement_pin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pin import Pin

_BLOCK = compile_when_used(
    r"^# /// script[ \t]*\n((?:#(?:| .*)\n)+?)# ///[ \t]*$", re.MULTILINE, words=("# /// script",)
)


def read_metadata_pins(file: str, text: str) -> Iterator[Pin]:
    """The pins of a script's `dependencies`; none where the block is broken or there are two."""
    blocks = list(_BLOCK.finditer(text))
    if len(blocks) != 1:
        return
    try:
        metadata = loads(re.sub(r"^# ?", "", blocks[0][1], flags=re.MULTILINE))
    except ValueError:
        return
    dependencies = metadata.get("dependencies")
    for requirement in dependencies if isinstance(dependencies, list) else ():
        if isinstance(requirement, str):
            line = find_line_number(text, requirement, blocks[0].start())
            yield from parse_requirement_pin(requirement, file, line)
