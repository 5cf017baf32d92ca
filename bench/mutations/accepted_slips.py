"""What a tool takes as it was meant, so that it is no case; for every other one it stops, or goes
on with something else than the file says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.documents.model import Unknown

if TYPE_CHECKING:
    from .setting_text import SettingText

CONVERTS = {
    "axolotl": "pydantic in its lax mode (utils/schemas)",
    "trl": "argparse converts the strings that TrlParser sets as defaults",
    "ms-swift": "the file becomes a command line (swift/cli/main.py)",
    "oumi": "OmegaConf merges it into typed dataclasses",
    "unsloth": "pydantic in its lax mode (unsloth_cli/config.py)",
    "autotrain": "pydantic in its lax mode (trainers/common.py)",
    "nemo-automodel": "ConfigNode reads strings as literals (components/config/loader.py)",
    "simpletuner": "the file becomes a command line (configuration/json_file.py)",
    "litgpt": "jsonargparse reads the string as YAML for a typed parameter",
}
"""Tools that turn "8" into 8 and "false" into false, with where."""

COMMAS = {
    "llamafactory": "split_arg in hparams/finetuning_args.py",
    "h2o-llmstudio": "split(',') in modeling_utils.py",
    "autotrain": "split(',') in get_target_modules",
    "unsloth": "unsloth_cli/config.py splits it",
}
"""Tools whose key for the targets is a string with commas."""

ONE_NAME = {**COMMAS, "ms-swift": "nargs='+' makes a list of it", "nemo-automodel": "[name]"}
"""Tools that take one name as a list of one."""

ALL_IN_LIST = {
    "trl": "a list of one is unwrapped (ModelConfig.__post_init__)",
    "oumi": "to_lora unwraps it",
    "ms-swift": "its own form",
    "nemo-automodel": "patterns of its own",
}
"""Tools in which all-linear, or an expression, may stand in a list."""

_ACCEPTED: dict[str, dict[str, str]] = {
    "number in quotes": CONVERTS,
    "switch in quotes": CONVERTS,
    "comma string": COMMAS,
    "string for a list": ONE_NAME,
    "expression or all-linear in a list": ALL_IN_LIST,
    "rank 0": {"verl": "lora_rank 0 switches LoRA off"},
    "rank -8": {"verl": "lora_rank > 0 is asked for"},
    "unknown key": {"generic": "the script may read it itself"},
}


def is_accepted(slip: str, setting_text: SettingText) -> bool:
    """Whether the setting's tool takes the slip as it was meant, or nobody can tell."""
    setting = setting_text.setting
    if isinstance(setting.fields.get("peft_type"), Unknown):
        return True
    if slip == "string for a list" and setting.mapping.get("lora_target_linear"):
        return True  # axolotl makes a list of one, and adds the names of all linear layers
    if setting.tool_name == "simpletuner" and not setting.fields:
        return True  # LyCORIS has a file of its own, and the keys are not read
    if setting_text.python:
        return False  # Unsloth's call in Python converts nothing, unlike Studio's YAML
    return setting.tool_name in _ACCEPTED.get(slip, {})
