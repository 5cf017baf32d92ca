"""A sample of the exactness harness: real torch on meta and the stand-in build equal trees.

The whole of it is `python -m bench.trees --variants 3`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.shares import take_share

from .harness import compare_builds

TYPES = """
llama qwen3_moe gpt2 gpt_oss deepseek_v3 phi3 falcon mamba bert t5 whisper clip convnext qwen2_vl
"""


@pytest.mark.oracle
@pytest.mark.skipif(
    find_spec("torch") is None or find_spec("transformers") is None,
    reason="torch and transformers are not both installed",
)
def test_default_and_varied_trees_are_equal(tmp_path: Path) -> None:
    types = take_share(TYPES.split(), 4)
    table = compare_builds(tmp_path, "transformers", types)
    assert table.lines == []
    assert table.counts["defaults", "equal"] >= 2 * len(types)
    assert table.counts["variations", "equal"] >= 2 * len(types)
