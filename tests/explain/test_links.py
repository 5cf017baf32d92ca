"""Citations of the rule pages become addresses, and the files that they name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loracheck.explain.links import find_links, link_citations
from loracheck.rules import list_all_rules


def addresses(text: str) -> list[str]:
    return [link.address.removeprefix("https://github.com/") for link in find_links(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("huggingface/peft issue 1511", ["huggingface/peft/issues/1511"]),
        (
            "huggingface/peft issues 3554, 3658 and\n3669.",
            [f"huggingface/peft/issues/{number}" for number in (3554, 3658, 3669)],
        ),
        ("a/b pull request 7 and 2 more", ["a/b/pull/7", "a/b/pull/2"]),
        ("see arXiv:2106.09685, section 4", ["https://arxiv.org/abs/2106.09685"]),
        ("PEFT 0.21.2 `auto.py`", ["huggingface/peft/blob/v0.21.2/src/peft/auto.py"]),
        (
            "PEFT\n0.21.2 `auto.py`, torch 2.13.0 `nn/modules/linear.py`",
            [
                "huggingface/peft/blob/v0.21.2/src/peft/auto.py",
                "pytorch/pytorch/blob/v2.13.0/torch/nn/modules/linear.py",
            ],
        ),
        ("PEFT 0.21.2; TRL main of August 2026, `trl/trainer/model_config.py`", []),
        ("see https://x.org/a/1, and https://github.com/a/b.", ["https://x.org/a/1", "a/b"]),
        ("mail issues 12, PEFT since 0.16", []),
    ],
)
def test_citations(text: str, found: list[str]) -> None:
    assert addresses(text) == found


def test_examples_are_left_alone() -> None:
    text = "a/b issue 1\n```yaml\nx: a/b issue 1\n```\n"
    assert link_citations(text) == text.replace(
        "a/b issue 1", "[a/b issue 1](https://github.com/a/b/issues/1)", 1
    )


def test_an_address_is_shown_as_people_write_it() -> None:
    address = "https://github.com/a/b/pull/7"
    assert link_citations(f"Seen in {address}.") == f"Seen in [a/b pull request 7]({address})."


@pytest.mark.oracle
@pytest.mark.parametrize("project", ["peft", "torch", "transformers"])
def test_every_file_cited_is_in_the_release(project: str) -> None:
    package = pytest.importorskip(project)
    major = package.__version__.partition(".")[0]  # a page may cite an older release of the line
    mark = re.compile(rf"/blob/v{major}\.[\d.]+/(?:src/)?{project}/(.+)")
    found = {
        cited[1]
        for rule in list_all_rules()
        for link in find_links(rule.page)
        if (cited := mark.search(link.address))
    }
    assert found
    root = Path(package.__file__).parent
    assert [file for file in sorted(found) if not (root / file).is_file()] == []
