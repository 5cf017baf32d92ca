"""[tool.loracheck] and loracheck.toml: where they are found, what they change, how they fail."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from loracheck.cli import cli
from loracheck.options import find_settings, schema, settings_keys, toml_spans
from loracheck.options.find_settings import find_settings_file
from loracheck.options.load_settings_file import load_settings_file
from loracheck.options.settings_file import SettingsFile
from loracheck.reporters import FORMATS
from loracheck.rules import list_all_rules

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
GOOD = '{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}'
BAD = GOOD.replace('"r": 8', '"r": 0')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "configs").mkdir()
    (tmp_path / "bad.json").write_text(BAD)
    (tmp_path / "configs" / "good.json").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments])


def codes(*arguments: str) -> list[str]:
    done = check("--format", "json", *arguments)
    assert done.exit_code in (0, 1), done.output
    return sorted({finding["code"] for finding in json.loads(done.stdout)["findings"]})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["LC003", "LC104"]),
        ('select = ["LC1"]', ["LC104"]),
        ('select = ["LC3"]', []),
        ('select = ["LC3"]\nextend-select = ["value-out-of-range"]', ["LC104"]),
        ('ignore = ["LC104"]', ["LC003"]),
        ('[per-file-ignores]\n"bad.json" = ["LC1"]', ["LC003"]),
        ('[per-file-ignores]\n"configs" = ["LC1"]', ["LC003", "LC104"]),
        ('exclude = ["bad.json"]', ["LC003"]),
        ('exclude = ["configs", "*.json"]\nselect = ["LC104"]', []),
        ('model = "Qwen/Qwen2.5-7B"', ["LC104"]),
        ('[models]\n"configs/**" = "Qwen/Qwen2.5-7B"', ["LC003", "LC104"]),
        ('[models]\n"**" = "Qwen/Qwen2.5-7B"', ["LC104"]),
        ('[rules.LC302]\nlow = 9', ["LC003", "LC104", "LC302"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", find_settings.NAMES)
def test_what_a_file_changes(text: str, found: list[str], name: str, folder: Path) -> None:
    if name == "pyproject.toml":
        text = "[tool.loracheck]\n" + text.replace("[per", "[tool.loracheck.per").replace(
            "\n[models", "\n[tool.loracheck.models"
        ).replace("[models", "[tool.loracheck.models").replace("[rules", "[tool.loracheck.rules")
    (folder / name).write_text(text + "\n")
    (folder / "notes.toml").write_text("a = 1\n")
    assert codes(".") == found
    assert codes(".", "--isolated") == ["LC003", "LC104"]


def test_the_command_line_wins(folder: Path) -> None:
    (folder / "loracheck.toml").write_text(
        'select = ["LC3"]\nfail-on = "error"\nformat = "concise"\nmodel = "Qwen/Qwen2.5-7B"\n'
        '[models]\n"**" = "microsoft/phi-2"\n'
    )
    assert codes("--select", "LC1", "bad.json") == ["LC104"]
    assert check(".").stdout.startswith("No findings in 2 files")
    assert check("--select", "LC104", ".").stdout.startswith("bad.json:1:")
    done = check("--model", "Qwen/Qwen2.5-7B", "--format", "json", "configs")
    assert json.loads(done.stdout)["settings"][0]["model_type"] == "qwen2"
    assert check("--select", "LC003", "--isolated", "configs", "--fail-on", "note").exit_code == 1


def test_nothing_left_to_check_is_said(folder: Path) -> None:
    (folder / "loracheck.toml").write_text('exclude = ["bad.json"]\n')
    done = check("bad.json")
    assert done.exit_code == 0
    assert "nothing to check" in done.stderr


def test_the_nearest_file_counts_and_the_search_ends_at_the_repository(folder: Path) -> None:
    assert find_settings_file(["configs"]) is None
    (folder / "pyproject.toml").write_text("[tool.ruff]\n")
    assert find_settings_file(["configs"]) is None
    (folder / "pyproject.toml").write_text("[tool.loracheck]\n")
    assert find_settings_file(["configs/good.json"]) == str(folder / "pyproject.toml")
    (folder / "loracheck.toml").write_text("")
    assert find_settings_file(["-"]) == str(folder / "loracheck.toml")
    (folder / "configs" / "loracheck.toml").write_text("")
    assert find_settings_file(["configs"]) == str(folder / "configs" / "loracheck.toml")
    assert find_settings_file(["configs", "bad.json"]) == str(folder / "loracheck.toml")
    inner = folder / "inner"
    (inner / ".git").mkdir(parents=True)
    assert find_settings_file([str(inner)]) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "loracheck.toml:1:1: unknown key `selct`; did you mean `select`?"),
        ('\nselect = ["LC999"]', "loracheck.toml:2:1: no rule is called `LC999`"),
        ('ignore = "LC1"', "loracheck.toml:1:1: `ignore` must be a list of strings"),
        ('fail-on = "warn"', "`fail-on` must be one of error, warning, note"),
        ('online = "yes"', "loracheck.toml:1:1: `online` must be true or false"),
        ('\npeft = "newest"', "loracheck.toml:2:1: 'newest' is no PEFT version such as 0.13"),
        (
            'transformers = "latest"',
            "loracheck.toml:1:1: 'latest' is no version such as 4.57 or 5.0.0",
        ),
        ("transformers = 5", "loracheck.toml:1:1: `transformers` must be a string"),
        ("model = 7", "loracheck.toml:1:1: `model` must be a string"),
        ('models = ["x"]', "`models` must be a table from path patterns"),
        ('x = 1\n[per-file-ignores]\n"*.json" = ["LC9999"]', "loracheck.toml:3:1: no rule is"),
        ("[rules.LC302]\nlowest = 4", "loracheck.toml:2:1: LC302 has no option `lowest` (it has"),
        ('[rules.LC302]\nlow = "4"', "loracheck.toml:2:1: `low` must be a number"),
        ("[rules.LC3O2]\nlow = 4", "loracheck.toml:1:2: no rule has the code `LC3O2`"),
        ("[rules]\nLC302 = 4", "loracheck.toml:2:1: `LC302` must be a table"),
        ("select = [", "not valid TOML"),
        ("select = []\nselect = []", "not valid TOML"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, message: str, folder: Path) -> None:
    (folder / "loracheck.toml").write_text(text + "\n")
    done = check(".")
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.output


def test_every_fault_at_once(folder: Path) -> None:
    (folder / "loracheck.toml").write_text('selct = []\nonline = 1\nignore = ["LC999"]\n')
    assert len(check(".").stderr.splitlines()) == 3


def test_a_file_that_is_not_there_and_one_too_many(folder: Path) -> None:
    done = check("--config", "none.toml")
    assert done.exit_code == 2
    assert "none.toml: cannot be read: No such file" in done.stderr
    assert check("--config", "x", "--isolated").exit_code == 2


def test_github_is_detected_unless_a_format_is_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert check("bad.json").stdout.startswith("::note") or "::error" in check("bad.json").stdout
    assert "::error" not in check("bad.json", "--format", "concise").stdout
    (folder / "loracheck.toml").write_text('format = "full"\n')
    assert "::error" not in check("bad.json").stdout


def test_unreadable_files_that_are_found_and_speak_of_something_else_are_passed_over(
    folder: Path,
) -> None:
    (folder / "chart.yaml").write_text("a: {{ .Values.x }}\n b: [\n")
    (folder / "tokenizer.json").write_text('["lora",' + '"x",' * 600_000 + '"y"]')
    assert codes(".") == ["LC003", "LC104"]
    assert check("chart.yaml").exit_code == 2
    (folder / "lora.yaml").write_text("lora: [\n")
    assert check(".").exit_code == 2


def test_the_schema_is_the_one_kept_and_takes_what_the_loader_takes(folder: Path) -> None:
    kept = (ROOT / "schemas" / "loracheck.schema.json").read_text("utf-8")
    assert kept == schema.render()
    validator = Draft202012Validator(json.loads(kept))
    validator.check_schema(json.loads(kept))
    text = """
