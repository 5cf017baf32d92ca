"""LoRA keys in a file that does not switch LoRA on.

## What
`lora_r`, `lora_target_modules` and the like in a file of TRL, oumi or AutoTrain without the switch
(`use_peft: true`, `peft: true`), or of axolotl without `adapter`.

## Why
These tools' default is off: without the switch the whole model is trained, no adapter is written,
and the LoRA keys are passed over without a word. In https://github.com/huggingface/trl/issues/2719
the switch is the answer to a 7B model that does not fit into 80 GB. For TRL, whose switch often
stands on the command line and whose key names are other scripts' too, it is a note in a file. A
switch that is there and off is somebody's choice.

## Bad
```yaml
base_model: Qwen/Qwen2.5-7B
sequence_len: 2048
lora_r: 16
lora_alpha: 32
lora_target_linear: true
```

## Good
```yaml
base_model: Qwen/Qwen2.5-7B
sequence_len: 2048
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_linear: true
```

## Fix
Write the switch that the finding shows, or take the LoRA keys out.

## Source
TRL 1.16.0 `trl/trainer/model_config.py` (ModelConfig.use_peft), `trl/trainer/utils.py`
(get_peft_config: None without it); axolotl 0.19.0 `src/axolotl/utils/schemas/peft.py` (adapter:
None trains all parameters); oumi 0.9 `src/oumi/core/configs/params/training_params.py` (use_peft);
AutoTrain Advanced 0.8.36 `src/autotrain/trainers/clm/params.py` (peft).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.tools.core.lookup import get_block
from loracheck.tools.core.switches import find_misspelt
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Table
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.setting import Setting

CODE = "LC711"
NAME = "lora-not-switched-on"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit at the first LoRA key."""
    setting, tool = context.setting, context.setting.tool
    command = setting.document.format == "shell"
    if tool is None or not tool.switch or (command and not _has_all_options(setting)):
        return
    *above, name = tool.switch.path
    home = get_block(_get_top_mapping(setting), *above)
    if name in home or find_misspelt(home, name) is not None or not setting.places:
        return
    first = min(setting.places.values(), key=lambda path: setting.document.span(path))
    switch = ".".join((*above, name))
    elsewhere = tool.switch.often_in_command and not command
    other = f", or give --{switch} on the command line" if elsewhere else ""
    what = "command" if command else "file"
    yield Hit(
        f"`{first[-1]}` counts only with {switch}, which this {what} does not set",
        first,
        help=f"give --{switch}" if command else f"write {switch}: {tool.switch.value}{other}",
        field=name,
        key=True,
        severity="note" if elsewhere else None,
    )


def _has_all_options(setting: Setting) -> bool:
    """Whether a command starts a program of the tool's whose switch is an option of its own, and
    neither a file nor a variable of the shell may hold it.
    """
    tool, options = setting.tool, setting.options
    return (
        tool is not None
        and tool.switch is not None
        and tool.switch.often_in_command
        and bool(setting.behaviour.program)
        and setting.options_known
        and options is not None
        and "config" not in options
    )


def _get_top_mapping(setting: Setting) -> Table:
    top: Any = setting.document.roots
    top = top[setting.path[0]] if setting.path else None
    return top if isinstance(top, dict) else {}
