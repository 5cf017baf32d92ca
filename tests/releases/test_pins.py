"""What a project's files say about releases."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.releases.pins import (
    environment_yml,
    locks,
    pyproject,
    requirements_txt,
    setup_cfg,
)
from loracheck.releases.pins.find import find_nearest_pins

REQUIREMENTS = {
    "transformers==4.57.*": "==4.57.*",
    "transformers == 4.57.1  # why": "== 4.57.1",
    "Transformers[torch]>=4.49,<5": "<5,>=4.49",
    "transformers~=4.57.1": "~=4.57.1",
    "transformers==4.57.1 --hash=sha256:00": "==4.57.1",
    'transformers==4.57.1; python_version >= "3.8"': "==4.57.1",
    'transformers==4.57.1; python_version < "3.8"': None,
    "transformers": None,
    "transformers-stream-generator==0.0.4": None,
    "-r other.txt": None,
    "git+https://github.com/huggingface/transformers@v4.49.0": "==4.49.0",
    "transformers @ git+https://github.com/huggingface/transformers.git@v4.49.0#egg=x": "==4.49.0",
    "git+https://github.com/huggingface/transformers": "?",
    "transformers @ git+https://github.com/huggingface/transformers@main": "?",
    "transformers @ https://example.org/transformers-4.57.1-py3-none-any.whl": "?",
    "transformers=4.57.1": "?",
    "transformers==four": "?",
}


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_a_requirement_of_pip(text: str) -> None:
    found = [
        (pin.package, pin.specifier)
        for pin in requirements_txt.parse_pins("r.txt", f"torch\n{text}")
    ]
    wanted = REQUIREMENTS[text]
    told = [] if wanted is None else [("transformers", None if wanted == "?" else wanted)]
    assert [(p, s and s.replace(" ", "")) for p, s in found] == [
        (p, s and s.replace(" ", "")) for p, s in told
    ]


def test_a_line_may_be_continued() -> None:
    (pin,) = requirements_txt.parse_pins(
        "r.txt", "torch\npeft\\\n==0.17.1 \\\n  --hash=sha256:00\n"
    )
    assert (pin.package, pin.specifier, pin.line) == ("peft", "==0.17.1", 2)


PYPROJECT = """
[project]
name = "x"
dependencies = ["torch", "transformers>=4.49,<5"]

[project.optional-dependencies]
train = [
    "peft==0.17.*",
]

[dependency-groups]
dev = ["transformers!=4.50.0", {include-group = "other"}]

[tool.uv]
constraint-dependencies = ["peft<0.18"]
"""
POETRY = """
[tool.poetry.dependencies]
python = "^3.10"
transformers = "^4.57"
torch = "*"

