"""Whatever a config or the weights beside it hold, the rules on serving and on weights answer."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loracheck import engines
from loracheck.config.field_table import get_lora_fields
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes
from tests.builds import REMEMBERED
from tests.examples import examples

from ..weights import head

FOLDER = Path(tempfile.mkdtemp())
NUMBER = st.one_of(st.integers(-3, 600), st.floats(allow_nan=False), st.booleans(), st.none())
WORD = st.sampled_from(["q_proj", "lm_head", "embed_tokens", "score", "all", "none", "pissa", ""])
VALUE = st.recursive(
    st.one_of(NUMBER, WORD, st.text(max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(WORD, st.text(max_size=3)), inner, max_size=3),
    ),
    max_leaves=5,
)
CONFIG = st.dictionaries(st.sampled_from(sorted(get_lora_fields())), VALUE, max_size=8)
MODEL = st.sampled_from([None, "Qwen/Qwen2-0.5B", "openai-community/gpt2"])
NAME = st.sampled_from(
    [
        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias",
        "base_model.model.model.embed_tokens.lora_embedding_A",
        "base_model.model.lm_head.weight",
        "base_model.model.model.embed_tokens.base_layer.weight",
        "base_model.model..lora_A.weight",
        "model.layers.0.self_attn.q_proj.lora_a",
        "",
    ]
)
SHAPE = st.lists(st.integers(0, 9), max_size=3)
TENSORS = st.dictionaries(
    st.one_of(NAME, st.text(min_size=1, max_size=9).filter(lambda n: n != "__metadata__")),
    st.tuples(st.sampled_from(["F32", "BF16", "I8"]), SHAPE),
    max_size=6,
)
JOB = LintSettings(
    select_codes(("LC5", "LC6")), serve=engines.list_engine_names(), trees=REMEMBERED
)


@examples(200)
@given(CONFIG, MODEL)
def test_any_values_are_judged(config: dict[str, Any], model: str | None) -> None:
    text = json.dumps({**config, "peft_type": "LORA", "base_model_name_or_path": model})
    check_file("adapter_config.json", "a", JOB, text.encode())


@examples(200)
@given(CONFIG, MODEL, TENSORS)
def test_any_weights_are_judged(
    config: dict[str, Any], model: str | None, tensors: dict[str, tuple[str, list[int]]]
) -> None:
    file = FOLDER / "adapter_config.json"
    file.write_text(
        json.dumps({**config, "peft_type": "LORA", "base_model_name_or_path": model}), "utf-8"
    )
    header, size = head(tensors)
    (FOLDER / "adapter_model.safetensors").write_bytes(header + bytes(size))
    check_file(str(file), "a", JOB)


@examples()
@given(st.binary(max_size=60), st.integers(0, 1 << 63))
def test_any_bytes_beside_the_config_are_judged(data: bytes, length: int) -> None:
    file = FOLDER / "adapter_config.json"
    file.write_text('{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"]}', "utf-8")
    (FOLDER / "adapter_model.safetensors").write_bytes(length.to_bytes(8, "little") + data)
    codes = {f.code for f in check_file(str(file), "a", JOB).findings}
    assert "LC601" in codes
