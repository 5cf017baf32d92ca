"""The words behind an option of a command, where all of them are known."""

from __future__ import annotations

from itertools import takewhile

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .setting_command import find_setting_command

if TYPE_CHECKING:
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.rules.context import RuleContext

_NO_VALUE = compile_when_used(r"^-|^[<>|&;#=]|[{}<>]")
"""An option, what is the shell's, or a template's place."""


def list_option_values(words: list[Word], number: int) -> list[Word]:
    """The words behind the one of that number, up to the next option, or one that is not known."""
    return list(takewhile(_is_literal, words[number + 1 :]))


def has_several_words(context: RuleContext, field: str) -> bool:
    """Whether the option of a field stands in a command with more than one word behind it."""
    setting_command = find_setting_command(context.setting)
    option = "--" + context.spelling(field).removeprefix("--")
    words = setting_command.command.words if setting_command is not None else []
    return any(
        word.text.replace("-", "_") == option.replace("-", "_")
        and len(list_option_values(words, number)) > 1
        for number, word in enumerate(words)
    )


def _is_literal(word: Word) -> bool:
    """Whether a word is known, and no option."""
    text = word.text
    return isinstance(word.value, str) and not word.many and not _NO_VALUE.search(text)
