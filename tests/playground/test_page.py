"""The playground, built and visited in headless Chromium, says what loracheck says here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import loracheck
from playground import bridge
from tests import node

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "playground"
SLIP = "  use_rslra: true"
CONFIG = '{"architectures": ["Phi3ForCausalLM"], "model_type": "phi3"}'
FOLDERS = (ROOT / "examples", ROOT / "docs" / "examples")
EXAMPLES = {path.name: path for folder in FOLDERS for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a visit of the built page has seen."""
    if shutil.which("chromium") is None and shutil.which("google-chrome") is None:
        pytest.skip("no Chromium")
    modules = node.install(SOURCE, request)
    work = tmp_path_factory.mktemp("playground")
    command = ["node", str(SOURCE / "build.mjs"), sys.executable, str(work), str(modules)]
    subprocess.run(command, check=True)
    given = {"examples": list(EXAMPLES), "slip": SLIP, "config": CONFIG}
    return node.run_script(Path(__file__).with_name("visit.mjs"), modules, given, str(work))


def test_nothing_leaves_the_browser_and_nothing_breaks(seen: Any) -> None:
    assert seen["strangers"] == []
    assert seen["errors"] == []


def test_python_is_loaded_when_it_is_wanted(seen: Any) -> None:
    assert set(seen["before"]) <= {"main.js", "main.css"}
    assert seen["bar"] > 0.9


def test_the_examples_read_as_they_do_here(seen: Any) -> None:
    assert len(EXAMPLES) > 25
    for name, path in EXAMPLES.items():
        report = loracheck.check(path.read_text("utf-8"), name=name)
        expected = [
            f"{f.code}, line {f.span.line} {f.message}".replace("`", "") for f in report.findings
        ]
        # How bad it is may hang on the releases that are installed here.
        found = [row.partition(" ")[2] for row in seen["examples"][name]]
        assert found == expected, name


def test_every_bundled_model_may_be_chosen(seen: Any) -> None:
    assert seen["models"] == json.loads(bridge.list_models())["models"]
    assert len(seen["models"]) > 900


def test_numbers_and_map_stand_beside_the_text(seen: Any) -> None:
    for words in ("64 of 128", "8.91 M", "8,912,896 of 3,829,992,448 (0.2327 %)", "lm_head"):
        assert words in seen["effect"]


def test_a_click_mends_the_text(seen: Any) -> None:
    assert seen["mended"]["status"].startswith("No findings")
    targets = json.loads(seen["mended"]["text"])["target_modules"]
    assert targets == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]


def test_a_link_carries_text_and_model(seen: Any) -> None:
    assert seen["shared"]["text"] == seen["mended"]["text"]
    assert seen["shared"]["model"] == "Qwen/Qwen2.5-7B"
    assert seen["shared"]["findings"] == seen["other"] != []


def test_it_fits_a_phone_and_the_dark(seen: Any) -> None:
    width, inner = seen["phone"]
    assert width <= inner == 390
    assert len(set(seen["grounds"])) == 2


def test_of_a_pasted_config_the_names_alone_are_told(seen: Any) -> None:
    assert "by the names of Phi3ForCausalLM alone" in seen["pasted"]["effect"]
    assert seen["pasted"]["findings"] == []
    assert seen["broken"].startswith("The config.json cannot be read")


def test_findings_come_while_one_types(seen: Any) -> None:
    assert any("use_rslra is no field" in finding for finding in seen["typed"])
    assert "r: 16" in seen["safe"].split("\n")[4]
    assert "lora_aplha: 32" in seen["safe"]


def check(**request: Any) -> Any:
    """An answer of the bridge, as the page gets it."""
    full = {"text": "", "name": "a.yaml", "model": "", "config": "", "cursor": None, **request}
    return json.loads(bridge.check(json.dumps(full)))


def test_offsets_are_those_of_javascript() -> None:
    text = "# \U0001f600\nbase_model: gpt2\nadapter: lora\nlora_r: 8\nlora_aplha: 8\n"
    (found,) = [f for f in check(text=text)["findings"] if f["code"] == "LC701"]
    units = text.encode("utf-16-le")
    assert units[found["from"] * 2 : found["to"] * 2].decode("utf-16-le") == "lora_aplha"
    (change,) = found["actions"][0]["changes"]
    assert units[change["from"] * 2 : change["to"] * 2].decode("utf-16-le") == "lora_aplha"
    assert bridge.Offsets(text).to_python(5) == 4


@pytest.mark.parametrize("config", ["[", "[]", "3"])
def test_a_config_that_is_none_is_told(config: str) -> None:
    assert check(text="r: 8", config=config)["fault"].startswith("The config.json cannot be read")


def test_a_class_that_nobody_knows_is_told() -> None:
    text = (ROOT / "examples" / "phi3_llama_names.json").read_text("utf-8")
    check(text=text, name="a.json", config='{"architectures": ["XForCausalLM"]}')
    assert "the names of XForCausalLM are not known" in bridge.explain()
    check(text=text, name="a.json", config="{}")
    assert "names no architecture" in bridge.explain()
