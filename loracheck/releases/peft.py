"""The PEFT release that judges a config."""

from __future__ import annotations

from functools import lru_cache

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .choose import Choice, choose
from .release_table import (
    UnknownReleaseError,
    find_nearest_release,
    get_newest_release,
    parse_version_number,
)

if TYPE_CHECKING:
    from .pins.pin import Pin


class JudgingPeft(NamedTuple):
    """The release, why it is this one, and what is to be said of it."""

    release: str
    """The release as it was found ("0.17.1"), or the newest known where that one is newer."""

    to_follow: str | None
    """The release that the checks follow; None for the newest."""

    reason: str
    """Why it is this one, for a report."""

    notes: tuple[str, ...]
    """A sentence each, without its full stop."""


def choose_peft_release(
    folder: str, version: str | None, python: str | None, own_pins: tuple[Pin, ...] = ()
) -> JudgingPeft:
    """The PEFT release to judge the configs of a folder by. `version` is what the command line or
    the settings say, `python` the path of the interpreter that will train, `own_pins` what the
    file itself installs.
    """
    return _judge_by(choose("peft", folder, version, python, own_pins))


@lru_cache(maxsize=64)
def _judge_by(choice: Choice) -> JudgingPeft:
    """What the release that was chosen comes to."""
    notes = choice.notes
    try:
        note = find_nearest_release("peft", choice.version).note
    except (UnknownReleaseError, ValueError):
        note = None
    latest = get_newest_release("peft")
    if parse_version_number(choice.version)[:2] > parse_version_number(latest)[:2]:
        return JudgingPeft(latest, None, choice.reason, (*notes, *([note] if note else [])))
    follow = (
        None
        if parse_version_number(choice.version)[:2] == parse_version_number(latest)[:2]
        else choice.version
    )
    return JudgingPeft(choice.version, follow, choice.reason, notes)
