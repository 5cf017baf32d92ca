"""What is said of several adapters on one model is what PEFT does with them
(`bench/oracle/joined_adapters.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.config.joining.adapter import Adapter
from loracheck.config.joining.hot_swap import check_hot_swap
from loracheck.config.joining.together import check_together
from loracheck.config.joining.weighted_adapter import check_weighted
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.plan.config.releases import NEWEST
from loracheck.rules import select_codes

GOLDEN: dict[str, Any] = json.loads(
    Path(__file__).with_name("joined_adapters.json").read_text("utf-8")
)
ENDS = {"embed_tokens": "model.embed_tokens", "lm_head": "lm_head"}


def adapters(case: str) -> list[Adapter]:
    return [
        Adapter(name, config, ranks=find_ranks(config))
        for name, config in zip(("one", "two"), GOLDEN["configs"][case], strict=True)
    ]


def find_ranks(config: dict[str, Any]) -> dict[str, int]:
    """Module -> rank, as PEFT wraps the two layers of the tiny model."""
    targets, pattern = config["target_modules"], config.get("rank_pattern", {})
    leaves = [leaf for leaf in ("q_proj", "v_proj") if leaf in targets or f"{leaf[0]}|" in targets]
    leaves = ["q_proj", "v_proj"] if "(q|v)" in targets else leaves
    layers = config.get("layers_to_transform", [0, 1])
    found = {
        f"model.layers.{layer}.self_attn.{leaf}": pattern.get(leaf, config["r"])
        for layer in layers
        for leaf in leaves
    }
    return {**found, **{name: config["r"] for leaf, name in ENDS.items() if leaf in targets}}


@pytest.mark.parametrize("case", GOLDEN["combined"])
def test_the_combination_is_what_peft_makes_of_it(case: str) -> None:
    for kind, outcome in GOLDEN["combined"][case].items():
        effects = {one.effect for one in check_weighted(adapters(case), kind, NEWEST)}
        expected = {"same": set(), "other": {"changes"}, "taken": None}.get(outcome, {"raises"})
        assert effects == expected or (expected is None and "raises" not in effects), kind


@pytest.mark.parametrize("case", GOLDEN["swapped"])
def test_the_swap_is_what_peft_makes_of_it(case: str) -> None:
    outcome = GOLDEN["swapped"][case]
    effects = {one.effect for one in check_hot_swap(*adapters(case), NEWEST)}
    if case == "parameters":
        assert outcome == "same"
        return
    assert effects == {"same": set(), "other": {"changes"}}.get(outcome, {"raises"})


@pytest.mark.parametrize("case", GOLDEN["loaded"])
def test_what_is_loaded_beside_each_other_is_what_peft_takes(case: str) -> None:
    effects = {one.effect for one in check_together(adapters(case), NEWEST)}
    outcome = "KeyError" if case == "new-tokens" else GOLDEN["loaded"][case]  # told for any order
    expected = {"same": set(), "other": {"changes"}}.get(outcome)
    assert effects == expected if expected is not None else "raises" in effects


def test_before_peft_0_20_one_adapter_has_parameters() -> None:
    for release, effects in (((0, 16), []), ((0, 18), ["raises"]), ((0, 20), [])):
        found = check_together(adapters("parameters"), release)
        assert [one.effect for one in found] == effects


SCRIPT = """\
from peft import PeftModel
from peft.utils.hotswap import hotswap_adapter
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2-0.5B")
model = PeftModel.from_pretrained(base, "adapters/one", adapter_name="one").eval()
hotswap_adapter(model, "adapters/two", adapter_name="one")
model.load_adapter("adapters/two", adapter_name="two")
model.add_weighted_adapter(["one", "two"], [0.7, 0.3], "both", combination_type="linear")
"""


def test_saved_adapters_of_the_repository_are_read(tmp_path: Path) -> None:
    config = {"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8}
    config["target_modules"] = ["q_proj"]
    others = {"one": {}, "two": {"r": 16, "lora_dropout": 0.1}}
    for name, other in others.items():
        (folder := tmp_path / "adapters" / name).mkdir(parents=True)
        (folder / "adapter_config.json").write_text(json.dumps({**config, **other}), "utf-8")
    (script := tmp_path / "serve.py").write_text(SCRIPT, "utf-8")
    settings = LintSettings(select_codes(("LC165", "LC166")))
    found = check_file(str(script), "serve.py", settings).findings
    assert [(one.code, one.span.line, one.severity) for one in found] == [
        ("LC166", 6, "error"),
        ("LC165", 8, "error"),
    ]
    assert "`one` has 0.0, `two` has 0.1" in found[0].message.replace("adapters/two", "two")
    assert "`one` has 8, `two` has 16" in found[1].message


def test_before_peft_0_15_alpha_and_modules_must_be_the_same() -> None:
    for case in ("alpha", "fewer"):
        assert [one.effect for one in check_hot_swap(*adapters(case), (0, 14))] == ["raises"]
