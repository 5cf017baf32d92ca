"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine is no fault: no test fails for being slow. CI draws the same examples each time, so
# that it fails for what a change did; runs by hand draw new ones.
settings.register_profile("by-hand", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
# What a shell or a CI system says of colours, width and format is no part of a test.
for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS"):
    os.environ.pop(name, None)

settings.load_profile("ci" if os.environ.get("CI") else "by-hand")
