"""A file that cannot be read.

## What
The file is missing, empty, not text, too large, or not what its ending promises; the place of the
fault is shown.

## Why
Nothing in it could be checked, and the tool that it was written for will not read it either. The
exit status is 2; the other files are still checked. huggingface/peft issue 1168 is a file under
that name that was something else.

## Bad
```json
{"peft_type": "LORA", "r": 16, "target_modules": ["q_proj"
```

## Good
```json
{"peft_type": "LORA", "r": 16, "target_modules": ["q_proj"]}
```

## Fix
Mend the text at the place that is shown. A file that is meant to be broken can be left out with
`exclude` in the settings.

## Source
RFC 8259 (JSON), YAML 1.1 as PyYAML reads it, the Python language reference.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC001"
NAME = "unreadable-file"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """No hits: a file that comes this far could be read. The pipeline reports those that cannot
    be.
    """
    yield from ()
