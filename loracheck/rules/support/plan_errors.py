"""The plan's error codes that have a rule of their own; LC220 reports every other.

The codes are those of `loracheck.plan.model.PlanError`.
"""

from __future__ import annotations

UNREACHED = frozenset({"no-target-matches", "all-excluded", "excluded-and-unmatched"})
"""Targets that reach no module: LC201, or LC211 where target_modules was left out."""

INVALID_REGEX = frozenset({"invalid-regex"})
"""LC205."""

UNSUPPORTED_MODULE = frozenset({"unsupported-module"})
"""LC206."""

NO_DEFAULT_TARGETS = frozenset({"no-default-targets", "no-targets-given"})
"""LC211."""

UNSAFE_REGEX = frozenset({"unsafe-regex", "long-regex"})
"""LC801."""

WITH_A_RULE = UNREACHED | INVALID_REGEX | UNSUPPORTED_MODULE | NO_DEFAULT_TARGETS | UNSAFE_REGEX
"""All of them."""
