"""The releases that loracheck knows, and which of them stand for any other.

`known.json` lists the last patch of each minor release, newest first. It is the one place where the
newest release stands; `make release-transformers` and `make release-peft` write it.
"""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = os.path.join(os.path.dirname(__file__), "known.json")
_NUMBER = r"v?(\d+(?:\.\d+)*)(?:(?:[-._]?[a-zA-Z]|\+|\.\*$).*)?"

Number = tuple[int, ...]


@cache
def list_known_releases(package: str) -> tuple[str, ...]:
    """The known releases of "transformers" or "peft", newest first."""
    with open(FILE, encoding="utf-8") as file:
        releases: list[str] = json.load(file)[package]
    return tuple(releases)


@cache
def _list_known_minors(package: str) -> frozenset[Number]:
    """The numbers of the known minor releases."""
    return frozenset(parse_version_number(one)[:2] for one in list_known_releases(package))


def get_newest_release(package: str) -> str:
    """The newest known release."""
    return list_known_releases(package)[0]


@lru_cache(maxsize=512)  # asked for every known release, some dozen times a file
def parse_version_number(version: str) -> Number:
    """The parts of a version's number; what follows it ("rc1", ".dev0", ".*") is left out. Raises
    ValueError for a text that is no version.
    """
    if version.isascii() and all(part.isdigit() for part in version.split(".")):
        return tuple(map(int, version.split(".")))
    match = re.fullmatch(_NUMBER, version.strip())
    if match is None:
        raise ValueError(f"{version!r} is no version such as 4.57 or 5.0.0")
    return tuple(map(int, match[1].split(".")))


def parse_release(version: str) -> str:
    """A version, or the beginning of one, without a `v` and blanks. Raises ValueError for what is
    none.
    """
    parse_version_number(version)
    return version.strip().removeprefix("v").removesuffix(".*")


def format_runs(order: Sequence[str], runs: list[tuple[str, str]]) -> str:
    """(newest, oldest) runs of the releases in `order` in words, newest first, neighbours joined:
    "5.1.0, 4.49.0 to 4.57.6".
    """
    joined_runs: list[list[str]] = []
    for first, last in sorted(runs, key=lambda run: order.index(run[0])):
        if joined_runs and order.index(joined_runs[-1][1]) + 1 == order.index(first):
            joined_runs[-1][1] = last
        else:
            joined_runs.append([first, last])
    return ", ".join(a if a == b else f"{b} to {a}" for a, b in joined_runs)


class ReleaseMatch(NamedTuple):
    """The known releases that stand for a release."""

    release: str
    """The one that it is judged by."""

    other: str | None = None
    """The known one on its other side, where it lies between two."""

    note: str | None = None
    """What is to be said of it, in a sentence without its full stop."""


class UnknownReleaseError(ValueError):
    """Nothing known stands for the release; the message says why, without a full stop."""


class NeverReleasedError(UnknownReleaseError):
    """There is no such release, nor was there one."""


def find_nearest_release(
    package: str, version: str, among: Sequence[str] | None = None
) -> ReleaseMatch:
    """What stands for a release ("4.57.1") or for a line ("4.57", "5": its newest release).

    `among` are the releases to choose from, newest first; all known ones by default. One between
    two of them is judged by that of its own minor release, or by the nearer one, with the one on
    the other side for comparison. Raises UnknownReleaseError for one that is older than all of them
    or never existed, and ValueError for what is no version.
    """
    number, releases = parse_version_number(version), among or list_known_releases(package)
    if len(number) < 3:
        for release in list_known_releases(package):
            if parse_version_number(release)[: len(number)] == number:
                number = parse_version_number(release)
                break
    exact = (*number, 0, 0)[:3]
    if exact > parse_version_number(list_known_releases(package)[0]):
        return _fall_back_to_newest(package, version, exact)
    if exact < parse_version_number(releases[-1])[:2]:
        oldest = f"{releases[-1]}, the oldest release that is known"
        raise UnknownReleaseError(f"{package} {version} is older than {oldest}")
    if exact[:2] not in _list_known_minors(package):
        raise NeverReleasedError(f"{package} {version} never existed")
    return _choose_neighbouring_release(package, version, exact, releases)


def _fall_back_to_newest(package: str, version: str, exact: Number) -> ReleaseMatch:
    release = get_newest_release(package)
    if exact[:2] == parse_version_number(release)[:2]:
        return ReleaseMatch(release, note=f"{package} {version} is judged by {release}")
    note = f"{package} {version} is newer than {release}, the newest known, which judges"
    return ReleaseMatch(release, note=note)


def _choose_neighbouring_release(
    package: str, version: str, exact: Number, releases: Sequence[str]
) -> ReleaseMatch:
    """Of a release that exists, and is not newer or older than all that are known."""
    same = next((r for r in releases if parse_version_number(r)[:2] == exact[:2]), None)
    if same is not None and parse_version_number(same) <= exact:
        late = f"{package} {version} is judged by {same}, the last of it that is known"
        return ReleaseMatch(same, note=None if parse_version_number(same) == exact else late)
    below = next((r for r in releases if parse_version_number(r) <= exact), None)
    above = next(r for r in reversed(releases) if parse_version_number(r) > exact)
    if same is not None or below is None:
        return ReleaseMatch(above, below)
    order = [parse_version_number(release)[:2] for release in list_known_releases(package)]
    at, low, high = (
        order.index(parts[:2])
        for parts in (exact, parse_version_number(below), parse_version_number(above))
    )
    return ReleaseMatch(above, below) if at - high <= low - at else ReleaseMatch(below, above)