select = ["LC1", "LC2", "rank-untypical"]
fail-on = "error"
online = false
exclude = ["old/**"]
per-file-ignores = {"a.json" = ["LC302"]}
models = {"configs/**" = "Qwen/Qwen3-8B"}
rules = {LC302 = {low = 2, high = 300}}
"""
    (folder / "loracheck.toml").write_text(text)
    loaded = load_settings_file("loracheck.toml")
    assert loaded.models == (("configs/**", "Qwen/Qwen3-8B"),)
    validator.validate(tomllib.loads(text))
    for bad in ({"selct": []}, {"online": 1}, {"rules": {"LC302": {"lo": 1}}}, {"fail-on": "x"}):
        assert not validator.is_valid(bad)


def test_every_key_is_a_field_and_every_format_a_reporter() -> None:
    assert [name.replace("-", "_") for name in settings_keys.KEYS] == list(SettingsFile._fields[2:])
    assert tuple(FORMATS) == settings_keys.FORMATS
    for rule in list_all_rules():
        assert all(text.endswith(".") for text in rule.options.values())


@given(st.lists(st.text("ab-", min_size=1, max_size=4), min_size=1, max_size=3, unique=True))
def test_places_are_those_of_the_keys(path: list[str]) -> None:
    *table, key = path
    header = f"[{'.'.join(table)}]" if table else "# nothing"
    text = f"# a = 1\n\n{header}\n  other-key = 2\n  {key} = 3\n"
    assert toml_spans.find_key_position(text, tuple(path)) == (5, 3)
    assert toml_spans.find_key_position(text, ("c",)) == (1, 1)
