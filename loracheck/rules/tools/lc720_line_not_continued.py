r"""A training command that ends before its last options.

## What
A line that begins with an option, right below a training command or a part of one. A blank after
the backslash, a comment between the lines, or no backslash at all ended the command above it. Also
a backslash in the middle of a line, as it is left where lines were joined.

## Why
The shell starts a program without the options below, and takes the first of these for the name of
another program ("command not found"). A backslash before a blank is a word of its own, which
argparse refuses: "unrecognized arguments". Where a blank or a comment cut the line off, that is so
of any program's options, as of the script that merges an adapter. Seen in cocktailpeanut/fluxgym
issue 439, modelscope/ms-swift issues 4513 and 5765 and 2U1/Phi3-Vision-Finetune issue 19.

## Bad
```sh
accelerate launch flux_train_network.py --network_module networks.lora_flux \
  # twice the usual rank
  --network_dim 32 --network_alpha 32
```

## Good
```sh
# twice the usual rank
accelerate launch flux_train_network.py --network_module networks.lora_flux \
  --network_dim 32 --network_alpha 32
```

## Fix
End the line above with a backslash that nothing follows, and move comments above the command.

## Source
POSIX Shell Command Language, 2.2.1 (Escape Character) and 2.3 (Token Recognition, rule 9); bash
5.2, executed.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.setting_command import find_setting_command
from loracheck.rules.types import Hit
from loracheck.tools.start_lines import starts_program
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.shell.commands import Command
    from loracheck.documents.shell.document import ShellDocument
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.rules.context import RuleContext

CODE = "LC720"
NAME = "line-not-continued"
SEVERITY = "error"

_BLANK, _BETWEEN = "a blank follows the backslash", "a comment stands between"
_INSIDE = "its backslash is not the last character of the line"
_LORA = compile_when_used(r"(?i)lora|peft")
_NOT_LAST = compile_when_used(r"\\[ \t]+#")
_NEXT_LINE = compile_when_used(r"[ \t\r]*\n[ \t]*")
_COMMENT = compile_when_used(r"(?:\\\r?\n|[ \t\r\n])*#[^\n]*\n(?:\s|#[^\n]*\n)*")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each line that was cut off from the setting's command."""
    setting_command = find_setting_command(context.setting)
    if setting_command is None or setting_command.document.format != "shell":
        return
    document, commands = setting_command.document, setting_command.document.commands
    lost = _find_backslash(setting_command.command.words)
    if lost is not None:
        yield Hit(
            "a backslash before a blank goes on with no line: the blank is a word of its own, "
            "which the program gets as an argument",
            document.script_span(lost.start, lost.start + 1),
            help="take the backslashes out, or break the line right behind each of them",
        )
    for at in (setting_command.number, setting_command.number + 1):
        cause = _find_cause(document.script, commands, at)
        if cause is not None:
            first = commands[at].words[0]
            option = first.text.partition("=")[0]
            ends, mend = cause
            yield Hit(
                f"the command ends above this line, as {ends}: `{option}` and what follows are no "
                "options of it",
                setting_command.span(first),
                help=mend,
            )


def _find_cause(text: str, commands: list[Command], at: int) -> tuple[str, str] | None:
    """What ended the command above that of a number, and what to do; None where that has a program,
    or stands apart.
    """
    first = commands[at].words[0] if at < len(commands) else None
    if first is None or not first.raw.startswith("--"):
        return None
    above = _get_line_above(text, first.start)
    if above.rstrip(" \t").endswith("\\") and above[-1] in " \t":
        return _BLANK, "let nothing follow the backslash of the line above"
    if _NOT_LAST.search(above):
        return _INSIDE, "let nothing follow the backslash of the line above, no comment either"
    between = text[commands[at - 1].words[-1].end : first.start] if at > 0 else ""
    if _COMMENT.fullmatch(between):
        return _BETWEEN, "move the comment above the command"
    if _NEXT_LINE.fullmatch(between) or starts_program(above):
        return "no backslash ends the line above", "end the line above in a backslash"
    return None


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for a script with options on a line that is cut off: the first ones of a tool's
    program, or in a script about LoRA any that a blank or a comment cuts off.
    """
    if document.format != "shell":
        return
    script: ShellDocument = document  # type: ignore[assignment]
    about_lora = _LORA.search(script.script) is not None
    for at, command in enumerate(script.commands):
        first = command.words[0]
        cause = _find_cause(script.script, script.commands, at)
        if cause is None:
            continue
        cut_off = about_lora and cause[0] in (_BLANK, _BETWEEN, _INSIDE)
        if cut_off or starts_program(_get_line_above(script.script, first.start)):
            ends, mend = cause
            option = first.text.partition("=")[0]
            yield Hit(
                f"the command ends above this line, as {ends}: `{option}` and what follows are no "
                "options of it",
                script.script_span(first.start, first.end),
                help=mend,
            )
            return


def _get_line_above(text: str, start: int) -> str:
    line = text.rfind("\n", 0, start)
    return text[text.rfind("\n", 0, max(line, 0)) + 1 : max(line, 0)].rstrip("\r")


def _find_backslash(words: list[Word]) -> Word | None:
    """The first word that a backslash before a blank makes in the middle of a line."""
    return next((word for word in words[:-1] if word.raw[0] == "\\" and word.text == " "), None)
