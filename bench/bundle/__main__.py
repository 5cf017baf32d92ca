"""`python -m bench.bundle --python PATH`: puts the transformers release of an interpreter into the
bundle, in place of the same minor release where that is there.

    --between   build only what the neighbouring releases build differently, and take the rest from
                them: a model that is alike on both sides of a release is taken to be so on it
    --lose ID   a checkpoint that the release may lose (repeatable); any other loss ends the run

Which checkpoints, and their configs: `bench/bundle/facts.json`. Each model is built under its own
class and the usual heads by the stand-in for torch. What is left out, and why, is printed.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from bench.bundle.build import build_trees
from bench.bundle.pack import Model, make_entry, read_data, releases_of, write_data
from bench.bundle.sources import read_configs
from loracheck.releases.installed import find_installed_version
from loracheck.releases.known import parse_version_number
from loracheck.trees.sources.bundle import TYPE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

Configs = dict[str, dict[str, Any]]


def main() -> int:
    """Build, merge and write; 1 where a checkpoint would be lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--between", action="store_true")
    parser.add_argument("--lose", action="append", default=[], metavar="ID")
    options = parser.parse_args()
    release = find_installed_version("transformers", options.python)
    if release is None:
        parser.error(f"{options.python} has no transformers")
    return max(
        add_release(types, release, options.python, options.lose, between=options.between)
        for types in (False, True)
    )


def add_release(types: bool, release: str, python: str, lose: list[str], *, between: bool) -> int:
    """Put a release into one of the data files; 1, and nothing written, where a checkpoint would be
    lost that the bundle has for the release, or for the one before it.
    """
    models = read_data(types)
    old = releases_of(models)
    releases = sorted(
        {r for r in old if parse_version_number(r)[:2] != parse_version_number(release)[:2]}
        | {release},
        key=parse_version_number,
        reverse=True,
    )
    at = releases.index(release)
    before = next(
        (r for r in old if parse_version_number(r) <= parse_version_number(release)), None
    )
    had = {name for name, model in models.items() if before in model.texts}
    alike = (
        _common_entries(models, releases[at - 1 : at] + releases[at + 1 : at + 2])
        if between
        else {}
    )
    texts = dict(alike) | _build_entries(types, python, without=alike, known=models)
    lost = sorted(had - texts.keys() - set(lose))
    if lost and not types:
        print(f"lost with {release}, so nothing is written:", *lost, sep="\n  ")
        return 1
    for name in lost:
        print(f"{name}: gone with {release}")
    wanted = None if types else read_configs()
    for name in texts.keys() | models.keys():
        own = dict(models[name].texts) if name in models else {}
        own = {r: text for r, text in own.items() if r in releases and r != release}
        if name in texts:
            own[release] = texts[name]
        models[name] = Model(None if wanted is None else wanted[name], own)
    write_data(types, models, releases)
    return 0


def _common_entries(models: dict[str, Model], sides: list[str]) -> dict[str, bytes]:
    """The entries that two releases have in common."""
    if len(sides) < 2:
        return {}
    one, other = sides
    return {
        name: model.texts[one]
        for name, model in models.items()
        if one in model.texts and model.texts[one] == model.texts.get(other)
    }


def _build_entries(
    types: bool, python: str, *, without: Iterable[str], known: Iterable[str]
) -> dict[str, bytes]:
    """The entries as the interpreter builds them."""
    wanted: Configs | None = None
    if not types:
        wanted = {name: config for name, config in read_configs().items() if name not in without}
    elif without:
        rest = set(known) - set(without)
        wanted = {name: {"model_type": name.removeprefix(TYPE_PREFIX)} for name in sorted(rest)}
    texts = {}
    for name, answer in build_trees(python, wanted).items():
        if answer.trees:
            texts[name] = make_entry(answer.trees)
        if answer.reason is not None:
            print(f"left out: {name}: {answer.reason}")
    return texts


if __name__ == "__main__":
    sys.exit(main())
