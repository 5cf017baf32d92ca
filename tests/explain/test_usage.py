"""`bench.usage`: how real configs are counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.usage import count_usage

if TYPE_CHECKING:
    from pathlib import Path


def config(folder: Path, name: str, **values: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps({"peft_type": "LORA", **values}))


def test_a_repository_counts_once_for_a_value(tmp_path: Path) -> None:
    for number in range(5):
        config(tmp_path / "peft" / "a__one", f"{number}.json", r=8, lora_alpha=16)
    config(tmp_path / "peft" / "a__one", "other.json", r=4)
    config(tmp_path / "peft" / "b__two", "x.json", r=8, target_modules=["v_proj", "q_proj"])
    found = count_usage(tmp_path)
    assert (found["settings"], found["repositories"]) == (7, 2)
    assert found["fields"]["r"] == {
        "repositories": 2,
        "values": [("8", 2), ("4", 1)],
        "others": 0,
    }
    assert found["fields"]["lora_alpha"]["repositories"] == 1
    assert found["fields"]["target_modules"]["values"] == [("q_proj, v_proj", 1)]


def test_what_peft_writes_by_itself_is_no_choice(tmp_path: Path) -> None:
    saved = {"inference_mode": True, "peft_version": "0.18.0", "use_dora": False, "r": 8}
    config(tmp_path / "peft" / "a__one", "adapter_config.json", **saved, lora_alpha=32)
    found = count_usage(tmp_path)["fields"]
    assert "use_dora" not in found
    assert found["r"]["values"] == [("8", 1)]  # the rank is the rank, chosen or not
    assert found["lora_alpha"]["values"] == [("32", 1)]


def test_rare_and_long_values_are_counted_together(tmp_path: Path) -> None:
    for number in range(12):
        config(tmp_path / "peft" / f"o__{number}", "a.json", r=number + 1)
    config(tmp_path / "peft" / "o__0", "b.json", target_modules=["name" * 30])
    found = count_usage(tmp_path)["fields"]
    assert (len(found["r"]["values"]), found["r"]["others"]) == (8, 4)
    assert found["target_modules"] == {"repositories": 1, "values": [], "others": 1}


def test_what_is_not_known_and_not_lora_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "x" / "a__one"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("from peft import LoraConfig\nc = LoraConfig(r=RANK)\n")
    (folder / "b.yaml").write_text("a: [1\n")
    (folder / "c.json").write_text("{}")
    found = count_usage(tmp_path)
    assert found["settings"] == 1
    assert found["fields"] == {}
