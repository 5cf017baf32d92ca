"""The files of a pair: a Python script, or an adapter_config.json where it can say the same."""

from __future__ import annotations

import ast
import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

TASKS = {
    "SEQ_2_SEQ_LM": "Seq2SeqLM",
    "SEQ_CLS": "SequenceClassification",
    "TOKEN_CLS": "TokenClassification",
}
"""task_type -> the head that PEFT's AutoPeftModel classes load (peft/auto.py, 0.21.2). Without one
the file's auto_mapping names the class.
"""

SCRIPT = """\
from peft import LoraConfig, get_peft_model
from transformers import {auto}

model = {auto}.from_pretrained({model!r}, torch_dtype="auto"{labels})
config = LoraConfig({config})
model = get_peft_model(model, config)
"""


def write_pair(folder: Path, number: int, row: dict[str, Any]) -> Path:
    """Write the file of a pair, every other one as JSON where that can be; returns its path."""
    config = parse_config(row["config"])
    if number % 2 and row["labels"] is None and _is_same_as_json(config, row["head"]):
        path = folder / str(number) / "adapter_config.json"
        path.parent.mkdir(parents=True)
        own = {"base_model_class": row["cls"], "parent_library": row["library"]}
        text = {"peft_type": "LORA", "base_model_name_or_path": row["model"], "auto_mapping": own}
        path.write_text(json.dumps({**text, **config}, indent=1), encoding="utf-8")
        return path
    auto = f"AutoModelFor{row['head']}" if row["head"] else "AutoModel"
    labels = "" if row["labels"] is None else f", num_labels={row['labels']}"
    arguments = ", ".join(f"{name}={_literal(value)}" for name, value in config.items())
    path = folder / f"pair{number}.py"
    path.write_text(
        SCRIPT.format(auto=auto, model=row["model"], labels=labels, config=arguments), "utf-8"
    )
    return path


def parse_config(text: str) -> dict[str, Any]:
    """The LoraConfig's arguments from their Python expression, in which 1e999 stands for nan."""
    found: dict[str, Any] = ast.literal_eval(text)
    return {name: math.nan if value == math.inf else value for name, value in found.items()}


def _literal(value: Any) -> str:
    return 'float("nan")' if value != value else repr(value)


def _is_same_as_json(config: dict[str, Any], head: str) -> bool:
    """Whether JSON keeps every value, and the model's class is the one that the file tells."""
    try:
        kept = json.loads(json.dumps(config)) == config
    except TypeError:
        return False
    task = config.get("task_type")
    return kept and (task is None or TASKS.get(task) == head)
