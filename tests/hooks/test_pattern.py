"""Which files the hooks are given."""

from __future__ import annotations

import json

import pytest

from loracheck.options.hooks import EXCLUDED, INCLUDED, is_checked_by_hook
from tests.shared import FOLDER, needs

GIVEN = [
    "adapter_config.json",
    "out/checkpoint-500/adapter_config.json",
    "adapter_config_v2.json",
    "lora.yaml",
    "examples/llama-3/qlora-fsdp-70b.yml",
    "examples/train_lora/llama3_lora_sft.yaml",
    "configs/sd15.toml",
    "train.py",
    "src/finetune/run.py",
    "notebooks/lora.ipynb",
    "output/args.json",
    "config.json",
    "config/lora/base.json",
    "recipes/a.json",
    "experiments/7b/run.json",
    "finetuning/a.json",
    "my_sft_run.json",
    "trainer_settings.json",
    "github/a.yaml",
    "scripts/run_lora.sh",
    "jobs/train.slurm",
    "old\nfolder/new\nname.yaml",
]
NOT_GIVEN = [
    "README.md",
    "lora",
    "lora.yaml.bak",
    "data/train.jsonl",
    "model.safetensors",
    "package.json",
    "web/package-lock.json",
    "web/tsconfig.json",
    "tokenizer.json",
    "out/tokenizer_config.json",
    "generation_config.json",
    "results.json",
    "out/all_results.json",
    ".github/workflows/ci.yml",
    "sub/.github/dependabot.yaml",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    "docker-compose.yml",
    "deploy/compose.prod.yaml",
    "charts/x/Chart.yaml",
    "charts/x/values.yaml",
    "pyproject.toml",
    "loracheck.toml",
    "environment.yml",
    ".vscode/settings.json",
]


@pytest.mark.parametrize("path", GIVEN)
def test_given(path: str) -> None:
    assert is_checked_by_hook(path)


@pytest.mark.parametrize("path", NOT_GIVEN)
def test_not_given(path: str) -> None:
    assert not is_checked_by_hook(path)


def test_every_row_says_why() -> None:
    assert all(reason for reason in [*INCLUDED.values(), *EXCLUDED.values()])


@needs("corpus")
def test_nearly_every_real_config_is_given() -> None:
    index = json.loads((FOLDER / "corpus" / "index.json").read_text("utf-8"))
    # Their path below tool and repository; a model card's files stand in the repository's root.
    names = [row["path"].split("/", 2)[-1] for row in index]
    known = [n for n in names if n.endswith((".json", ".yaml", ".yml", ".toml", ".py", ".ipynb"))]
    missed = [name for name in known if not is_checked_by_hook(name)]
    assert len(missed) <= 0.02 * len(known), missed
