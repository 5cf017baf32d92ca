"""What is said of merging into quantised models is what PEFT did: `python -m bench.merging` ran it,
and merging.json holds what came out. The part that needs no package is run again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.trees import quantization

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("merging.json").read_text("utf-8"))
MERGES: dict[str, dict[str, Any]] = GOLDEN["merges"]


def test_every_method_that_is_told_was_run() -> None:
    told = {name for name, method in quantization.METHODS.items() if method.merging is not None}
    assert told == set(MERGES)


@pytest.mark.parametrize("name", MERGES)
def test_the_data_says_what_came_out(name: str) -> None:
    raises = quantization.METHODS[name].merging in ("raises", "unpacked")
    assert raises == ("error" in MERGES[name])


def test_only_hqq_drops_biases() -> None:
    assert {name for name, row in MERGES.items() if row.get("biases")} == {"hqq"}


def test_lora_changes_few_numbers_in_fp8() -> None:
    assert all(share < 0.002 and wide > 0.99 for share, wide in GOLDEN["experts"].values())


def test_fp8_and_gptq_still_refuse(tmp_path: Path) -> None:
    peft, transformers = pytest.importorskip("peft"), pytest.importorskip("transformers")
    if (peft.__version__, transformers.__version__) != (GOLDEN["peft"], GOLDEN["transformers"]):
        pytest.skip("made with other releases")
    from bench.merging import quantised, training

    training.save_adapter(tmp_path, 0)
    found = quantised.merge("fp8", tmp_path)
    assert (found.error, found.message) == (MERGES["fp8"]["error"], MERGES["fp8"]["message"])
    model = peft.PeftModel.from_pretrained(training.build_base(), tmp_path)
    model.base_model.model.quantization_method = "gptq"  # all that PEFT looks at
    with pytest.raises(ValueError, match=MERGES["gptq"]["message"]):
        model.merge_and_unload()
