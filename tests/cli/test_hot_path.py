"""What a check of one file must not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = [
    "torch",
    "peft",
    "transformers",
    "pydantic",
    "jsonschema",
    "numpy",
    "rich",
    "huggingface_hub",
]
SCRIPT = """
import sys
from loracheck.cli.quick_check import try_quick_check
try:
    try_quick_check(["check", sys.argv[1], "--exit-zero"])
except SystemExit:
    pass
print("loaded:", ",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(path: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("loaded: ")[2].strip().split(","))


@pytest.mark.parametrize("name", ["phi3_llama_names.json", "qwen2_clean.json"])
def test_a_json_config_with_a_bundled_model_loads_nothing_heavy(name: str, tmp_path: Path) -> None:
    text = (ROOT / "examples" / name).read_text("utf-8")
    (tmp_path / name).write_text(text, "utf-8")  # where no requirements pin a release
    names = loaded(tmp_path / name)
    assert not names & {*HEAVY, "yaml", "click", "inspect", "dataclasses", "pathlib"}


def test_a_yaml_config_loads_yaml_alone() -> None:
    names = loaded(ROOT / "examples" / "gpt2_regex.yaml")
    assert not names & {*HEAVY, "click"}
    assert "yaml" in names


def test_a_file_without_a_setting_loads_no_rule_that_needs_one(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text("services: {web: {image: nginx}}\n")
    script = SCRIPT.replace('name.partition(".")[0] for name in sys.modules', "*sys.modules")
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    names = done.stdout.rpartition("loaded: ")[2].strip().split(",")
    families = {name.split(".")[2] for name in names if name.startswith("loracheck.rules.")}
    assert "file" in families
    assert not families & {"targets", "scaling", "heads", "serving", "weights", "safety"}


def test_the_families_that_speak_of_a_file_without_a_setting_are_known() -> None:
    from loracheck.rules import list_all_rules, list_rules_for_bare

    bare = [rule.code for rule in list_all_rules() if rule.check_bare is not None]
    assert bare and [rule.code for rule in list_rules_for_bare()] == bare
