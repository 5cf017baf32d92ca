"""LC607 on tokens of the tokenizer that lies beside an adapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes

from ..weights import head

ROWS = 151_936
"""Rows of the embedding of Qwen2-0.5B."""
QUERY = "base_model.model.model.layers.0.self_attn.q_proj.lora_"
LORA = {f"{QUERY}A.weight": ("F32", [4, 896]), f"{QUERY}B.weight": ("F32", [896, 4])}
EMBEDDING = {"base_model.model.model.embed_tokens.weight": ("BF16", [ROWS, 896])}
TOKENS = {
    "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta": ("F32", [2, 896])
}
DECODER = {"added_tokens_decoder": {str(ROWS): {"content": "<a>"}, str(ROWS + 1): {"content": "b"}}}


def spoken(folder: Path, files: dict[str, Any], more: dict[str, Any] | None = None) -> list[str]:
    config = folder / "adapter_config.json"
    fields = {"peft_type": "LORA", "r": 4, "target_modules": ["q_proj"], "layers_to_transform": [0]}
    config.write_text(json.dumps({**fields, "base_model_name_or_path": "Qwen/Qwen2-0.5B"}), "utf-8")
    header, size = head({**LORA, **(more or {})})
    with (folder / "adapter_model.safetensors").open("wb") as file:
        file.write(header)
        file.truncate(len(header) + size)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, "utf-8")
    job = LintSettings(select_codes(("LC607",)))
    return [one.message for one in check_file(str(config), "a", job).findings]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokenizer_config.json", DECODER),
        ("added_tokens.json", {"<a>": ROWS, "<b>": ROWS + 1, "<old>": 151_643}),
    ],
)
def test_new_tokens_without_a_row_are_told(tmp_path: Path, name: str, content: Any) -> None:
    (said,) = spoken(tmp_path, {name: content})
    assert said.startswith(f"{name} has 2 tokens above the model's 151,936 rows (ids 151,936 to")


@pytest.mark.parametrize("more", [EMBEDDING, TOKENS])
def test_tokens_with_rows_in_the_weights_are_fine(tmp_path: Path, more: dict[str, Any]) -> None:
    assert spoken(tmp_path, {"tokenizer_config.json": DECODER}, more) == []


@pytest.mark.parametrize(
    "content",
    [
        {"added_tokens_decoder": {"151643": {}, "151935": {}}},
        {"added_tokens_decoder": []},
        {"added_tokens_decoder": {"x": {}, "9" * 5000: {}}},
        [],
        "{",
        "[" * 5000,
    ],
)
def test_tokens_that_the_model_has_and_broken_files_are_not_told(
    tmp_path: Path, content: Any
) -> None:
    assert spoken(tmp_path, {"tokenizer_config.json": content}) == []
