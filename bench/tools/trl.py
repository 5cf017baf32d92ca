"""TRL's TrlParser, ModelConfig and get_peft_config."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from .answers import ToolRefusalError

PACKAGE = "trl"
FILE = {"model_name_or_path": "a/b", "use_peft": True}
POOLS: dict[str, list[Any]] = {
    "lora_alpha": [1, 16, "32"],
    "lora_target_modules": [
        ["q_proj"],
        ["q_proj", "v_proj"],
        ["all-linear"],
        "all-linear",
        ".*\\.(q|k)_proj",
        "q_proj,v_proj",
    ],
    "use_peft": [True, False, "yes"],
    "load_in_4bit": [True],
}
MORE: list[dict[str, Any]] = [{"lora_rank": 8}, {"lora_aplha": 8}, {"lora_r": "eight"}]


def answer(file: dict[str, Any]) -> Any:
    """The LoraConfig that TRL makes of a recipe."""
    import yaml
    from trl.scripts.utils import TrlParser
    from trl.trainer.model_config import ModelConfig
    from trl.trainer.utils import get_peft_config

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recipe.yaml"
        path.write_text(yaml.safe_dump(file), "utf-8")
        try:
            (found,) = TrlParser((ModelConfig,)).parse_args_and_config(["--config", str(path)])
        except (ValueError, TypeError, SystemExit) as error:
            raise ToolRefusalError(f"{type(error).__name__}: {error}") from error
        return get_peft_config(found)
