"""What `LoraConfig.__post_init__` refuses and warns of, as data: the one home of these checks.

In: a config's values, with PEFT's defaults behind them, and a PEFT release. Out: the checks that
speak (`find_checks`). The plan raises them, `loracheck.config.check` makes issues of them, and the
JSON Schemas say them. Begin at `table.py`; what a row is stands in `check.py`, and
the rows about inits in `init_checks.py`.
"""

from __future__ import annotations

from .check import IS_WARNING, Finding, PostInitCheck, Release
from .init_checks import describe_unused_config
from .table import (
    CHECKS,
    TARGET_PARAMETERS_CHECK,
    TASK_TYPE_CHECK,
    find_checks,
)

__all__ = [
    "CHECKS",
    "IS_WARNING",
    "TARGET_PARAMETERS_CHECK",
    "TASK_TYPE_CHECK",
    "Finding",
    "PostInitCheck",
    "Release",
    "describe_unused_config",
    "find_checks",
]
