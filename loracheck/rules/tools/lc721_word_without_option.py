"""A word of a training command that belongs to no option.

## What
A word after `--name=value`, in a command whose program takes options alone: the value was meant to
have a blank in it, and has no quotes around it. Or `--name = value`, with blanks around the `=`.
Or a second word after an option that takes one (`--lora_target q_proj v_proj` in LLaMA-Factory).
Also a value with the next option glued to it (`--output_dir out--lora_rank 8`): the blank between
them is missing, and a sign glued to an option's name (`--lora_rank: 8`), as a file of YAML has it.

## Why
`=` gives the option one word. argparse takes the next one for an argument of its own and stops:
"unrecognized arguments". With blanks the `=` itself is the option's value. Of two glued words the
option above takes all, and what follows has none. Seen in
kohya-ss/sd-scripts issue 452 (`--resolution=768, 768`), huggingface/trl issue 1432
(`--lora_task_type = "SEQ_CLS"`) and modelscope/ms-swift issue 5551
(`checkpoint-4800--resume_only_model True`); names with blanks in huggingface/autotrain-advanced
issue 494.

## Bad
```sh
accelerate launch train_network.py --network_module=networks.lora --network_dim=8 \\
  --network_alpha=8 --resolution=768, 768
```

## Good
```sh
accelerate launch train_network.py --network_module=networks.lora --network_dim=8 \\
  --network_alpha=8 --resolution=768,768
```

## Fix
Take the blank out, or write quotes around the value; write a blank before the glued option.

## Source
Python 3.11 argparse (`_get_option_tuples`, `consume_optional`: an explicit argument is the only
one), executed; kohya-ss/sd-scripts commit 48d368f `train_network.py` (`parser.parse_args()`), and
the scripts of the other tools whose files have this trap.
"""

from __future__ import annotations

from itertools import pairwise

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.option_words import list_option_values
from loracheck.rules.support.setting_command import find_setting_command
from loracheck.rules.types import Hit
from loracheck.tools.core.option_values import takes_one_word
from loracheck.tools.core.parser_keys import has_key
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Span
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.rules.context import RuleContext
    from loracheck.rules.support.setting_command import SettingCommand

CODE = "LC721"
NAME = "word-without-option"
SEVERITY = "error"

_GIVEN = compile_when_used(r"--[A-Za-z]\w*=[^{}<>\[\]]+")
"""An option with its value; brackets are those of a template's places."""
_OPTION = compile_when_used(r"--[A-Za-z][\w-]*")
_GLUED = compile_when_used(
    r"(?P<value>[^-\s][^\s]*?[^-\s])--(?P<option>[A-Za-z]\w*)", words=("--",)
)
_SIGNED = compile_when_used(r"--(?P<option>[A-Za-z]\w*)[:;,]", words=("--",))
_LISTS = ("target_modules", "modules_to_save")
_PLAIN = compile_when_used(r"[^-{}<>\[\]\s][^{}<>\[\]]*")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each word that the program's parser has no use for, or takes for a value."""
    setting_command = find_setting_command(context.setting)
    if setting_command is None:
        return
    from loracheck.tools.core.command_line import find_program

    program = find_program(setting_command.command)
    words = setting_command.command.words[program.at + 1 :] if program is not None else []
    yield from _check_equals(setting_command, words)
    for word in words:
        yield from _check_glued(context, word, setting_command.span(word))
    if NAME in context.setting.traps:
        all_words = words or setting_command.command.words
        yield from _check_further_words(context, all_words, setting_command)
    for before, word in pairwise(words):
        if NAME in context.setting.traps and _is_lost(before, word):
            option, _, value = before.text.partition("=")
            yield Hit(
                f"`{word.text}` belongs to no option, and argparse stops: `{option}=` takes "
                f"`{value}` alone",
                setting_command.span(word),
                help=f"write {option}={value}{word.text}"
                if value.endswith(",")
                else f'write {option}="{value} {word.text}" if they are one value',
            )


def _check_further_words(
    context: RuleContext, words: list[Word], setting_command: SettingCommand
) -> Iterator[Hit]:
    """One hit for each option of the tool's that takes one word and has several."""
    setting = context.setting
    keys = {key.name: key for key in setting.tool.keys} if setting.tool is not None else {}
    listed = {setting.keys.get(field) for field in _LISTS}
    for number, word in enumerate(words):
        key = keys.get(word.text.removeprefix("--").replace("-", "_"))
        if key is None or not _OPTION.fullmatch(word.text) or not takes_one_word(key):
            continue
        values = list_option_values(words, number)
        if len(values) < 2:
            continue
        joined = ",".join(name for one in values if (name := one.text.strip("[],\"' ")))
        lists = key.name in listed or key.field in _LISTS
        yield Hit(
            f"`{word.text}` takes one word, and argparse stops at `{values[1].text}`, which "
            "belongs to no option",
            setting_command.span(values[1]),
            help=f"write {word.text} {joined}" if lists else "take it out",
            field=key.name,
        )


def _check_equals(setting_command: SettingCommand, words: list[Word]) -> Iterator[Hit]:
    """One hit for each `=` with blanks around it, behind an option."""
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if word.text == "=" and _OPTION.fullmatch(before.text):
            value = after.value if isinstance(after.value, str) else "..."
            yield Hit(
                f"`{before.text}` gets `=` for its value: with blanks around it, it is a word of "
                "its own",
                setting_command.span(word),
                help=f"write {before.text}={value} without blanks",
            )


def _check_glued(context: RuleContext, word: Word, at: Span) -> Iterator[Hit]:
    """A hit for a value that ends with one of the tool's options, or an option with a sign."""
    if not isinstance(word.value, str):
        return
    signed = _SIGNED.fullmatch(word.text)
    if signed is not None and has_key(context.setting, signed["option"].replace("-", "_")):
        yield Hit(
            f"`{word.text}` is no option: the sign behind the name belongs to a file of YAML",
            at,
            help=f"write --{signed['option']}",
        )
    match = _GLUED.fullmatch(word.text)
    if match is None or not has_key(context.setting, match["option"].replace("-", "_")):
        return
    yield Hit(
        f"`{word.text}` is one word: the blank before `--{match['option']}` is missing, and the "
        "option is not given",
        at,
        help=f"write {match['value']} --{match['option']}",
    )


def _is_lost(before: Word, word: Word) -> bool:
    """Whether a word follows an option that has its value already; what only the shell knows is
    taken for right.
    """
    literal = isinstance(before.value, str) and isinstance(word.value, str) and not word.many
    return literal and bool(_GIVEN.fullmatch(before.text)) and bool(_PLAIN.fullmatch(word.text))