[tool.poetry.group.train.dependencies]
peft = {version = "~0.17", extras = ["x"]}
"""


def test_pyproject_toml() -> None:
    found = [(p.package, p.specifier, p.line) for p in pyproject.parse_pins("p", PYPROJECT)]
    assert found == [
        ("transformers", "<5,>=4.49", 4),
        ("peft", "==0.17.*", 8),
        ("transformers", "!=4.50.0", 12),
        ("peft", "<0.18", 15),
    ]


def test_poetrys_own_specifiers() -> None:
    found = [(p.package, p.specifier, p.line) for p in pyproject.parse_pins("p", POETRY)]
    assert found == [("transformers", ">=4.57,<5", 4), ("peft", ">=0.17,<0.18", 8)]


def test_setup_cfg() -> None:
    text = "[options]\ninstall_requires =\n    torch\n    transformers==4.57.*\n"
    text += "[options.extras_require]\ntrain = peft<0.18\n"
    found = [(p.package, p.specifier, p.line) for p in setup_cfg.parse_pins("s", text)]
    assert found == [("transformers", "==4.57.*", 4), ("peft", "<0.18", 6)]


def test_uv_lock_and_poetry_lock() -> None:
    text = 'version = 1\n\n[[package]]\nname = "peft"\nversion = "0.17.1"\nsource = {}\n\n'
    text += '[[package]]\nname = "tokenizers"\nversion = "0.22.0"\ndependencies = [\n'
    text += '    { name = "transformers" },\n]\n'
    (pin,) = locks.parse_pins("uv.lock", text)
    assert (pin.package, pin.specifier, pin.line) == ("peft", "==0.17.1", 5)


CONDA = {
    "transformers=4.57.1": "==4.57.1.*",
    "transformers=4.57": "==4.57.*",
    "transformers==4.57.1": "==4.57.1",
    "conda-forge::transformers>=4.49,<5": "<5,>=4.49",
    "transformers 4.57.*": "==4.57.*",
    "transformers=4.57.1=pyhd8ed1ab_0": "==4.57.1.*",
    "transformers": None,
    "transformers 4.57|4.56": "?",
    "pytorch": None,
}


@pytest.mark.parametrize("item", CONDA)
def test_environment_yml(item: str) -> None:
    text = f"name: x\ndependencies:\n  - python=3.11\n  - {item}\n  - pip:\n    - peft==0.17.1\n"
    found = [(p.package, p.specifier, p.line) for p in environment_yml.parse_pins("e", text)]
    wanted = CONDA[item]
    own = [] if wanted is None else [("transformers", None if wanted == "?" else wanted, 4)]
    assert found == [*own, ("peft", "==0.17.1", 6)]


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_nearest_folder_with_a_pin_within_the_repository(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "requirements.txt": "transformers==4.49.0",
            "repo/.git/HEAD": "",
            "repo/requirements.txt": "transformers==4.57.6\npeft==0.17.1",
            "repo/a/constraints.txt": "transformers==5.0.0",
            "repo/b/README.md": "transformers==4.50.0",
        },
    )
    repo = tmp_path / "repo"
    assert [p.specifier for p in find_nearest_pins("transformers", str(repo / "a")).pins] == [
        "==5.0.0"
    ]
    assert [p.specifier for p in find_nearest_pins("peft", str(repo / "a")).pins] == ["==0.17.1"]
    assert [p.specifier for p in find_nearest_pins("transformers", str(repo / "b")).pins] == [
        "==4.57.6"
    ]
    (repo / "requirements.txt").rename(repo / "notes.txt")


def test_outside_of_a_repository_nothing_above_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"requirements.txt": "peft==0.17.1", "a/x.yaml": ""})
    assert find_nearest_pins("peft", str(tmp_path / "a")).pins == ()
    assert len(find_nearest_pins("peft", str(tmp_path)).pins) == 1


def test_included_files_are_read_within_the_folder_only(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "requirements.txt": "-r sub/base.in\n-c ../outside.txt\n-r requirements.txt\n",
            "sub/base.in": "transformers==4.57.6",
            "../outside.txt": "peft==0.17.1",
        },
    )
    assert [p.specifier for p in find_nearest_pins("transformers", str(tmp_path)).pins] == [
        "==4.57.6"
    ]
    assert find_nearest_pins("peft", str(tmp_path)).pins == ()


def test_what_powershell_writes(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("transformers==4.57.6\n", encoding="utf-16")
    assert [p.specifier for p in find_nearest_pins("transformers", str(tmp_path)).pins] == [
        "==4.57.6"
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "transformers = ["),
        ("environment.yml", "transformers: [: :"),
        ("setup.cfg", "transformers"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = find_nearest_pins("transformers", str(tmp_path))
    assert found.pins == ()
    assert [broken.file for broken in found.broken] == [str(tmp_path / name)]


@given(st.text(max_size=200))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (requirements_txt.parse_pins, locks.parse_pins):
        list(read("x", f"transformers{text}"))
    for strict in (pyproject.parse_pins, setup_cfg.parse_pins, environment_yml.parse_pins):
        try:
            list(strict("x", f"transformers{text}"))
        except ValueError:
            continue
