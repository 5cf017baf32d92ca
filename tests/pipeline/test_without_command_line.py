"""Everything below the command line serves an editor or a Python function: without click, and on a
text that is not saved.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from loracheck.options.errors import OptionError, SettingsError
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file, list_model_requests, read_contexts

ROOT = Path(__file__).parents[2]
TEXT = """{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "gate_porj"],
 "base_model_name_or_path": "Qwen/Qwen2.5-7B"}"""
ISOLATED = RunOptions(isolated=True)
OPENED = """
import json, sys
folder, text = sys.argv[1:]
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file, list_model_requests, read_contexts
path = folder + "/adapter_config.json"
settings = resolve_settings(RunOptions(isolated=True), (path,)).for_path(path)
codes = [finding.code for finding in check_file(path, path, settings, text).findings]
broken = check_file(path, path, settings, text[:-2], skip_unrelated=True)
unrelated = check_file(path, path, settings, '{"a": ', skip_unrelated=True)
read_contexts(path, settings, text)
names = [request.model for request in list_model_requests(path, text=text)]
print(json.dumps([codes, broken.unreadable, unrelated.unreadable, names,
    [name for name in opened if name.startswith(folder)], "click" in sys.modules]))
"""


def test_an_unsaved_text_is_checked_without_the_disk_and_without_click(tmp_path: Path) -> None:
    """On the disk there is another config, and weights that are none."""
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA", "r": -1')
    (tmp_path / "adapter_model.safetensors").write_bytes(b"nothing")
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path), TEXT],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    codes, broken, unrelated, names, opened, click = json.loads(done.stdout)
    assert "LC202" in codes
    assert not any(code.startswith("LC6") for code in codes)
    assert (broken, unrelated, names) == (True, False, ["Qwen/Qwen2.5-7B"])
    assert opened == []
    assert not click


def test_a_saved_file_is_judged_with_the_weights_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text(TEXT)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"nothing")
    settings = resolve_settings(ISOLATED, ()).for_path(str(path))

    def codes(text: str | None, on_disk: bool | None) -> set[str]:
        found = check_file(str(path), "a", settings, text, on_disk=on_disk).findings
        return {finding.code for finding in found}

    assert "LC601" in codes(None, None)
    assert "LC601" in codes(TEXT, True)
    assert codes(TEXT, None) == codes(None, None) - {"LC601"}


@pytest.mark.parametrize("text", [TEXT, TEXT.encode()])
def test_text_and_bytes_are_the_same(text: str | bytes) -> None:
    settings = resolve_settings(ISOLATED, ()).for_path("a.json")
    (context,) = read_contexts("a.json", settings, text)
    assert context.setting.model == "Qwen/Qwen2.5-7B"
    assert [request.model for request in list_model_requests("a.json", "other", text)] == ["other"]
    assert {f.code for f in check_file("a.json", "a", settings, text).findings} == {"LC202"}


def test_options_that_make_no_sense_are_an_error_of_this_package(tmp_path: Path) -> None:
    for options in (
        RunOptions(select=("LC000",)),
        RunOptions(ignore=(" ",)),
        RunOptions(peft="new"),
        RunOptions(serve=("nobody",)),
        RunOptions(isolated=True, config="a.toml"),
    ):
        with pytest.raises(OptionError):
            resolve_settings(options._replace(isolated=True), ())
    file = tmp_path / "loracheck.toml"
    file.write_text("selekt = []\npeft = 1\n")
    with pytest.raises(SettingsError) as raised:
        resolve_settings(RunOptions(config=str(file)), ())
    assert len(raised.value.problems) == 2


def test_notes_go_where_the_caller_says() -> None:
    notes: list[str] = []
    resolve_settings(ISOLATED._replace(peft="0.4", serve=("vllm==99",)), (), notes.append)
    assert len(notes) == 2
    assert "0.4" in notes[0] and "99" in notes[1]
