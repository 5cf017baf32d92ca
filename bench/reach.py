"""`python -m bench.reach FOLDER...`: the share of LoRA settings below the folders that are held
against a tree or the names of a class, with what ships with loracheck alone: no network, no cache,
no library that builds.

Of the settings that name a model and are given to PEFT (some tools have LoRA layers of their own,
and nothing is to be said of those) it prints the share judged, for each folder below the given ones
and for all, and how: by a tree of the model, by that of the model it is a copy of, or by the names
of its class. Then the models that are not judged, by the number of settings, each with the reason.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from loracheck.documents.model import DocumentError
from loracheck.options.find_files import find_files
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import read_contexts
from loracheck.tools.core.quick_look import may_set_lora
from loracheck.trees.sources.request import NAMES_ONLY, TreeOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.trees.sources.request import ResolvedTree

SHIPPED = LintSettings(frozenset(), trees=TreeOptions(lock=False, local=False))


class Judged(NamedTuple):
    """One setting that names a model and is given to PEFT."""

    folder: str
    """The folder below the given one."""

    model: str
    """The model as the file names it."""

    way: str
    """"tree", "copy", "names" or "none"."""

    reason: str | None
    """Why it is not judged."""


def judge_settings(root: str) -> Iterator[Judged]:
    """Every setting of the files below a folder that names a model and is given to PEFT."""
    for file in find_files((root,), gitignore=False):
        folder = os.path.relpath(file.path, root).split(os.sep)[0]
        try:
            with open(file.path, "rb") as opened:
                text = opened.read()
            if not may_set_lora(text, os.path.splitext(file.path)[1].lower()):
                continue
            contexts = read_contexts(file.path, SHIPPED)
        except (OSError, DocumentError):
            continue
        for context in contexts:
            model = context.setting.model
            if isinstance(model, str) and model and not context.setting.own_lora:
                resolved = context.resolved
                yield Judged(folder, model, _way(resolved), resolved.reason)


def _way(resolved: ResolvedTree) -> str:
    if resolved.tree is None:
        return "none"
    if resolved.kind == NAMES_ONLY:
        return "names"
    return "copy" if "of which it is a copy" in (resolved.source or "") else "tree"


def _print_shares(settings: Iterable[Judged]) -> None:
    ways: dict[str, Counter[str]] = {}
    for one in settings:
        for name in (one.folder, "all"):
            ways.setdefault(name, Counter())[one.way] += 1
    print(f"{'folder':34} settings  share   tree   copy  names   none")
    for name in sorted(ways, key=lambda name: (name == "all", name)):
        counts = ways[name]
        known = counts.total() - counts["none"]
        cells = "".join(f"{counts[way]:7}" for way in ("tree", "copy", "names", "none"))
        print(f"{name:34} {counts.total():8} {known / counts.total():6.1%}{cells}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.reach", description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument(
        "--models", type=int, default=100, help="models to list that are not judged"
    )
    given = parser.parse_args()
    settings = [one for folder in given.folders for one in judge_settings(folder)]
    _print_shares(settings)
    reasons = {one.model: one.reason for one in settings if one.way == "none"}
    missing = Counter(one.model for one in settings if one.way == "none")
    for model, number in missing.most_common(given.models):
        print(f"{number:5} {model}: {reasons[model]}")


if __name__ == "__main__":
    main()
