"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine is no fault: no test fails for being slow. CI draws the same examples each time, so
# that it fails for what a change did; runs by hand draw new ones.
settings.register_profile("by-hand", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "by-hand")
