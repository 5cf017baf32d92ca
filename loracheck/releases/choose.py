"""Which release of transformers or PEFT a config is judged by.

The first of: what the command line or the settings ask for; the releases of the interpreter that
`--python` names; what the file itself installs; the project's own pins, the nearest upwards; what
is installed beside loracheck; the newest known. Where a pin allows several releases and the
installed one is among them, that one is what will train. What cannot be used on the way is told in
a line each.
"""

from __future__ import annotations

import os
import re

from loracheck.documents.dependencies import remember
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .installed_version import find_installed_version
from .pins.find import FoundPins, find_nearest_pins
from .release_table import (
    NeverReleasedError,
    find_nearest_release,
    get_newest_release,
    list_known_releases,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .pins.pin import Pin

ASKED, PINNED, INSTALLED, NEWEST = "asked for", "pinned", "installed", "newest known"


class Choice(NamedTuple):
    """A release, and why it is this one."""

    version: str
    """The release ("4.57.6"), or as much of it as was asked for ("4.57")."""

    basis: str
    """ASKED, PINNED, INSTALLED or NEWEST."""

    reason: str
    """The basis for a report: "pinned by requirements.txt:3"."""

    notes: tuple[str, ...] = ()
    """What was passed over on the way, a sentence each without its full stop."""

    certain: bool = False
    """Whether it is this release and no other: asked for, pinned with `==`, or installed."""


class ReleasePair(NamedTuple):
    """The releases of the two packages that run together."""

    transformers: Choice
    peft: Choice


@remember(4096)
def choose(
    package: str,
    folder: str,
    version: str | None = None,
    python: str | None = None,
    own_pins: tuple[Pin, ...] = (),
) -> Choice:
    """The release of "transformers" or "peft" to judge the configs of a folder by.

    `version` is what the command line or the settings say, `python` the path of an interpreter
    whose environment will train, `own_pins` what the file itself installs. Nothing is imported or
    run but that interpreter, for its import path.
    """
    if version is not None:
        try:
            find_nearest_release(package, version)
        except NeverReleasedError as error:
            return _choose_unnamed(package, folder, python, own_pins, (str(error),))
        except ValueError:
            pass  # an old one, which the sources of trees may know all the same
        return Choice(version, ASKED, ASKED, (), True)
    return _choose_unnamed(package, folder, python, own_pins, ())


def _choose_unnamed(
    package: str,
    folder: str,
    python: str | None,
    own_pins: tuple[Pin, ...],
    notes_so_far: tuple[str, ...],
) -> Choice:
    """The release that nobody asked for by its number."""
    if python is not None:
        there = find_installed_version(package, python)
        if there is not None:
            return Choice(there, INSTALLED, f"installed for {python}", notes_so_far, True)
    here = find_installed_version(package)
    own = tuple(pin for pin in own_pins if pin.package == package)
    pins = FoundPins(own, ()) if own else find_nearest_pins(package, folder)
    pinned, notes = _choose_pinned(package, pins, here)
    notes = (*notes_so_far, *notes)
    if pinned is not None:
        return pinned._replace(notes=notes)
    if here is not None:
        return Choice(here, INSTALLED, INSTALLED, notes, True)
    return Choice(get_newest_release(package), NEWEST, NEWEST, notes)


def _choose_pinned(
    package: str, nearest_pins: FoundPins, here: str | None
) -> tuple[Choice | None, tuple[str, ...]]:
    """What the pins say, and what is wrong with them."""
    notes = [
        f"{shorten_path(file)} cannot be read for its pins: {why}"
        for file, why in nearest_pins.broken
    ]
    for pin in nearest_pins.pins:
        if pin.specifier is None:
            notes.append(f"{place(pin)}: `{pin.text}` tells no release of {package}")
    usable = [pin for pin in nearest_pins.pins if pin.specifier is not None]
    versions = [
        (pin, match[1]) for pin in usable if (match := re.fullmatch(_EXACT, pin.specifier or ""))
    ]
    release = None
    if versions:
        release = _choose_exact_release(package, versions, usable, notes)
    elif usable:
        release = _choose_release_in_range(package, usable, here, notes)
    return release, tuple(notes)


_EXACT = r"={2,3}\s*(\d+(?:\.\d+)*)"


def _choose_exact_release(
    package: str, versions: list[tuple[Pin, str]], pins: list[Pin], notes: list[str]
) -> Choice | None:
    """The one release that a pin names and no other forbids; a note where there is none such."""
    for pin, version in versions:
        if all(_allows(other)(version) for other in pins if other is not pin):
            try:
                find_nearest_release(package, version)
            except NeverReleasedError as error:
                notes.append(f"{place(pin)}: {error}")
                return None
            except ValueError:
                pass  # an old one
            certain = not any(one.conditional for one in pins)
            return Choice(version, PINNED, f"pinned by {place(pin)}", (), certain)
    notes.append(_describe_disagreement(pins))
    return None


def _choose_release_in_range(
    package: str, pins: list[Pin], here: str | None, notes: list[str]
) -> Choice | None:
    """The installed release where all pins allow it, else the newest known that they allow."""
    allow = [_allows(pin) for pin in pins]
    if here is not None and all(each(here) for each in allow):
        return Choice(here, PINNED, f"installed, as {place(pins[0])} allows", (), True)
    for release in list_known_releases(package):
        if all(each(release) for each in allow):
            return Choice(release, PINNED, f"pinned by {place(pins[0])}")
    alone = [any(map(each, list_known_releases(package))) for each in allow]
    if all(alone):
        notes.append(_describe_disagreement(pins))
        return None
    pin = pins[alone.index(False)]
    first, last = list_known_releases(package)[-1], get_newest_release(package)
    notes.append(f"{place(pin)}: `{pin.text}` allows none of the known releases, {first} to {last}")
    return None


def _describe_disagreement(pins: list[Pin]) -> str:
    descriptions = list(dict.fromkeys(f"{place(pin)} `{pin.text}`" for pin in pins))
    return f"pins that disagree: {' and '.join(descriptions[:3])}"


def _allows(pin: Pin) -> Callable[[str], bool]:
    """Whether a pin allows a release."""
    exact = re.fullmatch(_EXACT, pin.specifier or "")
    if exact:
        return lambda version: _strip_trailing_zeros(version) == _strip_trailing_zeros(exact[1])
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    allowed = SpecifierSet(pin.specifier or "")

    def allows(version: str) -> bool:
        try:
            return allowed.contains(version, prereleases=True)
        except InvalidVersion:
            return False

    return allows


def _strip_trailing_zeros(version: str) -> str:
    """Without zeros at the end: 5.0 is 5.0.0."""
    return re.sub(r"(\.0)+$", "", version)


def place(pin: Pin) -> str:
    """File and line of a pin, or cell and line."""
    path = shorten_path(pin.file)
    return f"{path}:{pin.line}" if pin.cell is None else f"{path}, cell {pin.cell}, line {pin.line}"


def shorten_path(path: str) -> str:
    """A path as people see it: from the working directory where it lies below."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return path
    return path if relative.startswith("..") else relative
