"""An option that a command gives twice.

## What
A LoRA option of a training command that stands there a second time with another value.

## Why
The parser keeps what came last, so the first value has no effect, and nothing says so. With an
option that takes several words, `--network_args a --network_args b`, people expect both: only `b`
counts. Seen in kohya-ss/sd-scripts issue 2082.

## Bad
```sh
accelerate launch flux_train_network.py --network_module networks.lora_flux --network_dim 16 \\
  --network_alpha 16 --network_args "train_blocks=single" --network_args "split_qkv=True"
```

## Good
```sh
accelerate launch flux_train_network.py --network_module networks.lora_flux --network_dim 16 \\
  --network_alpha 16 --network_args "train_blocks=single" "split_qkv=True"
```

## Fix
Write all words after one option, or take the value out that is not meant.

## Source
Python 3.11 argparse (the action "store"), executed; kohya-ss/sd-scripts commit 48d368f
`train_network.py` (setup_parser: `--network_args`, nargs="*").
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.rules.support.setting_command import find_setting_command
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.shell.word_expansion import Word
    from loracheck.rules.context import RuleContext

CODE = "LC716"
NAME = "option-twice"
SEVERITY = "warning"
LAST_COUNTS = frozenset({"argparse", "click", "jsonargparse"})
"""Parsers that keep the last value of an option."""


class Use(NamedTuple):
    """One use of an option: its own word, as the script has it, and the words after it."""

    option: Word
    words: tuple[str, ...]


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each use of a LoRA option whose value is lost."""
    setting, tool = context.setting, context.setting.tool
    setting_command = find_setting_command(setting)
    if setting_command is None or tool is None or tool.parser not in LAST_COUNTS:
        return
    uses = _list_uses(setting_command.command.words)
    for key in tool.keys:
        mine = uses.get(".".join((*tool.block, key.name)), [])
        for use in mine[:-1]:
            if use.words == mine[-1].words:
                continue
            option = use.option.text.partition("=")[0]
            lost, effective = " ".join(use.words), " ".join(mine[-1].words)
            yield Hit(
                f"`{option}` is given twice, and only the last one counts: `{lost}` has no effect",
                setting_command.span(use.option),
                help=f"write {option} {lost} {effective}" if key.nargs else "take one of them out",
                field=key.name,
            )


def _list_uses(words: list[Word]) -> dict[str, list[Use]]:
    """The uses of each option of a command, by its name; those with words that are not known are
    left out.
    """
    uses_by_option: dict[str, list[Use]] = {}
    open_use: Use | None = None
    for word in words:
        is_literal = isinstance(word.value, str)
        if word.text.startswith("--") and is_literal:
            name, equals, value = word.text[2:].partition("=")
            open_use = Use(word, (value,) if equals else ())
            uses_by_option.setdefault(name.replace("-", "_"), []).append(open_use)
        elif open_use is not None:
            uses = uses_by_option[open_use.option.text[2:].partition("=")[0].replace("-", "_")]
            uses.pop()
            open_use = open_use._replace(words=(*open_use.words, word.text)) if is_literal else None
            uses += [open_use] if open_use is not None else []
    return uses_by_option
