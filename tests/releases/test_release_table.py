"""Which known release stands for any other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.release_table import (
    NeverReleasedError,
    ReleaseMatch,
    UnknownReleaseError,
    find_nearest_release,
    format_runs,
    get_newest_release,
    list_known_releases,
    parse_version_number,
)

NEWEST = get_newest_release("transformers")


def test_the_releases_stand_from_the_newest_to_the_oldest_one_for_each_minor() -> None:
    for package in ("transformers", "peft"):
        numbers = [parse_version_number(release) for release in list_known_releases(package)]
        assert numbers == sorted(numbers, reverse=True)
        assert len({parts[:2] for parts in numbers}) == len(numbers)


@pytest.mark.parametrize("package", ["transformers", "peft"])
def test_no_newer_minor_release_is_installed_than_is_known(package: str) -> None:
    there = find_installed_version(package)
    if there is not None:
        command = f"make release-{package} VERSION={there}"
        assert (
            parse_version_number(there)[:2] <= parse_version_number(get_newest_release(package))[:2]
        ), f"run: {command}"


@pytest.mark.parametrize(
    ("version", "release", "other"),
    [
        ("4.57.6", "4.57.6", None),
        ("4.57", "4.57.6", None),
        ("4", "4.57.6", None),
        ("5", NEWEST, None),
        ("v5.0.0", "5.0.0", None),
        ("5.0", "5.0.0", None),
        ("4.57.1", "4.57.6", "4.56.2"),
        ("4.57.0", "4.57.6", "4.56.2"),
        ("5.0.0rc1", "5.0.0", None),
        ("5.8.0.dev0", "5.8.1", "5.7.0"),
    ],
)
def test_what_stands_for_a_release(version: str, release: str, other: str | None) -> None:
    assert find_nearest_release("transformers", version) == ReleaseMatch(release, other)


def test_a_release_that_is_not_among_the_given_ones_is_judged_by_the_nearer() -> None:
    among = ("5.24.0", "5.16.1", "5.0.0", "4.57.6")
    assert find_nearest_release("transformers", "5.15.1", among) == ReleaseMatch("5.16.1", "5.0.0")
    assert find_nearest_release("transformers", "5.2.0", among) == ReleaseMatch("5.0.0", "5.16.1")
    assert find_nearest_release("transformers", "5.16.0", among) == ReleaseMatch("5.16.1", "5.0.0")


def test_a_newer_release_is_told() -> None:
    found = find_nearest_release("transformers", "77.0")
    assert found.release == NEWEST
    assert found.note == f"transformers 77.0 is newer than {NEWEST}, the newest known, which judges"


def test_a_later_patch_of_a_known_line_is_told() -> None:
    found = find_nearest_release("transformers", "4.57.99")
    assert found.release == "4.57.6"
    assert found.note == "transformers 4.57.99 is judged by 4.57.6, the last of it that is known"


@pytest.mark.parametrize("version", ["4.58.0", "4.99", "4.60.1"])
def test_a_release_that_never_existed(version: str) -> None:
    with pytest.raises(NeverReleasedError, match="never existed"):
        find_nearest_release("transformers", version)


@pytest.mark.parametrize("version", ["4.48.3", "3.0", "0.1"])
def test_a_release_older_than_all_that_are_known(version: str) -> None:
    with pytest.raises(UnknownReleaseError, match=r"older than 4\.49\.0"):
        find_nearest_release("transformers", version)


@pytest.mark.parametrize("version", ["", "main", "five", "5..0", "x5.0"])
def test_no_version(version: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        find_nearest_release("transformers", version)


@given(st.integers(0, 9), st.integers(0, 70), st.integers(0, 9))
def test_any_version_has_an_answer(major: int, minor: int, patch: int) -> None:
    version = f"{major}.{minor}.{patch}"
    try:
        found = find_nearest_release("transformers", version)
    except UnknownReleaseError:
        return
    assert found.release in list_known_releases("transformers")
    if found.other is not None:
        low, high = sorted(map(parse_version_number, (found.release, found.other)))
        assert low < parse_version_number(version) < high


def test_runs_in_words() -> None:
    assert format_runs(
        list_known_releases("transformers"), [("5.0.0", "5.0.0"), ("4.57.6", "4.55.4")]
    ) == ("4.55.4 to 5.0.0")
    assert format_runs(
        list_known_releases("transformers"), [("4.50.3", "4.49.0"), ("5.1.0", "5.1.0")]
    ) == ("5.1.0, 4.49.0 to 4.50.3")
