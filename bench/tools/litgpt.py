"""LitGPT's command line (jsonargparse over litgpt.finetune.lora.setup)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from .answers import ToolRefusalError

PACKAGE = "litgpt"
FILE = {"checkpoint_dir": "checkpoints/a/b", "lora_query": True}
POOLS: dict[str, list[Any]] = {
    "lora_r": [1, 64, "16", 8.5, [8]],
    "lora_alpha": [1, 64, "32", 12.5],
    "lora_dropout": [0, 0.1, "0.05", True],
    "lora_query": [True, False, "true"],
    "lora_head": [True, "no"],
    "quantize": ["bnb.nf4", None],
}
MORE: list[dict[str, Any]] = [{"lora_rank": 8}, {"lora_aplha": 8}]


def answer(file: dict[str, Any]) -> dict[str, Any]:
    """Rank, alpha and dropout as LitGPT's parser gives them."""
    import yaml
    from jsonargparse import ArgumentError, ArgumentParser
    from litgpt.finetune.lora import setup

    parser = ArgumentParser(exit_on_error=False)
    parser.add_function_arguments(setup, as_group=False)
    parser.add_argument("--config", action="config")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        path.write_text(yaml.safe_dump(file), "utf-8")
        try:
            found = parser.parse_args(["--config", str(path)])
        except (ArgumentError, SystemExit) as error:
            raise ToolRefusalError(str(error)) from error
    return {
        "r": found.lora_r,
        "lora_alpha": found.lora_alpha,
        "lora_dropout": found.lora_dropout,
    }
