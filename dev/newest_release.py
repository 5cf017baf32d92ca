"""Judging by the newest known releases, whatever is pinned or installed: for pages and tests that
are the same everywhere.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from loracheck.releases import choose
from loracheck.releases.pins.find import FoundPins

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def newest_release() -> Iterator[None]:
    """Within it no project pins a release, and none is installed."""
    choose.choose.cache_clear()
    with (
        patch.object(choose, "find_installed_version", lambda *_: None),
        patch.object(choose, "find_nearest_pins", lambda *_: FoundPins((), ())),
    ):
        yield
    choose.choose.cache_clear()
