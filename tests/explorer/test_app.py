"""The explorer as it is used: open, edit, watch, mend, save, copy, with the keyboard alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual")

from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from loracheck.explorer.app import Explorer
from loracheck.explorer.autocomplete import AutocompleteDialog
from loracheck.explorer.copy_dialog import CopyDialog
from loracheck.explorer.dialogs import HelpDialog, QuestionDialog
from loracheck.explorer.form import Form
from loracheck.explorer.save_dialog import SaveDialog
from loracheck.explorer.tree_pane import TreePane

from .pilot import EXAMPLES, PHI3, drive, screen, type_text, wait_for
from .states import open_state

Session = Pilot[Any]


@pytest.fixture
def phi3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example with Llama's names, to be changed, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(PHI3, tmp_path))


def targets(app: Explorer) -> Any:
    assert app.view is not None
    return app.view.context.setting.fields["target_modules"]


def numbers(app: Explorer) -> tuple[int, int | None]:
    assert app.view is not None
    return app.view.impact.linear_reached, app.view.impact.trainable


def test_a_wrong_config_is_understood_mended_and_saved(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await wait_for(app, pilot, "LC202 `q_proj`, `k_proj`, ")
        await wait_for(app, pilot, "64 of 128 linear layers")
        await pilot.press("ctrl+f")
        assert targets(app)[0] == "qkv_proj"
        assert numbers(app) == (128, 25_165_824)
        await wait_for(app, pilot, "was 8,912,896")
        await wait_for(app, pilot, "nothing to complain about")
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, SaveDialog)
        await wait_for(app, pilot, '+    "qkv_proj"')
        await pilot.press("enter")
        await pilot.pause()
        assert app.state is not None and not app.state.is_changed

    old = phi3.read_text()
    drive(open_state(phi3), act)
    new = json.loads(phi3.read_text())
    assert new["target_modules"] == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]
    assert list(new) == list(json.loads(old))
    # Nothing else changed: the lines that stayed are the old ones in their order.
    rest = [
        line for line in phi3.read_text().splitlines() if "qkv" not in line and "gate" not in line
    ]
    assert [line for line in old.splitlines() if line in rest] == rest


def test_numbers_follow_each_keystroke(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        app.query_one(Form).enter("r")
        await pilot.press("end", "backspace", "backspace", "4")
        assert numbers(app) == (64, 8_912_896 // 4)
        await wait_for(app, pilot, "● r4")
        await pilot.press("8")
        assert numbers(app) == (64, 8_912_896 * 3)
        await pilot.press("backspace", "backspace")
        assert app.view is not None and "r" not in app.view.context.setting.places
        await pilot.press("ctrl+z")
        assert app.state is not None and not app.state.is_changed

    drive(open_state(phi3), act)


@pytest.mark.parametrize("keys", [["backspace", "backspace", "6", "4", "0"], ["9"] * 4])
def test_keys_that_come_faster_than_the_view_are_all_kept(tmp_path: Path, keys: list[str]) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "base_model: Qwen/Qwen2.5-0.5B\nadapter: lora\nlora_r: 16  # rank\nlora_alpha: 32\n"
        "lora_target_modules: [q_proj]\n"
    )
    wanted = "640" if len(keys) == 5 else "169999"

    async def act(app: Explorer, pilot: Session) -> None:
        app.query_one(Form).enter()
        await pilot.press("down")  # from the model to the rank
        assert app.query_one(Form).field == "r"
        for key in keys:
            app.post_message(Key(key, key if key.isdecimal() else None))
        await wait_for(app, pilot, wanted)
        for _ in range(5):
            await pilot.pause(0.1)
        assert isinstance(app.focused, Input) and app.focused.value == wanted
        assert app.state is not None and f"lora_r: {wanted}  # rank" in app.state.text

    drive(open_state(path), act)


def test_a_regex_is_watched_and_taken(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        app.query_one(TreePane).focus()
        await pilot.press("slash")
        await type_text(pilot, r".*\.(o|qkv)_proj")
        assert app.view is not None and app.view.preview is not None
        assert app.view.preview.modules == 64
        await wait_for(app, pilot, "64 match")
        await pilot.press("left", "backspace")
        assert app.view.preview.modules == 0
        await pilot.press("o", "enter")
        assert targets(app) == r".*\.(o|qkv)_proj"
        assert app.query_one("#try", Input).value == ""

    drive(open_state(phi3), act)


def test_space_in_the_tree_targets(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        tree = app.query_one(TreePane)
        tree.focus()
        for _ in range(20):
            if tree.current_line is not None and tree.current_line.label == "qkv_proj":
                break
            await pilot.press("down")
        await pilot.press("space")
        assert targets(app)[-1] == "qkv_proj"
        await pilot.press("space")
        assert "qkv_proj" not in targets(app)

    drive(open_state(phi3), act)


def test_another_model_is_looked_at(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("ctrl+b")
        assert isinstance(app.screen, AutocompleteDialog)
        await type_text(pilot, "Qwen3-30B-A3B")
        await pilot.press("enter")
        await pilot.pause()
        assert app.view is not None and app.state is not None
        assert app.view.impact.model_type == "qwen3_moe"
        assert not app.state.is_changed
        await pilot.press("ctrl+p")
        await type_text(pilot, "0.13")
        await pilot.press("enter")
        await pilot.pause()
        assert app.state.options.peft == "0.13"
        await pilot.press("ctrl+l")
        await type_text(pilot, "vllm")
        await pilot.press("enter")
        await pilot.pause()
        assert app.state.options.serve == "vllm"

    drive(open_state(phi3), act)


def test_a_model_written_into_the_file(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        app.query_one(Form).enter("model")
        await pilot.press("ctrl+u")
        await type_text(pilot, "meta-llama/Llama-3.2-1B")
        assert app.view is not None and app.state is not None
        assert app.view.impact.cls == "LlamaForCausalLM"
        assert '"base_model_name_or_path": "meta-llama/Llama-3.2-1B"' in app.state.text

    drive(open_state(phi3), act)


def test_choices_turn(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        assert app.state is not None
        app.query_one(Form).enter("use_rslora")
        await pilot.press("right")
        assert '"use_rslora": true' in app.state.text
        await pilot.press("backspace")
        assert "use_rslora" not in app.state.text
        await pilot.press("ctrl+z")
        assert app.state.text == PHI3.read_text()

    drive(open_state(phi3), act)


def test_help_and_all_panes_by_keyboard(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpDialog)
        await wait_for(app, pilot, "mend everything")
        await pilot.press("escape")
        seen = []
        for _ in range(3):
            await pilot.press("tab")
            assert app.focused is not None
            seen.append(app.focused.id or type(app.focused).__name__)
        assert seen == ["tree", "InputLine", "findings"]
        app.query_one(Form).enter("target_modules")
        await pilot.press("f1")
        assert isinstance(app.screen, HelpDialog)
        await pilot.press("escape")
        await pilot.press("question_mark")
        assert app.state is not None and "?" in str(targets(app))

    drive(open_state(phi3), act)


def test_unsaved_changes_are_asked_about(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("ctrl+f", "ctrl+q")
        await pilot.pause()
        assert isinstance(app.screen, QuestionDialog)
        await pilot.press("escape")
        assert app.is_running
        await pilot.press("ctrl+q")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()

    drive(open_state(phi3), act)
    assert "qkv_proj" in phi3.read_text()


def test_a_file_that_changed_meanwhile_is_not_overwritten(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        phi3.write_text("{}")
        await pilot.press("ctrl+f", "ctrl+s")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.state is not None and app.state.is_changed

    drive(open_state(phi3), act)
    assert phi3.read_text() == "{}"


def test_opening_without_a_file(phi3: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(phi3.parent)

    async def act(app: Explorer, pilot: Session) -> None:
        assert isinstance(app.screen, AutocompleteDialog)
        await wait_for(app, pilot, "phi3_llama_names.json  peft-adapter")
        await pilot.press("enter")
        await pilot.pause()
        assert app.state is not None and app.state.path == phi3.name

    drive(None, act)


def test_a_new_config_for_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("enter")
        await pilot.pause()
        await type_text(pilot, "Qwen/Qwen3-8B")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, QuestionDialog)
        await pilot.press("enter")
        await pilot.pause()
        assert numbers(app)[0] == 252
        await wait_for(app, pilot, "nothing to complain about")
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()

    drive(None, act)
    assert json.loads((tmp_path / "adapter_config.json").read_text())["peft_type"] == "LORA"


def test_copy_shows_and_writes(phi3: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(phi3.parent)

    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("ctrl+y")
        await pilot.pause()
        assert isinstance(app.screen, CopyDialog)
        await wait_for(app, pilot, "LoraConfig(")
        await pilot.press("enter")
        assert "LoraConfig(" in app.clipboard
        await pilot.press("down", "down", "s")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen_stack[1:] == []

    drive(open_state(phi3), act)
    assert "adapter: lora" in (phi3.parent / "axolotl.yaml").read_text()


NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_file())
SCREENS = ((80, 24), (40, 12), (120, 40), (200, 60))
SIZES = [(name, SCREENS[number % len(SCREENS)]) for number, name in enumerate(NAMES)]


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_every_example_on_every_screen(name: str, size: tuple[int, int]) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        if size[0] >= 80:
            await wait_for(app, pilot, name, "^f Mend", "Quit")
        assert len(screen(app).splitlines()) == size[1]
        more = ("tab", "down", "ctrl+t") if name == SIZES[-1][0] else ()
        for key in ("tab", "down", *more, "ctrl+s", "escape"):
            await pilot.press(key)
        assert app.is_running

    drive(open_state(EXAMPLES / name), act, size)


def test_a_tree_that_has_to_be_built_is_waited_for(
    phi3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("transformers")
    monkeypatch.chdir(phi3.parent)
    config = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_layer": 3}
    (phi3.parent / "config.json").write_text(json.dumps(config))

    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("ctrl+b")
        await type_text(pilot, "./config.json")
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.view is not None
        assert app.view.impact.cls == "GPT2LMHeadModel"
        await wait_for(app, pilot, "h.0-2")

    drive(open_state(phi3), act)


def test_a_file_with_several_settings(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    lora = "lora: {r: 8, lora_alpha: 16, target_modules: [q_proj]}"
    one = f"base_model: meta-llama/Llama-3.2-1B\n{lora}\n"
    path.write_text(f"{one}---\n{one.replace('8', '4')}")

    async def act(app: Explorer, pilot: Session) -> None:
        await wait_for(app, pilot, "1/2")
        await pilot.press("ctrl+n")
        await wait_for(app, pilot, "2/2")
        app.query_one(Form).enter("r")
        await pilot.press("backspace", "5")
        assert app.state is not None and app.state.text == path.read_text().replace("r: 4", "r: 5")

    drive(open_state(path), act)


def test_the_terminal_changes_its_size_under_a_dialog(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("f1")
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        await pilot.press("escape")
        await wait_for(app, pilot, "64 of 128")

    drive(open_state(phi3), act)


def test_a_terminal_made_small_again_gives_the_panes_their_rows_back(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        begun = app.query_one("#findings").size.height
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        assert app.query_one("#findings").size.height > begun
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.query_one("#findings").size.height == begun

    drive(open_state(phi3), act, size=(80, 24))


def test_what_was_said_does_not_lie_over_a_dialog_s_keys(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert len(app._notifications) == 1
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert len(app._notifications) == 0
        assert "Enter write" in screen(app)

    drive(open_state(phi3), act, size=(80, 24))


def test_the_line_to_try_says_whole_at_80_columns_what_it_takes(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await wait_for(app, pilot, "names or a regex")
        await pilot.press("slash", "left_parenthesis", "q")
        await wait_for(app, pilot, "missing ) ")

    drive(open_state(phi3), act, size=(80, 24))


def test_a_server_that_nobody_knows_is_said(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        await pilot.press("ctrl+l")
        await type_text(pilot, "nobody==1")
        await pilot.press("enter")
        await pilot.pause()
        assert app.state is not None and app.state.options.serve is None
        await pilot.press("ctrl+l")
        await type_text(pilot, "vllm")
        await pilot.press("enter")
        await pilot.pause()
        assert app.state.options.serve == "vllm"
        await wait_for(app, pilot, "│  vllm")

    drive(open_state(phi3), act)


def test_enter_on_a_finding_mends_it_or_goes_to_its_field() -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        assert app.view is not None
        at = next(n for n, f in enumerate(app.view.findings) if f.field == "lora_dropout")
        await pilot.press(*["down"] * at, "enter")
        assert app.query_one(Form).field == "lora_dropout"
        await pilot.press("ctrl+u")
        await type_text(pilot, "0.1")
        assert all(f.field != "lora_dropout" for f in app.view.findings)

    drive(open_state(EXAMPLES / "llama_typos.yaml"), act)


def test_a_file_in_another_folder(phi3: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (phi3.parent / "inside").mkdir()
    monkeypatch.chdir(phi3.parent / "inside")

    async def act(app: Explorer, pilot: Session) -> None:
        await type_text(pilot, "..")
        await pilot.press("enter")
        await pilot.pause()
        await type_text(pilot, "phi3")
        await pilot.press("enter")
        await pilot.pause()
        assert app.state is not None and app.state.path == f"../{phi3.name}"

    drive(None, act)


def test_a_dialog_keeps_the_keys_to_itself(phi3: Path) -> None:
    async def act(app: Explorer, pilot: Session) -> None:
        for opens in ("ctrl+o", "ctrl+b", "ctrl+y", "ctrl+s", "ctrl+l", "ctrl+p"):
            await pilot.press(opens)
            assert len(app.screen_stack) == 2
            await pilot.press("ctrl+b", "ctrl+s", "ctrl+o", "f1", "ctrl+f", "tab", "ctrl+z")
            assert len(app.screen_stack) == 2
            await pilot.press("escape")
            assert len(app.screen_stack) == 1
        assert app.state is not None and not app.state.is_changed
        await pilot.press("ctrl+f", "ctrl+y", "ctrl+q", "ctrl+q")
        assert len(app.screen_stack) == 3

    drive(open_state(phi3), act)
