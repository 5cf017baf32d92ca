"""Expressions of a script that give text whatever is meant: environment variables, the words of the
command line. In comes the expression as it is written, out comes why it is text.
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.python.uses import Script, Use

_SOURCES = (
    (
        compile_when_used(
            r"os\.environ\[[^\[\]]+\]|os\.environ\.get\([^()]*\)|(?:os\.)?getenv\([^()]*\)",
            words=("env",),
        ),
        "an environment variable is text when it is set",
    ),
    (
        compile_when_used(r"sys\.argv\[-?\d+\]", words=("argv",)),
        "a word of the command line is text",
    ),
)
_NAME = compile_when_used(r"[A-Za-z_]\w*")


def find_text_source(text: str, script: Script, expression: str) -> str | None:
    """Why an expression of a script is text; None where it may be anything else. A variable is
    followed where it is assigned to once, at the start of a line.
    """
    if _NAME.fullmatch(expression):
        return _find_click_option(script, expression) or _find_in_assignment(text, expression)
    return next((why for pattern, why in _SOURCES if pattern.fullmatch(expression)), None)


def names_option(use: Use, name: str, keywords: tuple[str, ...] = ()) -> bool:
    """Whether one of a call's unnamed arguments, or of these keywords, is the option `name` as a
    command line has it (`--lora-r` for lora_r).
    """
    return any(
        isinstance(one.value, str) and one.value.lstrip("-").replace("-", "_") == name
        for key, one in use.arguments.items()
        if isinstance(key, int) or key in keywords
    )


def _find_in_assignment(text: str, name: str) -> str | None:
    lines = re.findall(rf"^[ \t]*{name}[ \t]*(?::[^=\n]*)?=(?!=)([^\n]*)$", text, re.MULTILINE)
    other = re.search(rf"\b(?:for|as|global|def \w+\([^)]*)\s+{name}\b|\b{name}\s*[-+*/]=", text)
    if len(lines) != 1 or other is not None:
        return None
    source = lines[0].partition(" #")[0].strip()
    return next((why for pattern, why in _SOURCES if pattern.fullmatch(source)), None)


def _find_click_option(script: Script, name: str) -> str | None:
    """For a parameter that click fills: an option without a type and without a number for its
    default is text.
    """
    if name in script.assigned:
        return None
    options = [use for use in script.uses if use.name == "click.option" and names_option(use, name)]
    if len(options) != 1 or not options[0].complete:
        return None
    arguments = options[0].arguments
    if {"type", "is_flag", "callback", "multiple", "nargs", "count", "cls"} & arguments.keys():
        return None
    default = arguments.get("default")
    if default is not None and not isinstance(default.value, str):
        return None
    return "click gives an option without a type as text"
