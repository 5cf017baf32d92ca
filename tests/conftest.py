"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no fault: no test fails for being slow.
settings.register_profile("loracheck", deadline=None)
settings.load_profile("loracheck")
