"""Failures of a run that are no finding: a damaged lock file, a `--model` that cannot be had."""

from __future__ import annotations

from os.path import dirname
from typing import TYPE_CHECKING

from loracheck.trees.resolve import resolve
from loracheck.trees.sources.lock import DAMAGED_LOCK
from loracheck.trees.sources.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext


def find_failures(contexts: Iterable[RuleContext], settings: LintSettings) -> tuple[str, ...]:
    """A line for each lock file that cannot be read, and for a model of the settings that cannot be
    had, as far as the settings of one file need them.
    """
    return tuple(dict.fromkeys(_iter_failures(contexts, settings)))


def _iter_failures(contexts: Iterable[RuleContext], settings: LintSettings) -> Iterator[str]:
    for context in contexts:
        resolved = context.resolved
        if resolved.tree is not None or context.setting.own_lora:
            continue
        if resolved.kind == DAMAGED_LOCK:
            yield f"{resolved.reason}; {resolved.help}"
        elif settings.model is not None:
            beside = dirname(context.setting.document.path) or "."
            # A model that is known, but not with this setting's head, is no slip of the caller's.
            alone = resolve(Request(settings.model, beside=beside), settings.trees)
            if alone.tree is None:
                yield f"the model to judge by cannot be had: {alone.reason}; {alone.help}"
