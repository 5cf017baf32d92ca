"""What is remembered of pins is a run's: each test begins without, and leaves none to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loracheck.releases.choose import choose
from loracheck.releases.pins import find

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def pins_of_one_test() -> Iterator[None]:
    """Forget what folders pin, before and after."""
    forget_pins()
    yield
    forget_pins()


def forget_pins() -> None:
    """Forget what is remembered of pins."""
    for function in (choose, find.find_nearest_pins, find._read_folder_pins):
        function.cache_clear()
