"""Models and targets that a script takes from an object of another file's class."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.tools import find_settings

HEAD = """from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
"""
CONFIG = """import os
from dataclasses import dataclass, field


@dataclass
class ModelConfig:
    name: str = "Qwen/Qwen2.5-7B"


@dataclass
class DataConfig:
    name: str = "tatsu-lab/alpaca"


@dataclass
class Config:
    base: str = os.environ.get("BASE", "Qwen/Qwen2.5-7B")
    model: ModelConfig = field(default_factory=ModelConfig)
    data: DataConfig = field(default_factory=DataConfig)
    empty: str = None
    targets: list = field(default_factory=lambda: ["q_proj"])


class Inherits(Config):
    pass


class Plain:
    def __init__(self, base="Qwen/Qwen2.5-7B"):
        self.base = base
        self.targets = ["q_proj"]


class Changed:
    base = "Qwen/Qwen2.5-7B"

    def __init__(self, base):
        self.base = base
"""
BUILD = """
    model = AutoModelForCausalLM.from_pretrained({base})
    return get_peft_model(model, LoraConfig(r=8, target_modules={targets}))
"""


def read_setting(
    folder: Path, script: str, base: str, targets: str = "['q_proj']"
) -> tuple[object, object]:
    """The model and the targets of a script beside a package with the classes."""
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "lab").mkdir(exist_ok=True)
    if not (folder / "lab" / "__init__.py").exists():
        (folder / "lab" / "__init__.py").write_text("")
    (folder / "lab" / "config.py").write_text(CONFIG)
    path = folder / "train.py"
    path.write_text(HEAD + script.replace("BUILD", BUILD.format(base=base, targets=targets)))
    (setting,) = find_settings(read(str(path)))
    certain = "build(Config(base=" in script or "build(Config(model=" in script
    assert isinstance(setting.model, Unknown) or setting.assumed is not certain
    return setting.model, setting.fields["target_modules"]


IMPORT = "from lab.config import Changed, Config, Inherits, ModelConfig, Plain\n"
METHOD = """class Trainer:
 def __init__(self, config: Config):
  self.config = config
  self.base = config.base

 def build(self):BUILD"""


@pytest.mark.parametrize(
    ("script", "base", "targets"),
    [
        ("def build(config: Config):BUILD", "config.base", "config.targets"),
        ('def build(config: "Config | None" = None):BUILD', "config.base", "config.targets"),
        ("import lab.config as c\ndef build(cfg: c.Inherits):BUILD", "cfg.base", "cfg.targets"),
        ("def build(config: Plain):BUILD", "config.base", "config.targets"),
        ("def build(config: Config):BUILD", "config.model.name", "config.targets"),
        (METHOD, "self.config.base", "self.config.targets"),
        (METHOD, "self.config.model.name", "self.config.targets"),
        (METHOD, "self.base", "self.config.targets"),
        ("config = Config()\ndef build(c):BUILD\nbuild(config)", "c.base", "c.targets"),
    ],
)
def test_the_class_of_another_file_tells(
    tmp_path: Path, script: str, base: str, targets: str
) -> None:
    found = read_setting(tmp_path, IMPORT + script, base, targets)
    assert found == ("Qwen/Qwen2.5-7B", ["q_proj"])


@pytest.mark.parametrize(
    ("call", "base"),
    [
        ("Config(base='Qwen/Qwen2.5-7B', targets=['q_proj'])", "c.base"),
        ("Config(model=ModelConfig(name='Qwen/Qwen2.5-7B'))", "c.model.name"),
    ],
)
def test_what_the_call_of_the_class_is_given_tells(tmp_path: Path, call: str, base: str) -> None:
    script = f"{IMPORT}def build(c: Config):BUILD\nbuild({call})"
    assert read_setting(tmp_path, script, base)[0] == "Qwen/Qwen2.5-7B"


@pytest.mark.parametrize(
    ("script", "base"),
    [
        ("def build(config: Changed):BUILD", "config.base"),
        ("def build(config: Config):BUILD", "config.empty"),
        ("def build(config: Config):BUILD", "config.missing"),
        ("def build(config: Config):BUILD", "config.data.missing"),
        ("def build(c: Config):BUILD\nimport yaml\nbuild(yaml.load(x))", "c.base"),
        ("def build(c: Config):BUILD\nbuild(Config(**kwargs))", "c.base"),
        ("def build(c: Config):BUILD\nbuild(Config())\nbuild(Config(base='x/y'))", "c.base"),
        ("def build(c: Config):BUILD\nother.base = unknown()", "c.base"),
    ],
)
def test_what_may_be_another_model_is_not_known(tmp_path: Path, script: str, base: str) -> None:
    assert isinstance(read_setting(tmp_path, IMPORT + script, base)[0], Unknown)


def test_a_module_that_its_package_names_anew_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "__init__.py").write_text("from .config import config\n")
    script = "from lab import config\ndef build(c: config.Config):BUILD"
    assert isinstance(read_setting(tmp_path, script, "c.base")[0], Unknown)
    (tmp_path / "lab" / "__init__.py").write_text("from .config import Config\n")
    assert read_setting(tmp_path, script, "c.base")[0] == "Qwen/Qwen2.5-7B"
