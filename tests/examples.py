"""How many examples a property test draws: enough for each commit, many more in a long run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

FACTOR = float(os.environ.get("LORACHECK_EXAMPLES") or "0.5")
"""Environment variable: a run by hand draws half of the examples, new ones each time, CI all of
them (1), the weekly run twenty times as many (20).
"""


def examples(count: int = 100, *, allow: Sequence[HealthCheck] = ()) -> settings:
    """Settings of a test that draws `count` examples, times FACTOR, however long each takes.

    `allow` are hypothesis' health checks that the test may fail.
    """
    return settings(
        max_examples=max(1, round(count * FACTOR)),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, *allow],
    )
