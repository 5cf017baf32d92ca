"""What a notebook or a script says itself of the releases that it runs with: the requirements that
its `pip install` names, in `!` and `%pip` lines, `%%bash` cells, the `# MAGIC %pip` lines of
Databricks and the commands of a script, those of a file that it writes before and installs with
`-r`, and a script's own metadata. In comes a file's text, out come `Pin`s; nothing is run, and a
commented line is none.

pip 25.3, "User Guide"; uv 0.9, "The pip interface"; IPython 9 `IPython/core/magics/packaging.py`
(`%pip` and `%uv` hand their line to the shell).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from loracheck.documents.notebook.cells import join_source
from loracheck.documents.notebook.shell_parts import SHELL_MAGIC, find_shell_parts
from loracheck.documents.shell.script import expand_commands
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .databricks import blank_magic, split_cells
from .pin import PACKAGES, Pin
from .requirement import NoReleaseError, find_package, parse_pip_requirement
from .script_metadata import read_metadata_pins
from .written_requirements import (
    WrittenFile,
    list_included,
    read_here_documents,
    read_written_cell,
    read_written_pins,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from loracheck.documents.shell.word_expansion import Word

_INSTALL = compile_when_used(r"\bpip3?\s+install\b")
_PIP = compile_when_used(r"(?:.*/)?pip3?")
_BEFORE_PIP = frozenset({"-m", "uv", "sudo", "-H", "-E"})
"""What stands right before pip where a command runs it, and no more speaks of it."""

_ELSEWHERE = ("-t", "--target", "--prefix", "--root", "--python", "--dry-run")
"""Options with which nothing is installed that the file itself imports."""

_UPGRADES = compile_when_used(r"--upgrade|-[A-Za-z]*U[A-Za-z]*")
_ADAPTER = compile_when_used(r"-.*(?:lora|peft)", re.IGNORECASE)
"""An option of a command that trains or serves an adapter."""


class _Script(NamedTuple):
    """Commands that a file hands to a shell, in a text of the same length as `source`."""

    text: str
    source: str
    cell: int | None
    whole: bool
    """Whether `source` is a script as a whole, or code with lines of commands."""


@lru_cache(maxsize=4)
def read_install_commands(form: str, file: str, text: str) -> tuple[Pin, ...]:
    """The pins that the text of a file gives itself, by package and in its order; `form` is the
    document's format, `file` its path.

    Of a package that a later command upgrades, or of which one of several requirements tells no
    release, only pins without a release are left: which one runs is not known.
    """
    pins = list(read_metadata_pins(file, text)) if form == "python" else []
    written: dict[str, list[WrittenFile]] = {}
    for part in _list_parts(form, text):
        if isinstance(part, WrittenFile):
            earlier = written.get(part.name, []) if part.appends else []
            written[part.name] = [*earlier, part]
        else:
            pins += _read_script(part, file, written)
    return tuple(pin for name in PACKAGES for pin in _settle([p for p in pins if p[0] == name]))


def _list_parts(form: str, text: str) -> Iterator[_Script | WrittenFile]:
    """The scripts of a file with `pip install` and the requirements files that its cells write, in
    the order of the text.
    """
    if form == "shell":
        yield _Script(text, text, None, True)
        return
    if form == "python":
        yield from _list_python_scripts(text)
        return
    for number, source in _list_cells(text):
        written = read_written_cell(source, number)
        if written is not None:
            yield written
        elif _INSTALL.search(source):
            whole = SHELL_MAGIC.match(source) is not None
            for script in find_shell_parts(source, _INSTALL):
                yield _Script(script, source, number, whole)


def _list_python_scripts(text: str) -> Iterator[_Script]:
    """The lines with commands of a Python file, and the cells of one that Databricks exported."""
    for script in find_shell_parts(text, _INSTALL):
        yield _Script(script, text, None, False)
    for cell in split_cells(text):
        if _INSTALL.search(cell):
            for script in find_shell_parts(blank_magic(cell), _INSTALL):
                yield _Script(script, text, None, True)


def _list_cells(text: str) -> list[tuple[int, str]]:
    """The number and text of every code cell of a notebook; none where it is no notebook."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    cells = value.get("cells") if isinstance(value, dict) else None
    return [
        (number, source)
        for number, cell in enumerate(cells if isinstance(cells, list) else (), 1)
        if isinstance(cell, dict)
        and cell.get("cell_type") == "code"
        and (source := join_source(cell)) is not None
    ]


def _read_script(
    script: _Script, file: str, written: dict[str, list[WrittenFile]]
) -> Iterator[Pin]:
    """The pins of a script's commands. Those of a file that is a script as a whole end where it
    trains or serves: what it installs afterwards is for something else.
    """
    for command in expand_commands(script.text):
        for one in read_here_documents(command, script.source, script.cell):
            written[one.name] = [one]
        words = _list_installed(command.words)
        if words is not None:
            sure = command.sure and not _is_indented(script, command.words[0].start)
            yield from _read_words(words, script, sure, file)
            for name in list_included([word.text for word in words]):
                yield from read_written_pins(written.get(name, []), sure, file)
        elif script.cell is None and any(_ADAPTER.match(word.text) for word in command.words):
            return


def _is_indented(script: _Script, at: int) -> bool:
    """Whether a line of commands stands in a block of Python."""
    start = script.source.rfind("\n", 0, at) + 1
    return not script.whole and script.source[start : start + 1] in (" ", "\t")


def _list_installed(words: Sequence[Word]) -> Sequence[Word] | None:
    """The words behind `pip install`; None for another command, and for one that installs
    elsewhere.
    """
    texts = [word.text for word in words]
    at = next((n for n, text in enumerate(texts[:6]) if _PIP.fullmatch(text)), None)
    if at is None or texts[at + 1 : at + 2] != ["install"]:
        return None
    if at and texts[at - 1] not in _BEFORE_PIP:
        return None
    if any(text.partition("=")[0] in _ELSEWHERE for text in texts[at:]):
        return None
    return words[at + 2 :]


def _read_words(words: Sequence[Word], script: _Script, sure: bool, file: str) -> Iterator[Pin]:
    upgrades = any(_UPGRADES.fullmatch(word.text) for word in words)
    for word in words:
        package = find_package(word.text)
        if package is None:
            continue
        try:
            specifier: str | None = parse_pip_requirement(word.text)
        except NoReleaseError:
            specifier = None
        if specifier == "" and not upgrades:
            continue
        line = script.source.count("\n", 0, word.start) + 1
        text = script.source[word.start : word.end].strip("'\"")
        yield Pin(package, specifier, text, file, line, script.cell, not sure)


def _settle(pins: list[Pin]) -> list[Pin]:
    """The pins of one package, in the order of the file; a specifier "" stands for an upgrade to
    whatever is the newest.
    """
    told = [number for number, pin in enumerate(pins) if pin.specifier != ""]
    if not told:
        return []
    later = pins[told[0] :]
    open_pins = [pin._replace(specifier=None) for pin in later if not pin.specifier]
    return open_pins or later
