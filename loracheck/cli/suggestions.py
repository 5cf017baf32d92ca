"""What may have been meant by an unknown option or command. Click's own guesses name what shares a
few letters with it: `--color` and `--transformers` for `--form`.
"""

from __future__ import annotations

import os
from difflib import get_close_matches

import click

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NEAR = 0.8
"""Least likeness of a word that was meant: one slip in five letters."""


def find_meant(word: str, names: Iterable[str]) -> list[str]:
    """The known words that begin with the word, else those that are nearly it, at most three."""
    names = list(names)
    begun = [name for name in names if name.startswith(word)]
    return sorted(begun)[:3] if begun else get_close_matches(word, names, 3, NEAR)


def drop_wild_guesses(error: click.NoSuchOption) -> click.NoSuchOption:
    """The error with the options of its command that were likely meant, and no others."""
    context = error.ctx
    params = context.command.params if context is not None else []
    options_known = [name for param in params for name in (*param.opts, *param.secondary_opts)]
    long = [name for name in options_known if name.startswith("--")]
    suggestions = find_meant(error.option_name, long) if error.option_name.startswith("--") else []
    return click.NoSuchOption(error.option_name, possibilities=suggestions, ctx=context)


def describe_unknown_command(name: str, commands: Iterable[str]) -> str:
    """What to say of a word that is no command: the one that was meant, or how to check a file."""
    if os.path.exists(name):
        return f"No such command {name!r}. To check it: loracheck check {name}"
    suggestions = find_meant(name, commands)
    question = f" Did you mean {' or '.join(map(repr, suggestions))}?" if suggestions else ""
    return f"No such command {name!r}.{question}"
