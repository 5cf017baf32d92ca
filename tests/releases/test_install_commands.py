"""What notebooks and scripts install themselves, as pins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.pipeline.contexts import choose_pair
from loracheck.pipeline.own_pins import add_own_pins
from loracheck.releases.pin_checks import is_pinned_within
from loracheck.releases.pins import own
from loracheck.releases.pins.install_commands import read_install_commands

CELLS = {
    "!pip install peft==0.11.1 transformers==4.41.0": "transformers ==4.41.0 1, peft ==0.11.1 1",
    "%pip install -q 'peft==0.11.1'": "peft ==0.11.1 1",
    "!uv pip install peft==0.11.1": "peft ==0.11.1 1",
    "%uv pip install peft==0.11.1": "peft ==0.11.1 1",
    '%%bash\npip install -q -U "trl==0.8.6"': "trl ==0.8.6 2",
    "%%capture\nimport os\n!pip3 install trl==0.8.6 --no-deps # why": "trl ==0.8.6 3",
    "%%capture\n!pip install -q \\\n  accelerate \\\n  trl==0.8.6": "trl ==0.8.6 4",
    "!python -m pip install 'peft>=0.11,<0.12'": "peft <0.12,>=0.11 1",
    "!{sys.executable} -m pip install peft==0.11.1": "peft ==0.11.1 1",
    "!apt update && pip install peft==0.11.1; ls": "peft ==0.11.1 1 maybe",
    "if old:\n    !pip install peft==0.11.1": "peft ==0.11.1 2 maybe",
    "%%bash\nif old; then pip install peft==0.11.1; fi": "peft ==0.11.1 2 maybe",
    "!pip install peft==0.11.1\n!pip install peft==0.12.0": "peft ==0.11.1 1, peft ==0.12.0 2",
    # no release is known
    "!pip install peft=={version}": "peft ? 1",
    "!pip install peft==$VERSION": "peft ? 1",
    "!pip install git+https://github.com/huggingface/peft.git": "peft ? 1",
    "!pip install git+https://github.com/huggingface/peft@v0.11.1": "peft ==0.11.1 1",
    "!pip install peft==0.11.1\n!pip install git+https://github.com/huggingface/peft": "peft ? 2",
    "!pip install peft==0.11.1\n!pip install -qU peft": "peft ? 2",
    "!pip install -U peft\n!pip install peft==0.11.1": "peft ==0.11.1 2",
    "!pip install peft==0.11.1\n!pip install peft": "peft ==0.11.1 1",
    # none of the file's own
    "# !pip install peft==0.11.1": "",
    "#%pip install peft==0.11.1": "",
    "%%bash\n# pip install peft==0.11.1": "",
    "%%writefile setup.sh\npip install peft==0.11.1": "",
    "!pip install -U peft": "",
    "!pip install peft>=0.11.1": "",  # the shell writes a file `=0.11.1`
    "!pip install peft-extras==0.11.1 -r requirements.txt": "",
    "!pip install --target /other peft==0.11.1": "",
    "!echo pip install peft==0.11.1": "",
    "!pip uninstall -y peft; pip download peft==0.11.1": "",
    "print('pip install peft==0.11.1')": "",
}


def write_notebook(*cells: str) -> str:
    rows = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def tell(form: str, text: str) -> str:
    """The pins of a text in words: package, releases, line."""
    return ", ".join(
        f"{pin.package} {pin.specifier or '?'} {pin.line}{' maybe' * pin.conditional}"
        for pin in read_install_commands(form, "x", text)
    )


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell(cell: str) -> None:
    assert tell("notebook", write_notebook("x = 1", cell)) == CELLS[cell]
    pins = read_install_commands("notebook", "x", write_notebook("x = 1", cell))
    assert all(pin.cell == 2 for pin in pins)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pip install peft==0.11.1\ntrain --lora_r 8\npip install peft==0.17.1", "peft ==0.11.1 1"),
        ("V=0.11.1\nvenv/bin/pip install peft==$V\n", "peft ==0.11.1 2"),
        ("install() {\n  pip install peft==0.11.1\n}\n", "peft ==0.11.1 2 maybe"),
        ("docker run image pip install peft==0.11.1\n", ""),
    ],
)
def test_a_script(text: str, told: str) -> None:
    assert tell("shell", text) == told


NOTEBOOKS = [
    (["%%writefile requirements.txt\n# why\npeft==0.11.1", "!pip install -r requirements.txt"], 3),
    (["%%writefile ./reqs.txt\npeft==0.11.1", "%pip install -q --requirement=reqs.txt"], 2),
    (["%%file /content/reqs.txt\npeft==0.11.1", "!pip install -rreqs.txt"], 2),
    (["%%writefile r.txt\ntrl", "%%writefile -a r.txt\npeft==0.11.1", "!pip install -r r.txt"], 2),
    (["%%bash\ncat <<EOF > r.txt\npeft==0.11.1\nEOF\npip install -r r.txt"], 3),
    # none of its own: installed before it is written, never, or overwritten
    (["!pip install -r r.txt", "%%writefile r.txt\npeft==0.11.1"], None),
    (["%%writefile r.txt\npeft==0.11.1", "!pip install -r other.txt"], None),
    (["%%writefile r.txt\npeft==0.11.1", "%%writefile r.txt\ntrl", "!pip install -r r.txt"], None),
    (["%%writefile r.py\npeft==0.11.1", "!pip install -r r.py"], None),
]


@pytest.mark.parametrize(("cells", "line"), NOTEBOOKS)
def test_a_requirements_file_that_a_notebook_writes(cells: list[str], line: int | None) -> None:
    told = tell("notebook", write_notebook(*cells))
    assert told == ("" if line is None else f"peft ==0.11.1 {line}")


HEAD = "# Databricks notebook source\n"
METADATA = """# /// script
# requires-python = ">=3.10"
# dependencies = [
#     "torch",
#     "peft==0.11.1",
# ]
# ///
"""
PYTHON = {
    HEAD + "# MAGIC %pip install -q peft==0.11.1\n\n# COMMAND ----------\nx": "peft ==0.11.1 2",
    HEAD + "x = 1\n# COMMAND ----------\n# MAGIC %pip install peft==0.11.1": "peft ==0.11.1 4",
    HEAD + "# MAGIC %sh\n# MAGIC pip install peft==0.11.1": "peft ==0.11.1 3",
    HEAD + "# MAGIC %md\n# MAGIC Run `pip install peft==0.11.1`": "",
    HEAD + "# %pip install peft==0.11.1": "",
    "# MAGIC %pip install peft==0.11.1": "",  # no file of Databricks'
    METADATA: "peft ==0.11.1 5",
    METADATA.replace("peft==0.11.1", "peft>=0.18"): "peft >=0.18 5",
    METADATA.replace("peft==0.11.1", "peft"): "",
    METADATA.replace("# ]", "#"): "",  # no TOML
    METADATA.replace("# ///\n", ""): "",
    METADATA.replace("/// script", "/// other"): "",
    METADATA + METADATA: "",  # an error to the tools that read it
}


@pytest.mark.parametrize("text", PYTHON)
def test_a_python_file(text: str) -> None:
    assert tell("python", text) == PYTHON[text]


def test_a_scripts_metadata_judges_it(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(METADATA + CONFIG)
    peft = choose_pair(str(tmp_path), add_own_pins(LintSettings(frozenset()), read(str(path)))).peft
    assert (peft.version, peft.certain) == ("0.11.1", True)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["peft", "trl", "torch", "transformers"]),
            st.sampled_from(["", "==0.12.0", "==1.0"]),
            st.sampled_from(["", "'", '"']),
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["!pip install ", "%pip install -q ", "%%bash\npip install "]),
)
def test_every_exact_pin_is_found(words: list[tuple[str, str, str]], start: str) -> None:
    cell = start + " ".join(f"{quote}{name}{pin}{quote}" for name, pin, quote in words)
    wanted = [(name, pin) for name, pin, _ in words if pin and name != "torch"]
    pins = read_install_commands("notebook", "x", write_notebook(cell))
    assert sorted((pin.package, str(pin.specifier)) for pin in pins) == sorted(wanted)


@given(st.text(st.sampled_from("!%#\\\n '\"{}$pip install peft==1.0-U;&|<>"), max_size=60))
def test_no_text_is_too_much(text: str) -> None:
    for form, source in (("notebook", write_notebook("!pip install " + text)), ("shell", text)):
        for pin in read_install_commands(form, "x", source):
            assert 1 <= pin.line <= source.count("\n") + text.count("\n") + 1


CONFIG = "from peft import LoraConfig\nc = LoraConfig(r=8, target_modules=['q_proj'])\n"


def test_the_own_pin_beats_that_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").write_text("peft==0.17.1\ntransformers==4.57.3\n")
    (tmp_path / "a.ipynb").write_text(write_notebook("x = 1", "!pip install peft==0.11.1", CONFIG))
    document, settings = read("a.ipynb"), LintSettings(frozenset())
    pair = choose_pair(".", add_own_pins(settings, document))
    assert (pair.peft.version, pair.peft.certain) == ("0.11.1", True)
    assert pair.peft.reason == "pinned by a.ipynb, cell 2, line 1"
    assert pair.transformers.reason == "pinned by requirements.txt:2"
    assert is_pinned_within("peft", document, "<0.12")
    asked = choose_pair(".", add_own_pins(settings._replace(peft="0.15"), document))
    assert asked.peft.version == "0.15"
    (result,) = check_file("a.ipynb", "a.ipynb", settings).settings
    assert (result.peft, result.peft_from) == ("0.11.1", pair.peft.reason)


def test_a_condition_makes_a_pin_uncertain(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(write_notebook("if x:\n  !pip install peft==0.11.1", CONFIG))
    document = read(str(path))
    peft = choose_pair(str(tmp_path), add_own_pins(LintSettings(frozenset()), document)).peft
    assert (peft.version, peft.certain) == ("0.11.1", False)
    assert not is_pinned_within("peft", document, "<0.12")


def test_files_that_install_nothing_are_not_read_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"peft_type": "LORA", "x": "pip install peft==0.11.1"}')
    assert own.find_own_pins(read(str(path))) == ()
