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


SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}
BAD = '{"peft_type": "LORA", "r": 0, "target_modules": ["a"]}'
needs_bash = pytest.mark.skipif(os.name == "nt", reason="needs bash")


class Ran:
    """What a step did: its status, what it printed, and its outputs."""

    def __init__(self, name: str, folder: Path, **inputs: str) -> None:
        self.temp = folder / "temp"
        self.temp.mkdir(exist_ok=True)
        files = {
            name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        }
        for file in files.values():
            file.write_text("")
        given = {"PATHS": ".", "ARGUMENTS": "", "SUMMARY": "true", "EXTRA": "", "VERSION": ""}
        env = {**os.environ, **given, "PYTHON": sys.executable, "RUNNER_TEMP": str(self.temp)}
        env |= {"GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(ROOT)}
        env |= {name: str(file) for name, file in files.items()} | inputs
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", SCRIPTS[name]],
            cwd=folder / "work",
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.status, self.printed, self.errors = done.returncode, done.stdout, done.stderr
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        self.outputs = dict(line.split("=", 1) for line in lines)
        self.summary = files["GITHUB_STEP_SUMMARY"].read_text()

    def checked(self) -> set[str]:
        """The files with findings."""
        return set(re.findall(r"^::error file=([^,]+),", self.printed, re.MULTILINE))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with the checked-out repository in `work`."""
    names = ("a.json", "b c.json", "deep/er/d.json", "deep/e.json", "-x.json", "[z].json")
    for name in names:
        file = tmp_path / "work" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(BAD)
    (tmp_path / "work" / "good.json").write_text("{}")
    return tmp_path


@needs_bash
def test_one_run_gives_annotations_sarif_and_a_summary(work: Path) -> None:
    ran = Ran("Check", work, PATHS="good.json a.json", ARGUMENTS="--select LC1 --isolated")
    assert ran.status == 0, ran.errors
    assert ran.printed.startswith("::error file=a.json,line=1,")
    assert ran.outputs["status"] == "1"
    sarif = Path(ran.outputs["sarif"]).read_text()
    assert '"ruleId": "LC104"' in sarif
    assert ran.summary == Path(ran.outputs["markdown"]).read_text()
    assert "| <code>a&#46;json&#58;1</code> |" in ran.summary
    assert Ran("Tell the verdict", work, STATUS="1").status == 1
    assert Ran("Check", work, PATHS="good.json", SUMMARY="false").summary == ""
    upload = next(step for step in STEPS if "upload-sarif@" in step.get("uses", ""))
    assert STEPS.index(upload) < STEPS.index(STEPS[-1]), "the verdict comes after the upload"


PATHS = {
    "a.json good.json": {"a.json"},
    " a.json\tdeep ": {"a.json", "deep/e.json", "deep/er/d.json"},
    "a.json\nb c.json\n": {"a.json", "b c.json"},
    "  b c.json  \r\n\r\n": {"b c.json"},
    "deep/*.json": {"deep/e.json"},
    "deep/**/*.json": {"deep/e.json", "deep/er/d.json"},
    "b*.json\n[ab].json\n": {"a.json", "b c.json"},
    "[z].json": {"[z].json"},
    "-x.json": {"-x.json"},
    "": {"a.json", "b c.json", "deep/er/d.json", "deep/e.json", "-x.json", "[z].json"},
    "\n \n": {"a.json", "b c.json", "deep/er/d.json", "deep/e.json", "-x.json", "[z].json"},
}


@needs_bash
@pytest.mark.parametrize("text", PATHS, ids=repr)
def test_paths_are_lines_or_words_and_patterns(text: str, work: Path) -> None:
    ran = Ran("Check", work, PATHS=text, ARGUMENTS="--select LC104 --isolated")
    assert ran.status == 0, ran.errors
    assert ran.checked() == PATHS[text]


HOSTILE = [
    "$(touch pwned)", "`touch pwned`", "; touch pwned", "a.json; touch pwned", "&& touch pwned",
    "| touch pwned", "> pwned", "$PYTHON", "${IFS}", "a.json\n$(touch pwned)\n", "--config=x",
    "-", "--files-from=x", "\"; touch pwned; \"", "'; touch pwned; '", "\\", "~root", "!!",
    "{a,b}.json", "%s%n", "*)touch pwned", "a.json\n--exit-zero\n", "]]; touch pwned",
    "::set-output name=x::y",
]  # fmt: skip


@needs_bash
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["PATHS", "ARGUMENTS", "SUMMARY"])
def test_no_input_is_run(name: str, text: str, work: Path) -> None:
    ran = Ran("Check", work, **{name: text})
    assert ran.status == 0, ran.errors
    allowed = name == "ARGUMENTS" and "--exit-zero" in text  # which is an argument like any other
    assert (ran.outputs["status"] == "0") == allowed, "what is there is wrong, or the input is"
    assert not list(work.rglob("pwned"))
    assert set(ran.outputs) <= {"status", "sarif", "markdown"}
    assert not re.search(r"^::(?!error|warning|notice)", ran.printed + ran.errors, re.MULTILINE)


@needs_bash
def test_a_pattern_without_a_file_is_no_success(work: Path) -> None:
    ran = Ran("Check", work, PATHS="nowhere/*.json")
    assert (ran.status, ran.outputs) == (0, {"status": "2"})
    assert ran.printed == "::error::a pattern of paths matches nothing\n"
    assert Ran("Tell the verdict", work, STATUS="2").status == 2


@needs_bash
@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("EXTRA", text) for text in ("$(touch pwned)", "a b", "--index-url=x", "Models", "a,")),
        *(("VERSION", text) for text in ("0.1; touch pwned", "@ http://x", "-r", "0.1\n0.2", "*")),
    ],
)
def test_what_is_installed_is_named_plainly(name: str, text: str, work: Path) -> None:
    ran = Ran("Install loracheck", work, **{name: text})
    assert ran.status == 2
    assert ran.printed.startswith(f"::error::{name.lower()}: ")
    assert not list(work.rglob("pwned")) and ran.outputs == {}


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
