"""What `check` calls "warns" is what LoraConfig warns about."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from loracheck.config.check import check
from tests.examples import examples

from .values import ERRORS, configs

pytestmark = pytest.mark.oracle
LoraConfig = pytest.importorskip("peft").LoraConfig

WORDS = (
    (r"`loftq_config` specified but will be ignored", "loftq-config-(unused|type)"),
    (r"'eva' but `eva_config` is not", "eva-default-config"),
    (r"`eva_config` specified but will be ignored", "eva-config-unused"),
    (r"'corda' but `corda_config` is not", "corda-default-config"),
    (r"`corda_config` specified but will be ignored", "corda-config-unused"),
    (r"aLoRA is currently only supported", "alora-task-type"),
    (r"Using Rank-Stabilized LoRA with", "rslora-pattern-conversion"),
)


def spoken(values: dict[str, Any]) -> list[str]:
    """The warnings of the constructor."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        LoraConfig(**values)
    return [str(w.message) for w in caught]


SUBS = {
    "loftq_config": st.sampled_from([{}, {"loftq_bits": 4, "loftq_iter": 1}, None, 5, True]),
    "eva_config": st.sampled_from([None, {}, {"rho": 1.5}]),
    "corda_config": st.sampled_from([None, {}]),
    "lora_ga_config": st.sampled_from([None, {}]),
    "init_lora_weights": st.sampled_from([True, "eva", "corda", "lora_ga", "pissa", "olora"]),
    "use_rslora": st.booleans(),
    "rank_pattern": st.sampled_from([{}, {"q": 2}]),
    "alpha_pattern": st.sampled_from([{}, {"q": 2}]),
    "alora_invocation_tokens": st.sampled_from([None, [], [1]]),
    "task_type": st.sampled_from([None, "CAUSAL_LM", "SEQ_CLS"]),
}


@given(st.one_of(st.fixed_dictionaries({}, optional=SUBS), configs()))
@examples(200, allow=list(HealthCheck))
def test_warns_exactly_where_peft_does(values: dict[str, Any]) -> None:
    found = check(values)
    assume(values.get("init_lora_weights") != "loftq")
    assume(all(issue.effect != "raises" for issue in found))
    said = spoken(values)
    mine = {issue.id for issue in found if issue.effect == "warns"}
    wanted = [ids for text in said for pattern, ids in WORDS if re.search(pattern, text)]
    assert len(wanted) == len(said), said
    assert len(mine) == len(said), (values, said, mine)
    assert all(any(re.fullmatch(ids, name) for name in mine) for ids in wanted), (said, mine)


FILES: list[tuple[dict[str, Any], str]] = [
    ({"peft_type": "LORA", "r": 8}, ""),
    ({"peft_type": "LORA", "rank": 8}, "warns"),
    ({"peft_type": "LORA", "enable_lora": None}, "warns"),
    ({"peft_type": "LORA", "runtime_config": {}}, ""),
    ({"peft_type": "LORA", "runtime_config": {"ephemeral_gpu_offload": True}}, "warns"),
    ({"peft_type": "lora", "r": 8}, "raises"),
    ({"peft_type": "NOPE"}, "raises"),
    ({"peft_type": None}, "raises"),
    ({"rank": 8}, "raises"),
    ({"r": 8}, ""),
    ({"peft_type": "LORA", "monteclora_config": {"foo": 1}}, "raises"),
    ({"peft_type": "LORA", "task_type": "causal_lm"}, "raises"),
]


@pytest.mark.parametrize(("values", "effect"), FILES, ids=repr)
def test_reading_a_file(values: dict[str, Any], effect: str, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps(values))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            LoraConfig.from_pretrained(tmp_path)
            answer = "warns" if caught and "runtime_config" not in values else ""
        except ERRORS:
            answer = "raises"
    if values.get("runtime_config"):
        answer = "warns" if caught else ""
    assert answer == effect
    found = [
        issue
        for issue in check(values, saved=True)
        if "peft_type" in values or issue.path != ("peft_type",)
    ]
    effects = {issue.effect for issue in found} - {"silent"}
    assert effects == ({effect} if effect else set())
