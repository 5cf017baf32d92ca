"""The config names a file that is unpickled or overwritten.

## What
`cache_file` or `covariance_file` of `corda_config` is an absolute path, or leads out of the working
directory by `..`.

## Why
PEFT's preprocessing loads the file with `torch.load` where it exists, and writes it where it does
not. In a config of one's own that is as meant, a note; in an adapter_config.json of somebody else
it is a path on your machine that the file's author chose.

## Bad
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "init_lora_weights": "corda",
 "corda_config": {"cache_file": "/tmp/shared/corda.pt"}}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "init_lora_weights": "corda",
 "corda_config": {"cache_file": "corda.pt"}}
```

## Fix
Give a relative path, or set the path in the code.

## Source
PEFT 0.21.2 `tuners/lora/corda.py` (`torch.load`, `os.makedirs`, `torch.save`).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC803"
NAME = "file-from-config"
SEVERITY = "warning"
FILES = ("cache_file", "covariance_file")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each path that leads outside."""
    config = context.value("corda_config")
    for key in FILES if isinstance(config, dict) else ():
        path = config.get(key)
        if isinstance(path, str) and _leads_outside(path):
            yield Hit(
                f"`{key}` leads outside of the working directory: it is loaded with torch.load "
                "where it exists, and written where it does not",
                context.place("corda_config")
                + ((key,) if "corda_config" in context.setting.places else ()),
                help="give a relative path, or set it in the code",
                field=f"corda_config.{key}",
                severity=None if context.setting.purpose == "saved" else "note",
            )


def _leads_outside(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return parts[0] in ("", "~") or ".." in parts or parts[0].endswith(":")
