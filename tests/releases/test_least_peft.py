"""The PEFT that transformers asks for: the data, and the installed pair."""

from __future__ import annotations

from importlib.metadata import version
from itertools import pairwise

import pytest

from loracheck.releases.least_peft import (
    METHODS,
    find_least_peft,
    find_newest_transformers,
    read_rows,
)
from loracheck.releases.release_table import list_known_releases, parse_version_number


def test_the_rows_are_in_the_order_of_releases_and_each_changes_something() -> None:
    rows = read_rows()
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), key=parse_version_number)
    assert all(one[1] != other[1] for one, other in pairwise(rows))


@pytest.mark.parametrize(
    ("transformers", "least"),
    [
        ("5.24.0", "0.22.0"),
        ("5.24", "0.22.0"),
        ("5.10.2", "0.18.2"),
        ("5.10.4", "0.19.0"),
        ("5.11.0", "0.18.2"),
        ("4.57", "0.5.0"),
        ("4.40.0", None),
        ("5.99.0", None),
    ],
)
def test_a_release_has_the_number_of_the_row_before_it(
    transformers: str, least: str | None
) -> None:
    assert find_least_peft(transformers) == least


def test_the_newest_transformers_for_a_peft() -> None:
    assert find_newest_transformers("0.19.1") == "5.17.0"
    assert find_newest_transformers("0.4.0") is None


def test_the_installed_transformers_asks_for_what_the_data_say() -> None:
    module = pytest.importorskip("transformers.integrations.peft")
    release = version("transformers")
    if (
        parse_version_number(release)[:2]
        > parse_version_number(list_known_releases("transformers")[0])[:2]
    ):
        pytest.skip("a release that is not known yet")
    assert find_least_peft(release) == module.MIN_PEFT_VERSION


def test_a_pair_that_does_not_go_together_is_refused_by_each_method() -> None:
    peft = pytest.importorskip("peft")
    transformers = pytest.importorskip("transformers")
    least = find_least_peft(version("transformers"))
    if least is None or parse_version_number(version("peft")) >= parse_version_number(least):
        pytest.skip("the installed pair goes together")
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "vocab_size": 8}
    config = transformers.LlamaConfig(**sizes, num_attention_heads=1, num_key_value_heads=1)
    model = transformers.LlamaForCausalLM(config)
    lora = peft.LoraConfig(r=2, target_modules=["q_proj"])
    given = {"add_adapter": (lora,), "set_adapter": ("default",), "delete_adapter": ("default",)}
    for method in METHODS:
        with pytest.raises(ValueError, match=f"use a version >= {least}"):
            getattr(model, method)(*given.get(method, ()))
