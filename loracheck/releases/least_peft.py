"""The oldest PEFT release that transformers' own adapter methods take (`add_adapter`,
`set_adapter` and the like; not `load_adapter`, which from 5.0 on asks for none).

`least_peft.json` has a row for each release from which on another one is asked for, as
MIN_PEFT_VERSION of `integrations/peft.py` says; `make release-transformers` adds to it. The numbers
do not only grow: 5.10.4 asks for 0.19.0 and 5.11.0 for 0.18.2 again.
"""

from __future__ import annotations

import json
import os
from functools import cache

from .release_table import (
    find_nearest_release,
    get_newest_release,
    list_known_releases,
    parse_version_number,
)

FILE = os.path.join(os.path.dirname(__file__), "least_peft.json")

METHODS = (
    *("add_adapter", "set_adapter", "enable_adapters", "disable_adapters", "active_adapters"),
    *("get_adapter_state_dict", "delete_adapter"),
)
"""The methods that ask (PeftAdapterMixin of transformers 4.48.3 to 5.24.0)."""


@cache
def read_rows() -> tuple[tuple[str, str], ...]:
    """(transformers release, the least PEFT from it on), oldest first."""
    with open(FILE, encoding="utf-8") as file:
        rows: list[list[str]] = json.load(file)
    return tuple((since, least) for since, least in rows)


def find_least_peft(transformers: str) -> str | None:
    """The oldest PEFT that the release takes; None for one that was not read: older than the rows,
    or newer than all known ones. `transformers` may be the beginning of a release ("5.24"). Raises
    ValueError for a text that is no version.
    """
    number = parse_version_number(transformers)
    if len(number) < 3:
        release = find_nearest_release("transformers", transformers).release
        number = parse_version_number(release)
    if number[:2] > parse_version_number(get_newest_release("transformers"))[:2]:
        return None
    past = [least for since, least in read_rows() if parse_version_number(since) <= number]
    return past[-1] if past else None


def find_newest_transformers(peft: str) -> str | None:
    """The newest known transformers release whose methods take the PEFT release."""
    for release in list_known_releases("transformers"):
        least = find_least_peft(release)
        if least is not None and parse_version_number(least) <= parse_version_number(peft):
            return release
    return None
