"""Completion of model ids in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def complete_models(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The known ids that begin with what is typed, in any case of letters; files as ever where
    there are none.
    """
    from click.shell_completion import CompletionItem

    from loracheck.trees.model_search import list_models

    begin = incomplete.lower()
    ids = [CompletionItem(row.id) for row in list_models() if row.id.lower().startswith(begin)]
    return ids or [CompletionItem(incomplete, type="file")]
