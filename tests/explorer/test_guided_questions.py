"""The plain guided dialogue: the same work in questions and answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from loracheck.explorer import guided_questions, launch
from loracheck.explorer.view_options import ViewOptions

from .states import open_state

PHI3 = Path(__file__).parents[2] / "examples" / "phi3_llama_names.json"


def talked(*answers: str, path: str | None = None) -> Result:
    """The dialogue with these answers; standard input ends after them."""

    @click.command()
    def command() -> None:
        guided_questions.run_questions(open_state(path) if path else None, ViewOptions())

    return CliRunner().invoke(command, input="".join(f"{answer}\n" for answer in answers))


@pytest.fixture
def phi3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example with Llama's names in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(PHI3, tmp_path / "config.json"))


def test_a_file_is_chosen_mended_and_written(phi3: Path) -> None:
    result = talked("1", "y", "8", "", "", "y", "", "")
    assert result.exit_code == 0, result.output
    assert "1  config.json  peft-adapter  microsoft/Phi-3-mini-4k-instruct" in result.output
    assert "LoRA reaches 128 of 128 linear layers" in result.output
    assert "was 8,912,896" in result.output
    new = json.loads(phi3.read_text())
    assert new["target_modules"] == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
    assert new["r"] == 8
    assert list(new) == list(json.loads(PHI3.read_text()))


def test_no_to_everything_leaves_the_file_alone(phi3: Path) -> None:
    result = talked("n", "", "", "", "no", path=str(phi3))
    assert result.exit_code == 0, result.output
    assert "says all of this already" in result.output
    assert phi3.read_text() == PHI3.read_text()


def test_a_new_config_for_a_model(phi3: Path, tmp_path: Path) -> None:
    answers = (
        "nobody/no-such-model",
        "Qwen/Qwen3-8B",
        "32",
        "-",
        "q_proj, v_proj",
        "y",
        "new.json",
    )
    result = talked(*answers, "axolotl", "new.yaml")
    assert result.exit_code == 0, result.output
    assert "no such model" in result.output
    assert "reaches: q_proj 36 · v_proj 36" in result.output
    new = json.loads((tmp_path / "new.json").read_text())
    assert new["r"] == 32 and "lora_alpha" not in new
    assert "lora_r: 32" in (tmp_path / "new.yaml").read_text()


def test_answers_that_make_no_sense_are_said(phi3: Path) -> None:
    result = talked("n", "", "", "[q_proj", "no", path=str(phi3))
    assert result.exit_code == 0, result.output
    assert "not taken: the closing ] is missing" in result.output


def test_the_end_of_input_ends_it(phi3: Path) -> None:
    result = talked("n", path=str(phi3))
    assert result.exit_code == 1
    assert phi3.read_text() == PHI3.read_text()


def test_which_form_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        def __init__(self, terminal: bool) -> None:
            self.terminal = terminal

        def isatty(self) -> bool:
            return self.terminal

    def at(terminal: bool, textual: bool, term: str) -> str:
        monkeypatch.setattr("sys.stdin", Stream(True))
        monkeypatch.setattr("sys.stdout", Stream(terminal))
        monkeypatch.setattr(launch, "find_spec", lambda name: object() if textual else None)
        monkeypatch.setenv("TERM", term)
        return launch.choose_interface()

    assert at(True, True, "xterm") == "explorer"
    assert at(True, False, "xterm") == "dialogue"
    assert at(True, True, "dumb") == "dialogue"
    assert at(False, True, "xterm") == "text"
