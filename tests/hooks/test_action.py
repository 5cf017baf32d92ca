"""The GitHub action and the pages that speak of it: what can be known without running GitHub."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.options.settings_keys import KEYS
from loracheck.reporters import FORMATS

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PAGE = "\n".join(
    (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("ci", "output", "settings")
)
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def test_everything_foreign_is_pinned_by_its_commit() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    uses = re.findall(r"uses: (\S+) # (\S+)", text)
    assert len(uses) == sum("uses" in step for step in STEPS)
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name, _ in uses)
    assert all(re.fullmatch(r"v\d+\.\d+\.\d+", version) for _, version in uses)


def test_no_input_is_pasted_into_a_script() -> None:
    assert all("${{" not in step.get("run", "") for step in STEPS)
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step)


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_the_scripts_run_and_give_what_they_promise(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text("{}")
    (tmp_path / "bad.json").write_text('{"peft_type": "LORA", "r": 0, "target_modules": ["a"]}')
    env = {
        **os.environ,
        "PYTHON": sys.executable,
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_ACTIONS": "true",
        "PATHS": "good.json bad.json",
        "ARGUMENTS": "--select LC1 --isolated",
    }
    scripts = {step["name"]: step["run"] for step in STEPS if "run" in step}
    done = {
        name: subprocess.run(
            ["bash", "-eo", "pipefail", "-c", scripts[name]],
            cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
        )
        for name in ("Write SARIF", "Check")
    }  # fmt: skip
    assert done["Write SARIF"].returncode == 0, done["Write SARIF"].stderr
    assert '"ruleId": "LC104"' in (tmp_path / "loracheck.sarif").read_text()
    assert (tmp_path / "output").read_text() == f"file={tmp_path}/loracheck.sarif\n"
    assert done["Check"].returncode == 1
    assert done["Check"].stdout.startswith("::error file=bad.json,line=1,")


def test_the_page_names_every_input_format_and_key() -> None:
    for name in ACTION["inputs"]:
        assert f"| `{name}` |" in PAGE
    for name in FORMATS:
        assert f"| `{name}` |" in PAGE
    for name in KEYS:
        assert re.search(rf"`{name}`|^{name} = |^\[{name}[\].]", PAGE, re.MULTILINE), name


def test_the_settings_on_the_page_are_valid(tmp_path: Path) -> None:
    from loracheck.options.load_settings_file import load_settings_file

    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    (tmp_path / "loracheck.toml").write_text(found[1])
    assert load_settings_file(str(tmp_path / "loracheck.toml")).models == (
        ("configs/qwen/**", "Qwen/Qwen3-8B"),
    )


def test_the_comments_on_the_page_do_what_is_said() -> None:
    from loracheck.options.lint_settings import LintSettings
    from loracheck.pipeline import check_file

    found = re.search(r"```yaml\n(lora:\n.*?)```", PAGE, re.DOTALL)
    assert found
    text = found[1] + "  lora_alpha: 512\n  base_model_name_or_path: Qwen/Qwen2.5-7B\n"
    job = LintSettings(frozenset({"LC004", "LC202", "LC302"}))
    bare = re.sub(r"  #.*", "", text)
    codes = {f.code for f in check_file("a.yaml", "a.yaml", job, bare.encode()).findings}
    assert codes == {"LC202", "LC302"}
    assert check_file("a.yaml", "a.yaml", job, text.encode()).findings == ()
