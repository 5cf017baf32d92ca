"""Python's None in a YAML file.

## What
A key about LoRA whose value is `None` in YAML, where it means nothing without a value.

## Why
YAML has `null`, `~` and the empty value; `None` is a text of four letters. The tool gets a name, a
path or a pattern that nothing has: modules to save called "None", an adapter in a folder of that
name, an expression that leaves nothing out. Seen in NVIDIA-NeMo/RL pull request 2754.

## Bad
```yaml
actor_rollout_ref:
  model: {path: Qwen/Qwen2.5-7B-Instruct, lora_rank: 16, lora_alpha: 32, exclude_modules: None}
  rollout: {name: vllm}
```

## Good
```yaml
actor_rollout_ref:
  model: {path: Qwen/Qwen2.5-7B-Instruct, lora_rank: 16, lora_alpha: 32, exclude_modules: null}
  rollout: {name: vllm}
```

## Fix
Write `null`, or take the key out.

## Source
YAML 1.2.2, 10.3.2 (Tag Resolution: `null`, `Null`, `NULL`, `~`); PyYAML 6.0 `resolver.py`.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC722"
NAME = "none-read-as-text"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each such value of a key that may be left without one."""
    setting, tool = context.setting, context.setting.tool
    if tool is None or setting.document.format != "yaml":
        return
    for key in tool.keys:
        if setting.mapping.get(key.name) == "None" and not key.choices:
            # An expression that fits nothing leaves out what nothing would; of a word the tool may
            # make what it likes.
            mild = key.field == "exclude_modules" or (key.field is None and key.type == "str")
            yield Hit(
                f"YAML reads `{key.name}: None` as the text 'None', not as no value",
                (*setting.path, key.name),
                help="write null, or take the key out",
                field=key.name,
                severity="warning" if mild else None,
            )
