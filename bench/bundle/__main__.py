"""`python -m bench.bundle --python PATH`: puts the transformers release of an interpreter into the
bundle, in place of the same minor release where that is there.

    --between   build only what the neighbouring releases build differently, and take the rest from
                them: a model that is alike on both sides of a release is taken to be so on it
    --missing   build only the checkpoints that the bundle lacks for the release, or whose row in
                `facts.json` has changed, and leave the rest as it is: for new rows, once for every
                release; with --between what is alike on both sides of the release is not built
    --lose ID   a checkpoint that the release may lose (repeatable); any other loss ends the run

Which checkpoints, and their configs: `bench/bundle/facts.json`. Each model is built under its own
class and the usual heads by the stand-in for torch. What is left out, and why, is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from bench.bundle.build import build_trees
from bench.bundle.pack import Model, make_entry, read_data, releases_of, write_data
from bench.bundle.sources import read_configs
from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.release_table import parse_version_number
from loracheck.trees.sources.bundle import TYPE_PREFIX, find_model

if TYPE_CHECKING:
    from collections.abc import Iterable

Configs = dict[str, dict[str, Any]]


def main() -> int:
    """Build, merge and write; 1 where a checkpoint would be lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--between", action="store_true")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--lose", action="append", default=[], metavar="ID")
    options = parser.parse_args()
    release = find_installed_version("transformers", options.python)
    if release is None:
        parser.error(f"{options.python} has no transformers")
    if options.missing:
        return add_checkpoints(release, options.python, between=options.between)
    return max(
        add_release(types, release, options.python, options.lose, between=options.between)
        for types in (False, True)
    )


def add_checkpoints(release: str, python: str, *, between: bool) -> int:
    """Put the checkpoints into the data file that it lacks for a known release, or whose row has
    changed, and take those out that have no row; 1, and nothing written, for an unknown release.
    """
    models, configs = read_data(False), read_configs()
    releases = releases_of(models)
    if release not in releases:
        print(f"{release} is not bundled: add it without --missing")
        return 1
    kept = {n: model for n, model in models.items() if configs.get(n) == model.config}
    texts = {n: model.texts[release] for n, model in kept.items() if release in model.texts}
    same = {json.dumps(configs[n], sort_keys=True): text for n, text in texts.items()}
    for name, config in configs.items():
        if name not in texts and (text := same.get(json.dumps(config, sort_keys=True))):
            texts[name] = text
    if between:
        texts |= {
            name: text
            for name, model in kept.items()
            if name not in texts and (text := _alike_around(model, release, releases))
        }
    texts |= _build_entries(False, python, without=texts, known=kept)
    for name, text in texts.items():
        own = kept[name].texts if name in kept else {}
        kept[name] = Model(configs[name], {**own, release: text})
    write_data(False, kept, releases)
    return 0


def _alike_around(model: Model, release: str, releases: list[str]) -> bytes | None:
    """The entry that the nearest releases on both sides have in common, where this release builds
    the default of the model's type as one of them does; None where it must be built.
    """
    at = releases.index(release)
    newer = next((r for r in releases[at::-1] if r in model.texts), None)
    older = next((r for r in releases[at:] if r in model.texts), None)
    if newer is None or older is None or model.texts[newer] != model.texts[older]:
        return None
    kind = find_model(f"{TYPE_PREFIX}{(model.config or {}).get('model_type')}")
    if kind is None or kind.find_variant(release) not in (
        kind.find_variant(newer),
        kind.find_variant(older),
    ):
        return None
    return model.texts[newer]


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
    if wanted == {}:
        return {}
    for name, answer in build_trees(python, wanted).items():
        if answer.trees:
            texts[name] = make_entry(answer.trees)
        if answer.reason is not None:
            print(f"left out: {name}: {answer.reason}")
    return texts


if __name__ == "__main__":
    sys.exit(main())
