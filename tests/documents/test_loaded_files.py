"""Configuration files that a script loads by a path of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.tools import find_settings

HEAD = """import argparse, json, yaml
from pathlib import Path
from omegaconf import OmegaConf
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
"""
TAIL = """
model = AutoModelForCausalLM.from_pretrained({0}["model"]["name"])
model = get_peft_model(model, LoraConfig(r={0}["lora"]["r"], target_modules=["q_proj"]))
"""
CONFIG = "model: {name: Qwen/Qwen2.5-7B}\nlora: {r: 16}\n"
FUNCTION = """def load(path):
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    return config
"""
OPTION = """parser = argparse.ArgumentParser()
parser.add_argument("--config", default="conf/a.yaml")
args = parser.parse_args()
"""


def read_setting(folder: Path, body: str, where: str = "train.py") -> tuple[object, object]:
    """The model and the rank of a script in a repository with a configuration file."""
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "a.yaml").write_text(CONFIG)
    script = folder / where
    script.parent.mkdir(exist_ok=True)
    script.write_text(HEAD + body)
    (setting,) = find_settings(read(str(script)))
    return setting.model, setting.fields["r"]


@pytest.mark.parametrize(
    "body",
    [
        'c = yaml.safe_load(open("conf/a.yaml"))' + TAIL.format("c"),
        'with open("conf/a.yaml") as f:\n    c = yaml.safe_load(f)' + TAIL.format("c"),
        'c = yaml.safe_load(Path("conf/a.yaml").read_text())' + TAIL.format("c"),
        FUNCTION + 'c = load("conf/a.yaml")' + TAIL.format("c"),
        FUNCTION + OPTION + "c = load(args.config)" + TAIL.format("c"),
        'c = OmegaConf.load("conf/a.yaml")'
        + TAIL.format("c").replace('["model"]["name"]', ".model.name"),
    ],
)
def test_what_stands_in_the_file_is_known(tmp_path: Path, body: str) -> None:
    assert read_setting(tmp_path, body) == ("Qwen/Qwen2.5-7B", 16)
    assert read_setting(tmp_path, body, "scripts/train.py") == ("Qwen/Qwen2.5-7B", 16)


LOADERS = """import yaml
from pathlib import Path


def load(path: Path) -> dict:
    file = Path(path)
    with file.open("r", encoding="utf-8") as handle:
        found = yaml.safe_load(handle)
    if not isinstance(found, dict):
        raise ValueError(path)
    return found


def load_text(start, path):
    return yaml.safe_load(path.read_text())


def load_other(path):
    return yaml.safe_load(open(path + ".yaml"))


def load_joined(path):
    return {**yaml.safe_load(open(path)), "model": {"name": "x/y"}}
"""


@pytest.mark.parametrize(
    ("call", "known"),
    [
        ('load("conf/a.yaml")', True),
        ('load(path="conf/a.yaml")', True),
        ("load(args.config)", True),
        ('load_text(1, Path("conf/a.yaml"))', True),
        ('load_other("conf/a")', False),
        ('load_joined("conf/a.yaml")', False),
        ("load(sys.argv[1])", False),
        ('load(*["conf/a.yaml"])', False),
    ],
)
def test_what_another_files_function_loads_is_known(tmp_path: Path, call: str, known: bool) -> None:
    (tmp_path / "loaders.py").write_text(LOADERS)
    option = OPTION.replace('default="conf/a.yaml"', 'type=Path, default=Path("conf/a.yaml")')
    body = f"from loaders import load, load_joined, load_other, load_text\n{option}"
    model, rank = read_setting(tmp_path, f"{body}c = {call}" + TAIL.format("c"))
    assert (model == "Qwen/Qwen2.5-7B" and rank == 16) is known
    assert known or (isinstance(model, Unknown) and isinstance(rank, Unknown))


HYDRA = """import hydra
@hydra.main(version_base=None, config_path="conf", config_name="a")
def main(c):
    model = AutoModelForCausalLM.from_pretrained(c.model.name)
    model = get_peft_model(model, LoraConfig(r=c.lora.r, target_modules=["q_proj"]))
"""


def test_what_hydra_gives_a_function_is_known(tmp_path: Path) -> None:
    assert read_setting(tmp_path, HYDRA) == ("Qwen/Qwen2.5-7B", 16)
    other = HYDRA.replace('config_name="a"', 'config_name="b"')
    assert isinstance(read_setting(tmp_path, other)[0], Unknown)


def test_what_hydra_composes_of_several_files_is_known(tmp_path: Path) -> None:
    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "b.yaml").write_text("defaults:\n  - model: gpt\nlora: {r: 4}\n")
    (tmp_path / "conf" / "model" / "gpt.yaml").write_text("name: gpt2\n")
    assert read_setting(tmp_path, HYDRA.replace('"a"', '"b"')) == ("gpt2", 4)
    above = HYDRA.replace('"a"', '"b"').replace('"conf"', '"../conf"')
    assert read_setting(tmp_path, above, "src/train.py") == ("gpt2", 4)


def test_the_model_is_known_where_the_mapping_is_handed_on(tmp_path: Path) -> None:
    body = "def build(c):\n" + TAIL.format("c").replace("\nmodel", "\n    model")
    model, _ = read_setting(tmp_path, FUNCTION + body + 'build(load("conf/a.yaml"))\n')
    assert model == "Qwen/Qwen2.5-7B"


@pytest.mark.parametrize(
    "body",
    [
        'c = yaml.safe_load(open("conf/b.yaml"))' + TAIL.format("c"),
        "import sys\nc = yaml.safe_load(open(sys.argv[1]))" + TAIL.format("c"),
        'c = yaml.safe_load(open("../a.yaml"))' + TAIL.format("c"),
        'c = yaml.safe_load(open(c["path"]))' + TAIL.format("c"),
        "def load(c):\n    return load(c)\nc = load(c)" + TAIL.format("c"),
    ],
)
def test_another_file_is_not_read(tmp_path: Path, body: str) -> None:
    (tmp_path / "a.yaml").write_text(CONFIG)
    inside = tmp_path / "inside"
    inside.mkdir()
    model, rank = read_setting(inside, body)
    assert isinstance(model, Unknown) and isinstance(rank, Unknown)


def test_two_files_of_one_path_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "scripts" / "conf").mkdir(parents=True)
    (tmp_path / "scripts" / "conf" / "a.yaml").write_text(CONFIG)
    body = 'c = yaml.safe_load(open("conf/a.yaml"))' + TAIL.format("c")
    assert isinstance(read_setting(tmp_path, body, "scripts/train.py")[0], Unknown)
