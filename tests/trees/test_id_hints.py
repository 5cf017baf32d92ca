"""Which known id a model that no source has may be."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.trees.id_hints import suggest_id
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("/data/models/Qwen/Qwen2.5-7B", "--model Qwen/Qwen2.5-7B; else "),
        ("./qwen/qwen2.5-7b", "--model Qwen/Qwen2.5-7B; else "),
        ("C:\\models\\Qwen\\Qwen2.5-7B\\", "--model Qwen/Qwen2.5-7B; else "),
        ("/data/google/pegasus-xsum", "--model google/pegasus-xsum --online; else "),
        ("C:\\Work\\models\\gemma-2b-it", "--model google/gemma-2b-it; else "),
        ("/kaggle/in/Qwen/Qwen2___5-7B-Instruct", "--model Qwen/Qwen2.5-7B-Instruct; else "),
        ("Qwen2.5-7B-Instruct", "--model Qwen/Qwen2.5-7B-Instruct; else "),
        ("models/Qwen3-1.7B-Base", "--model Qwen/Qwen3-1.7B-Base; else "),
        ("./models/bert-base-uncased", "--model bert-base-uncased; else "),
        ("/mnt/llms/Llama-2-7b-hf", "--model meta-llama/Llama-2-7b-hf; else "),
        ("Qwen/Qwen2.5-7B-Instrct", "did you mean 'Qwen/Qwen2.5-7B-Instruct'? If not, "),
    ],
)
def test_the_id_that_may_be_meant(model: str, hint: str) -> None:
    assert suggest_id(model).endswith(hint)
    resolved = resolve(Request(model))
    assert resolved.tree is None  # a hint never judges
    assert resolved.help is not None
    assert hint in resolved.help


@pytest.mark.parametrize(
    "model",
    [
        "",
        "/",
        "Qwen/Qwen2.5-9B",
        "allenai/Olmo-3-7B-Instruct-SFT",
        "someone/else",
        "./out/final",
        "google/pegasus-xsum",
    ],
)
def test_no_hint_where_none_is_near(model: str) -> None:
    assert suggest_id(model) == ""


def test_shell_completes_ids() -> None:
    words = {"COMP_WORDS": "loracheck tree qwen/qwen2.5-7", "COMP_CWORD": "2"}
    env = {"_LORACHECK_COMPLETE": "bash_complete", **words}
    result = CliRunner().invoke(cli, [], prog_name="loracheck", env=env)
    assert "plain,Qwen/Qwen2.5-7B" in result.output.splitlines()


def test_an_id_that_is_right_gets_no_hint() -> None:
    """A part of a pipeline may be unknown though the pipeline is not."""
    assert suggest_id("CompVis/stable-diffusion-v1-4") == ""
