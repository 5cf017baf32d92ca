"""Examples of pages and cases as a user would have them: files in a folder, under every rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from loracheck.findings import Finding
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.results import FileResult
from loracheck.rules import catalogue
from loracheck.trees.model import ModuleTree
from loracheck.trees.sources import bundle

from ..weights import describe
from .page_trees import TREES
from .pages import Example


@contextmanager
def small_models() -> Iterator[None]:
    """Models of examples that no bundle has."""
    real = bundle.find_tree

    def find_tree(model: str, *rest: object, **more: object) -> ModuleTree | None:
        return TREES.get(model) or real(model, *rest, **more)  # type: ignore[arg-type]

    with patch.object(bundle, "find_tree", find_tree):
        yield


def outcome(example: Example, folder: Path) -> FileResult:
    """The run of `loracheck check` on the example, written out into the folder."""
    file = folder / example.file
    file.write_text(example.text, encoding="utf-8")
    if example.weights is not None:
        describe(folder, example.weights)
    every = frozenset(rule.code for rule in catalogue())
    return check_file(
        str(file), example.file, LintSettings(every, serve=example.serve, peft=example.peft)
    )


def findings(example: Example, folder: Path) -> tuple[Finding, ...]:
    """What is said about the example."""
    return outcome(example, folder).findings
