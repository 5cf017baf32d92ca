"""Every door of fuzz/ takes its seeds, odd inputs and the inputs that once failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.corpus import seeds
from fuzz.doors import DOORS

CASES = sorted((Path(__file__).parent / "fuzz_cases").glob("*-*"))
ODD = (b"", b"\0", b"\xff\xfe", b"1e400", b"[" * 100_000, b'"\\ud800"', b'{"a": "\\u0000"}',
       b"9" * 5000, b'{"r": 1e400}', b"r: 0x" + b"f" * 4000,
       b'{"weight_map": {"a\\u0000.\\ud800": 1}}')  # fmt: skip
SCALARS = (
    st.integers(-(10**400), 10**400) | st.floats() | st.text(st.characters(), max_size=9)
    | st.none() | st.booleans() | st.sampled_from(["\0", "\ud800", "\x1b]52;c;a\x07"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "", "\0", "\ud800", "layers.0"]), inner)
    ),
    max_leaves=8,
)
FIELDS = (
    "r", "lora_alpha", "target_modules", "rank_pattern", "layer_replication", "layers_pattern",
    "trainable_token_indices", "layers_to_transform", "base_model_name_or_path", "revision",
    "lora_dropout", "bias", "modules_to_save", "exclude_modules", "weight_map",
)  # fmt: skip


@pytest.mark.parametrize("door", sorted(DOORS))
def test_seeds_and_odd_inputs(door: str) -> None:
    for data in (*seeds(door)[:20], *ODD):
        DOORS[door](data)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_inputs_that_failed(path: Path) -> None:
    names = sorted(DOORS, key=len, reverse=True)
    name = next(door for door in names if path.name.startswith(f"{door}-"))
    DOORS[name](path.read_bytes())


@pytest.mark.parametrize("door", ["json", "yaml", "fix-json", "index", "config"])
@settings(deadline=None, max_examples=60)
@given(values=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
def test_values_that_json_holds(door: str, values: dict[str, object]) -> None:
    import json
    import sys

    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        text = json.dumps({"peft_type": "LORA", **values})
    finally:
        sys.set_int_max_str_digits(limit)
    DOORS[door](text.encode())
