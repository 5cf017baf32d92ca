"""How a config is looked at: another model, a PEFT release, servers. Nothing of it is written."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from loracheck.pipeline import Job
from loracheck.rules import catalogue
from loracheck.trees.bundle import LINES, index
from loracheck.trees.sources import Options


class Look(NamedTuple):
    """`model` stands in for the file's own one, `peft` is the release to judge by, `serve` the
    engine that is to serve the adapter; None for none. `trees` says how trees may be had.
    """

    model: str | None = None
    peft: str | None = None
    serve: str | None = None
    trees: Options = Options()


@cache
def _codes() -> frozenset[str]:
    return frozenset(rule.code for rule in catalogue())


def job(look: Look) -> Job:
    """The job that judges a file as it is looked at."""
    return Job(_codes(), look.model, look.peft, look.trees)


@cache
def known_models() -> tuple[str, ...]:
    """The bundled models' ids, sorted without regard to case."""
    found = {name for line in LINES for name in (_entries(line))}
    return tuple(sorted(found, key=str.lower))


def _entries(line: str) -> list[str]:
    found = index(line)
    return list(found.entries) if found else []


def releases() -> tuple[str, ...]:
    """PEFT's releases that can be judged by, the newest first."""
    from loracheck.config.facts import versions

    found = [str(name) for name in versions()["releases"]]
    return tuple(reversed(found))


def servers() -> tuple[str, ...]:
    """Engines that are known to serve or convert adapters."""
    from loracheck.engines import names

    return names()
