"""The model's modules are not known, so the targets could not be judged.

## What
The file's fields were checked, but no module tree was at hand: the file names no model, or
the model is neither bundled nor a local directory nor in the local Hub cache.

## Why
Whether `target_modules` exist, which layers are reached and how many parameters train can
only be told from the tree. What could not be judged is said, not passed over as clean.

## Bad
```json
{"peft_type": "LORA", "r": 16, "target_modules": ["q_proj", "v_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 16,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Name the model: `base_model_name_or_path` in the file, `--model`, or `[tool.loracheck.models]` in
the settings. For a model that is not bundled, install `loracheck[models]` and give its directory or
config.json, fetch its config.json with `--online`, or keep its tree with `loracheck lock`.

## Source
loracheck's own; see "where trees come from" in the README.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC003"
NAME = "model-not-resolved"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit when there is no tree, at the model's name if the file gives one. Of a companion the
    setting before it says so.
    """
    resolved = context.resolved
    if resolved.tree is None and not context.setting.behaviour.companion:
        reason = resolved.reason or "the base model is not known"
        message = f"not held against a model: {reason}"
        yield Hit(message, context.setting.model_place or context.setting.path, help=resolved.help)
