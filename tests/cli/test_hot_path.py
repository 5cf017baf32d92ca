"""What a check of one file must not load."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from loracheck.rules.fields import SCRIPT_RULES
from loracheck.rules.tools import FORMATS, TRAPS

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "rules" / "cases"
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
SPARED = [
    *("ast", "click", "copy", "dataclasses", "inspect", "pathlib", "platform", "shlex", "typing")
]
"""Modules of Python and click that cost much, and that no adapter config or recipe needs."""
SCRIPT = """
import sys
from loracheck.cli.quick_check import try_quick_check
try:
    try_quick_check(["check", sys.argv[1], "--exit-zero", "--no-cache"])
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
    assert not names & {*HEAVY, *SPARED, "yaml"}


def test_a_plain_yaml_config_loads_nothing_heavy(tmp_path: Path) -> None:
    path = tmp_path / "train.yaml"
    path.write_text(
        "model_name: Qwen/Qwen2.5-7B\nlora:\n  r: 16\n  lora_alpha: 32\n"
        "  target_modules: [q_proj, 'k_proj', v_proj]\n  modules_to_save:\n    - lm_head\n"
    )
    assert not loaded(path) & {*HEAVY, *SPARED, "yaml", "fnmatch", "json"}


def test_yaml_with_an_anchor_loads_yaml_alone(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "gpt2_regex.yaml").read_text("utf-8")
    (tmp_path / "gpt2_regex.yaml").write_text(f"{text}more: &a [1]\n", "utf-8")
    names = loaded(tmp_path / "gpt2_regex.yaml")
    assert not names & {*HEAVY, *SPARED}
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
    assert not {name.split(".")[1] for name in names if name.startswith("loracheck.")} & {"plan"}
    assert not {"loracheck.pipeline.contexts", "loracheck.tools.core.server_command"} & {*names}


def test_the_rules_that_speak_of_a_file_without_a_setting_are_known() -> None:
    from loracheck.documents import read
    from loracheck.rules import list_all_rules, list_rules_for_bare
    from loracheck.rules.fields import WORDS

    words = " ".join(word for each in WORDS.values() for word in each)
    bare = [rule.code for rule in list_all_rules() if rule.check_bare is not None]
    script = [rule.code for rule in list_rules_for_bare(read("a.py", f"a = 1  # {words}"))]
    shell = [rule.code for rule in list_rules_for_bare(read("a.sh", "vllm --enable-lora"))]
    adapter = [rule.code for rule in list_rules_for_bare(read("adapter_config.json", "{}"))]
    ollama = [rule.code for rule in list_rules_for_bare(read("Modelfile", "FROM a"))]
    assert bare and sorted({*script, *shell, *adapter, *ollama}) == bare


def test_the_rules_that_are_left_out_of_a_run_are_what_they_are_taken_for() -> None:
    from loracheck.rules import list_all_rules

    names = {rule.code: rule.name for rule in list_all_rules()}
    assert {code: names[code] for code in TRAPS} == TRAPS
    told = {
        **{code: {"python", "ipynb"} for code in SCRIPT_RULES},
        **{code: {"sh" if one == "shell" else one for one in FORMATS[code]} for code in FORMATS},
    }
    for code, languages in told.items():
        cases = (CASES / f"{code}.md").read_text("utf-8")
        assert languages & {*re.findall(r"^```(\w+)", cases, re.MULTILINE)}, code
