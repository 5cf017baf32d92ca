"""Constants that a script imports from another file of its project."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.tools import find_settings

SCRIPT = """from transformers import AutoModelForCausalLM
from peft import LoraConfig, get_peft_model
{imports}

model = AutoModelForCausalLM.from_pretrained({base})
model = get_peft_model(model, LoraConfig(r=8, target_modules={targets}))
"""
CONSTANTS = """import os
from dataclasses import dataclass

BASE = "Qwen/Qwen2.5-7B"
TARGETS = ["q_proj", "v_proj"]
CHANGED = ["q_proj"]
CHANGED.append("v_proj")
FROM_OUTSIDE = os.environ["TARGETS"]


class Settings:
    targets = TARGETS


@dataclass
class Fields:
    base: str = BASE
    targets = TARGETS


class Made:
    def __init__(self):
        self.names = ["q_proj", "v_proj"]


object_of_it = Settings()
fields_of_it = Fields()
made_of_it = Made()
"""


def write(folder: Path, where: str, imports: str, targets: str, base: str = "'x/y'") -> object:
    """The targets of a script in `where` of a repository, as they are read, or the model."""
    (folder / ".git").mkdir(exist_ok=True)
    script = folder / where
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(SCRIPT.format(imports=imports, targets=targets, base=base))
    (setting,) = find_settings(read(str(script)))
    return setting.fields["target_modules"] if base == "'x/y'" else setting.model


@pytest.mark.parametrize(
    ("where", "imports", "targets"),
    [
        ("train.py", "from settings import TARGETS", "TARGETS"),
        ("train.py", "import settings as s", "s.TARGETS"),
        ("train.py", "import settings", "list(settings.TARGETS)"),
        ("train.py", "from settings import Settings", "Settings.targets"),
        ("train.py", "from settings import object_of_it", "object_of_it.targets"),
        ("train.py", "from settings import fields_of_it", "fields_of_it.targets"),
        ("train.py", "from settings import made_of_it", "made_of_it.names"),
        ("train.py", "from settings import Fields", "Fields.targets"),
        ("scripts/train.py", "from settings import TARGETS", "TARGETS"),
        ("package/train.py", "from ..settings import TARGETS", "TARGETS"),
        ("package/train.py", "from .. import settings", "settings.TARGETS"),
    ],
)
def test_a_constant_of_the_project_is_known(
    tmp_path: Path, where: str, imports: str, targets: str
) -> None:
    (tmp_path / "settings.py").write_text(CONSTANTS)
    assert write(tmp_path, where, imports, targets) == ["q_proj", "v_proj"]


def test_the_model_is_known_too(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(CONSTANTS)
    imports = "from settings import BASE"
    assert write(tmp_path, "a.py", imports, "['q_proj']", "BASE") == "Qwen/Qwen2.5-7B"


DEFAULTS = """from dataclasses import dataclass, field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    targets: list[str] = ["q_proj", "v_proj"]


@dataclass
class Inner:
    names: list[str] = field(default_factory=lambda: ["q_proj", "v_proj"])


@dataclass
class Outer:
    inner: Inner = field(default_factory=Inner)


settings = Settings()
"""


@pytest.mark.parametrize(
    ("imports", "targets"),
    [
        ("from defaults import settings", "settings.targets"),
        ("from defaults import Settings\nsettings = Settings()", "settings.targets"),
        ("from defaults import Inner\nconfig = Inner()", "config.names"),
        ("from defaults import Outer\nconfig = Outer()", "config.inner.names"),
    ],
)
def test_a_default_of_another_file_is_likely(tmp_path: Path, imports: str, targets: str) -> None:
    (tmp_path / "defaults.py").write_text(DEFAULTS)
    assert write(tmp_path, "train.py", imports, targets) == ["q_proj", "v_proj"]
    (setting,) = find_settings(read(str(tmp_path / "train.py")))
    assert "target_modules" in setting.assumed_fields


@pytest.mark.parametrize(
    ("imports", "targets"),
    [
        ("from settings import CHANGED", "CHANGED"),
        ("from settings import FROM_OUTSIDE", "FROM_OUTSIDE"),
        ("from settings import MISSING", "MISSING"),
        ("from elsewhere import TARGETS", "TARGETS"),
        ("from settings import TARGETS\nTARGETS.append('k_proj')", "TARGETS"),
        ("import settings\nsettings.TARGETS = []", "settings.TARGETS"),
        (
            "try:\n    from settings import TARGETS\nexcept ImportError:\n    TARGETS = []",
            "TARGETS",
        ),
        ("from second import TARGETS", "TARGETS"),
    ],
)
def test_what_may_be_another_value_is_not_known(tmp_path: Path, imports: str, targets: str) -> None:
    (tmp_path / "settings.py").write_text(CONSTANTS)
    (tmp_path / "second.py").write_text("from settings import TARGETS\n")
    assert isinstance(write(tmp_path, "train.py", imports, targets), Unknown)


def test_two_files_of_one_name_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(CONSTANTS)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "settings.py").write_text(CONSTANTS)
    imports = "from settings import TARGETS"
    assert isinstance(write(tmp_path, "scripts/train.py", imports, "TARGETS"), Unknown)


def test_nothing_is_read_through_a_link_out_of_the_repository(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "settings.py").write_text(CONSTANTS)
    (inside / "settings.py").symlink_to(outside / "settings.py")
    (tmp_path / "other.py").write_text(CONSTANTS)
    imports = "from settings import TARGETS"
    assert isinstance(write(inside, "train.py", imports, "TARGETS"), Unknown)
    above = "from other import TARGETS"
    assert isinstance(write(inside, "train.py", above, "TARGETS"), Unknown)
