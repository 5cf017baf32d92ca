"""The real PEFT and the plan, asked about the very same model: every answer must be the same.

A sample of what `python -m bench.oracle` does at length; pairs that once differed are replayed from
`regressions/`.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from bench.oracle import differential_run, draw, models, peft_side, plan_side
from bench.oracle.outcome import Outcome, find_differences
from tests.examples import FACTOR

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning"),
]

SPECS = [
    *(
        "llama/CausalLM",
        "llama/SequenceClassification",
        "qwen2/CausalLM",
        "qwen3/QuestionAnswering",
    ),
    *("qwen3_moe/CausalLM", "mixtral/CausalLM", "deepseek_v3/CausalLM", "gpt_oss/CausalLM"),
    *("granitemoe/CausalLM", "qwen2_moe/CausalLM", "gemma2/CausalLM", "gemma3_text/CausalLM"),
    *("phi3/CausalLM", "phi/CausalLM", "gpt2/CausalLM", "gpt2/TokenClassification"),
    *("bert/SequenceClassification", "bert/MaskedLM", "bert/Model", "roberta/TokenClassification"),
    *("deberta-v2/QuestionAnswering", "distilbert/SequenceClassification", "albert/Model"),
    *("t5/Seq2SeqLM", "bart/Seq2SeqLM", "bart/SequenceClassification", "falcon/CausalLM"),
    *("bloom/CausalLM", "opt/CausalLM", "mpt/CausalLM", "rwkv/CausalLM", "mamba/CausalLM"),
    *("falcon_h1/CausalLM", "nemotron_h/CausalLM", "olmo2/CausalLM", "cohere/CausalLM"),
    *("llava/ImageTextToText", "qwen2_vl/ImageTextToText", "whisper/SpeechSeq2Seq"),
    *("wav2vec2/CTC", "vit/ImageClassification", "clip/Model", "groupvit/Model"),
    *("bert/MultipleChoice", "pp_doclayout_v3/ObjectDetection", "patchtst/Model"),
    *("gpt2/CausalLM@real", "bert/SequenceClassification@real"),
    *(f"plain/{name}" for name in ("mixed", "stack", "odd", "outer", "woven", "sequence")),
]
CONFIGS = round(6 * max(1, FACTOR))
MOST_CONFIGS = 40 + CONFIGS
"""So many are drawn where PEFT refuses the first ones, as it does most for Mamba."""
SEED = 20261124
KEPT = sorted((Path(__file__).parent / "regressions").glob("*.json"))


@lru_cache(maxsize=2)
def pair(spec: str) -> differential_run.Pair:
    """One model, ready to be asked."""
    return differential_run.Pair(spec)


USUAL_CONFIGS: list[dict[str, Any]] = [
    {},
    {"target_modules": "all-linear", "r": 4, "lora_alpha": 16},
    {"target_modules": "all-linear", "task_type": "SEQ_CLS"},
    {"target_modules": "all-linear", "use_dora": True, "bias": "all"},
]


@pytest.mark.parametrize("spec", SPECS)
def test_usual_and_drawn_configs(spec: str) -> None:
    """Both in one test: building the model twice costs more than asking."""
    asked = pair(spec)
    wrapped = 0
    for config in USUAL_CONFIGS:
        tally = differential_run.Tally()
        assert asked.ask(config, tally) == {}, (spec, config)
        wrapped += tally.outcomes["wrapped"]
    for number in range(MOST_CONFIGS):
        if number >= CONFIGS and wrapped:
            break
        config = differential_run.draw_comparable(asked, random.Random(f"{SEED} {spec} {number}"))
        tally = differential_run.Tally()
        found = asked.ask(config, tally)
        wrapped += tally.outcomes["wrapped"]
        assert found == {}, (spec, config)
    assert wrapped, "no pair got as far as the counts"


REAL = [
    *("llama/CausalLM", "mixtral/CausalLM", "gpt_oss/CausalLM", "gemma2/CausalLM", "phi3/CausalLM"),
    *("bert/SequenceClassification", "t5/Seq2SeqLM", "gpt2/CausalLM", "falcon/CausalLM"),
    *(
        "qwen2_vl/ImageTextToText",
        "whisper/SpeechSeq2Seq",
        "mamba/CausalLM",
        "deepseek_v3/CausalLM",
    ),
]
REAL_CONFIGS: list[dict[str, Any]] = [
    {},
    {"target_modules": "all-linear", "r": 64, "lora_alpha": 16, "use_rslora": True},
    {"target_modules": r".*\.(q|k|v|o|q_proj|v_proj|gate_proj|up_proj|down_proj)", "r": 16},
    {"target_modules": ["q_proj", "o_proj", "query", "c_attn", "in_proj"], "task_type": "SEQ_CLS"},
]


@pytest.mark.parametrize("spec", REAL)
def test_real_widths(spec: str) -> None:
    model = models.build_real_width(spec)
    tree = plan_side.build_tree(model)
    for config in REAL_CONFIGS:
        theirs = peft_side.ask_peft(model, config, low_cpu=True)
        assert find_differences(theirs, plan_side.ask_plan(tree, config)) == {}, (spec, config)


@pytest.mark.parametrize("case", KEPT, ids=lambda path: path.stem)
def test_once_different(case: Path) -> None:
    kept = json.loads(case.read_text(encoding="utf-8"))
    assert pair(kept["spec"]).ask(kept["config"]) == {}


MUTATIONS: list[tuple[str, Any]] = [
    ("error", ("rank-type", "TypeError")),
    ("error", None),
    ("warnings", frozenset({("nothing-excluded", "UserWarning")})),
    ("wrapped", {}),
    ("wrapped", {"a": (8, 8, 1.0)}),
    ("wrapped", {"a": (8, 16, 2.0), "b": (8, 8, 1.0)}),
    ("wrapped", {"a": (4, 8, 2.0), "b": (8, 8, 1.0)}),
    ("wrapped", {"a": (8, 8, 2.0), "b": (8, 8, 1.0)}),
    ("saved", frozenset()),
    ("tokens", frozenset({"embed", "head"})),
    ("counts", (99, 1000)),
    ("counts", (100, 999)),
    ("counts", None),
    ("dead", frozenset({("target_modules", "a")})),
    ("dead", frozenset()),
]


@pytest.mark.parametrize(("field", "value"), MUTATIONS)
def test_every_part_is_compared(field: str, value: Any) -> None:
    usual = Outcome(
        error=None,
        warnings=frozenset({("alora-task", "UserWarning")}),
        wrapped={"a": (8, 8, 1.0), "b": (8, 8, 1.0)},
        saved=frozenset({"head"}),
        tokens=frozenset({"embed"}),
        counts=(100, 1000),
        dead=frozenset({("exclude_modules", "c")}),
    )
    failed = usual._replace(error=("rank-type", "ValueError"))
    whole = failed if field == "error" else usual
    assert find_differences(whole, whole) == {}
    assert list(find_differences(whole, whole._replace(**{field: value}))) == [field]


def test_a_wrong_plan_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way, with PEFT asked and one line of the plan's matching turned round."""
    from loracheck.plan.matching.match import TARGETED, UNMATCHED, Matcher

    config = {
        "target_modules": ["q_proj", "o_proj"],
        "exclude_modules": ["layers.0.self_attn.q_proj"],
    }
    assert pair("llama/CausalLM").ask(config) == {}
    classify = Matcher.classify

    def forgetful(self: Matcher, name: str) -> int:
        found = classify(self, name)
        return UNMATCHED if found == TARGETED and name.endswith("1.self_attn.o_proj") else found

    monkeypatch.setattr(Matcher, "classify", forgetful)
    assert {"wrapped", "counts"} <= set(pair("llama/CausalLM").ask(config))


def test_the_sample_is_large_enough() -> None:
    assert len(SPECS) * (CONFIGS + len(USUAL_CONFIGS)) >= 500
    assert all(draw.FIELDS)
