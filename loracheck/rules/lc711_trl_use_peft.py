"""LoRA keys in a TRL file that does not switch PEFT on.

## What
`lora_r`, `lora_target_modules` and the like in a YAML for TRL without `use_peft: true`.

## Why
TRL's default is off: without the switch the whole model is trained, no adapter is written, and the
LoRA keys are passed over without a word. The switch may stand on the command line, so this is a
note. In https://github.com/huggingface/trl/issues/2719 the switch is the answer to a 7B model that
does not fit into 80 GB.

## Bad
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
output_dir: out
lora_r: 16
lora_alpha: 32
lora_target_modules: [q_proj, v_proj]
```

## Good
```yaml
model_name_or_path: Qwen/Qwen2.5-7B
output_dir: out
use_peft: true
lora_r: 16
lora_alpha: 32
lora_target_modules: [q_proj, v_proj]
```

## Fix
Write `use_peft: true`, or give `--use_peft` on the command line.

## Source
TRL 1.16.0 `trl/trainer/model_config.py` (ModelConfig.use_peft), `trl/trainer/utils.py`
(get_peft_config: None without it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import Case, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "LC711"
NAME = "trl-use-peft"
SEVERITY = "note"


def check(case: Case) -> Iterator[Hit]:
    """One hit at the first LoRA key."""
    setting = case.setting
    if setting.dialect != "trl" or setting.document.format == "shell":
        return
    keys = setting.mapping
    first = next((key for key in keys if isinstance(key, str) and key.startswith("lora_")), None)
    if first is None or "use_peft" in keys:
        return
    yield Hit(
        f"`{first}` counts only with use_peft, which this file does not set",
        (*setting.path, first),
        help="write use_peft: true, or give --use_peft on the command line",
        field="use_peft",
        key=True,
    )
