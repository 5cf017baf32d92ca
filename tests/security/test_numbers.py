"""Numbers beyond every float, and entries that are no numbers, through check and explain."""

from __future__ import annotations

import json
import warnings
from time import process_time
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.explain.file.assess_file import assess_document
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file

HUGE = 10**400
ADAPTER: dict[str, Any] = {
    "peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"],
    "base_model_name_or_path": "Qwen/Qwen2.5-7B", "task_type": "CAUSAL_LM",
}  # fmt: skip
FILES = {
    "alpha": ("a.json", {**ADAPTER, "lora_alpha": HUGE}),
    "alpha without a model": ("a.json", {"peft_type": "LORA", "lora_alpha": HUGE, "r": 1}),
    "rank and alpha": ("a.json", {**ADAPTER, "r": HUGE, "lora_alpha": HUGE}),
    "rank by name": ("a.json", {**ADAPTER, "rank_pattern": {"q_proj": HUGE}}),
    "rsLoRA": ("a.json", {**ADAPTER, "r": HUGE, "lora_alpha": HUGE, "use_rslora": True}),
    "rank near the end of floats": ("a.yaml", {"model": "./m", "lora_rank": 10**308}),
    "mlx": ("a.yaml", {"model": "a/b", "fine_tune_type": "lora", "train": True, "data": "d",
                       "lora_parameters": {"rank": 1, "alpha": HUGE}}),
    "layers that are nothing": ("a.json", {**ADAPTER, "layers_to_transform": [None] * 1000}),
    "layers that are fractions": ("a.json", {**ADAPTER, "layers_to_transform": [0.5] * 1000}),
    "an expression Python warns of": ("a.json", {**ADAPTER, "target_modules": ["[[a]", "a[||b]"],
                                                 "exclude_modules": "[[a].*"}),
    "a count beyond limits": ("a.json", {**ADAPTER, "target_modules": ["a{99999999999}", "(q)"]}),
}  # fmt: skip
"""What it is -> name and values; each once gave an error, a warning of Python, or took seconds."""


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_judged_and_explained(name: str) -> None:
    path, values = FILES[name]
    text = json.dumps(values)
    options = RunOptions(isolated=True, serve=("vllm", "mlx-lm", "peft"))
    settings = resolve_settings(options, ()).for_path(path)
    start = process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_file(path, path, settings, text, on_disk=False)
        assess_document(read(path, text), settings, on_disk=False)
    assert process_time() - start < 10  # a comparison with a million numbers took twenty
