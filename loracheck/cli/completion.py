"""Completion of words in a shell: model ids, rules, serving engines, topics of `loracheck explain`.

Each function is what click calls for a word that is being typed. A shell's own completion of files
works only where nothing else is offered.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click
    from click.shell_completion import CompletionItem


def complete_models(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The known ids that begin with what is typed, in any case of letters; files as ever where
    there are none.
    """
    return _build_items(_list_model_ids(), incomplete)


def complete_rules(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The codes and names of rules that begin with the last word of a list with commas."""
    before, comma, last = incomplete.rpartition(",")
    return _build_items(_list_rules(), last, before + comma, files=False)


def complete_engines(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The engines that `--serve` knows."""
    from loracheck.engines import list_engine_names

    return _build_items(
        [(name, "") for name in (*list_engine_names(), "all")], incomplete, files=False
    )


def complete_topics(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Fields, rules and model ids; files where none begins so, and where nothing is typed yet."""
    from loracheck.config.field_table import get_lora_fields

    fields = [(name, "a field of LoraConfig") for name in get_lora_fields()]
    return _build_items([*fields, *_list_rules(), *_list_model_ids()], incomplete)


def _list_model_ids() -> list[tuple[str, str]]:
    from loracheck.trees.model_search import list_models

    return [(row.id, "") for row in list_models()]


def _list_rules() -> list[tuple[str, str]]:
    from loracheck.rules import list_all_rules

    rules = list_all_rules()
    return [(rule.code, rule.name) for rule in rules] + [(rule.name, rule.code) for rule in rules]


def _build_items(
    words: Iterable[tuple[str, str]], begin: str, before: str = "", files: bool = True
) -> list[CompletionItem]:
    """What the shell shows: the words that begin so, in any case of letters, each with a help."""
    from click.shell_completion import CompletionItem

    items = [
        CompletionItem(before + word, help=about or None)
        for word, about in words
        if word.lower().startswith(begin.lower()) and (begin or not files)
    ]
    return items or ([CompletionItem(begin, type="file")] if files else [])
