"""A suppression comment that suppresses nothing.

## What
A `# loracheck: ignore[...]` whose rule finds nothing there (a warning), or that names no rule (an
error).

## Why
A comment that outlived its reason hides the next real mistake in the same line. One with a
misspelt code never did anything.

## Bad
```yaml
lora:
  r: 8  # loracheck: ignore[LC104]
  lora_alpha: 16
  target_modules: [q_proj]
```

## Good
```yaml
lora:
  r: 8
  lora_alpha: 16
  target_modules: [q_proj]
```

## Fix
Remove the comment, or write the right code into it.

## Source
The convention of ruff (`unused-noqa`, RUF100) and ESLint (`--report-unused-disable-directives`).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC004"
NAME = "unused-suppression"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """No hits: whether a comment is used is known once all rules have run, so the pipeline reports
    it.
    """
    yield from ()
