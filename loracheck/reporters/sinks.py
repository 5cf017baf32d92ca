"""Text of linted files, made safe to write: one function for each kind of output.

A word of a linted file, of its name, of settings or of a model may hold anything. Each function
gives it in a form that its reader takes for text, whatever it holds; printable words without
the reader's own signs pass unchanged.
"""

from __future__ import annotations

import re

import loracheck.quick_json as json
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_OUTSIDE_ASCII = compile_when_used(r"[^\n\x20-\x7e]")
_XML_FORBIDDEN = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Characters that XML 1.0 (section 2.2) cannot hold, not even escaped. It is compiled where it is
used: so wide a range takes as long as all other expressions of a run.
"""

_COMMAND = compile_when_used(r"^(\s*):(?=:)")
_OLD_COMMAND = compile_when_used(r"##(?=\[|vso\[)")


def make_printable(text: str, blank: str = " ") -> str:
    """The text in one line of printable characters: `blank` for line breaks and tabs, `?` for other
    control characters. Text of a linted file could otherwise colour a terminal, turn the direction
    of writing, or begin a line of a CI log that the CI system takes for a command (`::error::`).
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else blank if c.isspace() else "?" for c in text)


def log_line(text: str) -> str:
    """A whole line for standard error or a terminal, which may be the log of a CI job: printable,
    and no command of the job's runner.

    GitHub's runner takes a line that begins with `::`, also after blanks, and one with `##[`
    anywhere in it, for a command (actions/runner, src/Runner.Common/ActionCommand.cs); Azure
    Pipelines has `##vso[`. A blank between the two signs makes it text.
    """
    text = make_printable(text)
    if "::" in text:
        text = _COMMAND.sub(r"\1: ", text)
    return break_commands(text)


def break_commands(text: str) -> str:
    """The text of a report for people, whose own lines begin with words of the report, without the
    commands that a CI job's runner takes from the middle of a line.
    """
    return _OLD_COMMAND.sub("# #", text) if "##" in text else text


def log_lines(text: str) -> str:
    """`log_line` of each line; line breaks stay."""
    return "\n".join(map(log_line, text.split("\n")))


def escape_workflow_data(text: str) -> str:
    """The message of a GitHub workflow command. Its line breaks are escaped, and the log that shows
    it is a terminal too. Escapes as in actions/toolkit (packages/core/src/command.ts).
    """
    text = re.sub(r"[^\r\n]+", lambda part: make_printable(part[0]), text)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_workflow_property(text: str) -> str:
    """A property of a GitHub workflow command, such as a file's name: every byte is kept, since it
    has to name the file, but for control characters.
    """
    return escape_workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def format_json(value: Any, indent: int | None = 2) -> str:
    r"""The value as JSON that reads back as the same value: what is not printable is written as
    `\uXXXX`, so that JSON in a log moves no cursor. A lone surrogate (a byte of a name that is no
    UTF-8) is U+FFFD: strict readers refuse a document that holds one even in that form.
    """
    return _OUTSIDE_ASCII.sub(_escape_json, json.dumps(value, indent=indent, ensure_ascii=False))


def _escape_json(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable():
        return char
    return "\ufffd" if "\ud800" <= char <= "\udfff" else json.dumps(char)[1:-1]


def escape_xml_text(text: str) -> str:
    """Text between the tags of an XML document. Control characters that XML can hold are written
    as references, the others are U+FFFD.
    """
    from html import escape

    text = escape(re.sub(_XML_FORBIDDEN, "\ufffd", text)).replace("\r", "&#13;")
    return re.sub(r"[^\t\n\x20-\x7e]", _escape_xml_character, text)


def _escape_xml_character(match: re.Match[str]) -> str:
    char = match[0]
    return char if char.isprintable() else f"&#{ord(char)};"


def format_xml_attribute(name: str, value: str) -> str:
    """An attribute of an XML element, in quotes."""
    line = escape_xml_text(value).replace("\n", "&#10;").replace("\t", "&#9;")
    return f'{name}="{line}"'


def format_markdown_cell(text: str, longest: int) -> str:
    """A cell of a table in Markdown: at most so many characters, as code, in which no name is a
    mention and no address a link. Whatever is neither a letter, a digit nor a blank is written as a
    reference, which Markdown takes for no mark of its own.
    """
    line = make_printable(text)
    if len(line) > longest:
        line = f"{line[:longest]}..."
    if not line.strip():
        return ""
    cell = re.sub(r"[^\w ,/-]|_", lambda found: f"&#{ord(found[0])};", line)
    return f"<code>{cell}</code>"


def clean_page_text(text: str) -> str:
    """Text of an HTML page or SVG picture, before its library escapes it: U+FFFD stands for every
    character that is neither printable nor a blank.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\t\n" else "\ufffd" for c in text)
