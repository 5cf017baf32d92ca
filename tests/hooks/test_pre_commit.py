"""The hooks under the real pre-commit, in a repository of their own, without network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.options import hooks

pytest.importorskip("pre_commit")
ROOT = Path(__file__).parents[2]
GOOD = '{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}\n'
BAD = GOOD.replace('"r": 8', '"r": "8"')


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository whose pre-commit has the hooks as users get them, but run by this
    interpreter, because building an environment needs the network.
    """
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "config", "user.email", "a@example.org")
    git(folder, "config", "user.name", "a")
    made: list[dict[str, Any]] = yaml.safe_load(hooks.render())
    for hook in made:
        hook["entry"] = hook["entry"].replace("loracheck", f"{sys.executable} -m loracheck", 1)
        hook["language"] = "system"
    config = {"repos": [{"repo": "local", "hooks": made}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def pre_commit(folder: Path, hook: str) -> subprocess.CompletedProcess[str]:
    git(folder, "add", "-A")
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PRE_COMMIT_HOME": str(folder.parent / "cache"),
        "GITHUB_ACTIONS": "",
        "NO_COLOR": "1",
    }
    command = [sys.executable, "-m", "pre_commit", "run", hook, "--all-files", "--color", "never"]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
    )


def test_findings_stop_the_commit_and_a_mend_lets_it_pass(repository: Path) -> None:
    (repository / "adapter_config.json").write_text(BAD)
    done = pre_commit(repository, "loracheck")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "adapter_config.json:1:28" in done.stdout
    assert "error[LC102] wrong-type" in done.stdout
    (repository / "adapter_config.json").write_text(GOOD)
    done = pre_commit(repository, "loracheck")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_other_files_are_none_of_its_business(repository: Path) -> None:
    (repository / "chart.yaml").write_text("a: {{ .Values.x }}\n b: [\n")
    (repository / "README.md").write_text("# lora\n")
    assert pre_commit(repository, "loracheck").returncode == 0
    (repository / "train_lora.yaml").write_text("lora: [\n")
    done = pre_commit(repository, "loracheck")
    assert done.returncode == 1
    assert "LC001" in done.stdout


def test_strict_fails_on_what_could_not_be_judged(repository: Path) -> None:
    (repository / "adapter_config.json").write_text(GOOD)
    assert pre_commit(repository, "loracheck").returncode == 0
    done = pre_commit(repository, "loracheck-strict")
    assert done.returncode == 1
    assert "exit code: 3" in done.stdout


def test_the_settings_of_the_repository_are_heeded(repository: Path) -> None:
    (repository / "adapter_config.json").write_text(BAD)
    (repository / "loracheck.toml").write_text('exclude = ["adapter_config.json"]\n')
    assert pre_commit(repository, "loracheck").returncode == 0


def test_our_own_configuration_is_one_that_pre_commit_takes() -> None:
    for command, name in (
        ("validate-config", ".pre-commit-config.yaml"),
        ("validate-manifest", ".pre-commit-hooks.yaml"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", command, str(ROOT / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
