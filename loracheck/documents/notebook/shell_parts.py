"""What a notebook hands to a shell: cells that begin with `%%bash` or `%%sh`, and the commands of
lines that begin with `!` (and `%pip`). Each is read as a shell script; every place in it is a place
in the notebook.

In a line with `!`, IPython puts values of the notebook in place of `{expression}` and `$name`
before the shell sees them: they are not known here.
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELL_MAGIC = compile_when_used(r"\s*%%(?:bash|sh|script +(?:/bin/)?(?:ba)?sh)(?=\s)[^\n]*")
"""A cell that is a shell script as a whole."""

_ANY_MAGIC = compile_when_used(r"\s*%%(?!capture|time|timeit|prun|skip)\w+")
"""A cell of another language, in which `!` means nothing."""

_COMMAND = compile_when_used(
    r"^[ \t]*(?:(?:[\w, ]+=[ \t]*)?!!?|%(?=(?:uv[ \t]+)?pip[ \t]))((?:[^\n]*\\\n)*[^\n]*)",
    re.MULTILINE,
)
"""A line with a command, and those that it goes on in."""

_VALUE = compile_when_used(r"(?<!\$)\{[^{}\n]*\}")
"""What IPython takes for an expression; `${NAME}` is the shell's own."""

_TRIGGER = compile_when_used(r"lora|--[\w.-]*peft", re.IGNORECASE)


def may_hold_shell(text: str) -> bool:
    """Whether the text of a notebook, JSON, may have such a cell or line: a cheap look."""
    return "%%bash" in text or "%%sh" in text or "%%script" in text or "!" in text


def find_shell_parts(cell: str, trigger: re.Pattern[str] = _TRIGGER) -> Iterator[str]:
    """The scripts of a cell that speak of LoRA, or of what else `trigger` finds, each as long as
    the cell, with blanks for all else: the whole cell, or one for each command.
    """
    magic = SHELL_MAGIC.match(cell)
    if magic is not None:
        if trigger.search(cell):
            yield _blank(magic[0]) + cell[magic.end() :]
        return
    if _ANY_MAGIC.match(cell):
        return
    for command in _COMMAND.finditer(cell):
        if trigger.search(command[1]) and "'{" not in command[1] and '"{' not in command[1]:
            words = _VALUE.sub(_hide, command[1])
            yield _blank(cell[: command.start(1)]) + words + _blank(cell[command.end() :])


def _hide(value: re.Match[str]) -> str:
    """An unknown variable, as long as the expression."""
    return "$" + "_" * (len(value[0]) - 1)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
