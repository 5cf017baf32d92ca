"""The order in which a release is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from loracheck.releases import choose as module
from loracheck.releases.choose import choose
from loracheck.releases.peft import choose_peft_release
from loracheck.releases.release_table import get_newest_release

from .conftest import forget_pins

HERE = {"transformers": "4.57.3", "peft": "0.18.1"}


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """4.57.3 and 0.18.1 beside loracheck, 5.0.0 for another interpreter."""

    def there(package: str, python: str | None = None) -> str | None:
        return HERE.get(package) if python is None else {"transformers": "5.0.0"}.get(package)

    with patch.object(module, "find_installed_version", there):
        yield


def project(folder: Path, **files: str) -> str:
    forget_pins()
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return str(folder)


def test_the_order(tmp_path: Path) -> None:
    folder = project(tmp_path, requirements_txt="transformers==4.53.*\n")
    assert choose("transformers", folder, "5.8", "/x/python")[:2] == ("5.8", "asked for")
    assert choose("transformers", folder, None, "/x/python")[:2] == ("5.0.0", "installed")
    assert choose("transformers", folder)[:2] == ("4.53.3", "pinned")
    assert choose("peft", folder)[:2] == ("0.18.1", "installed")
    HERE.pop("peft")
    choose.cache_clear()
    assert choose("peft", folder)[:2] == (get_newest_release("peft"), "newest known")
    HERE["peft"] = "0.18.1"


def test_the_place_of_the_pin_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = project(tmp_path, requirements_txt="torch\ntransformers==4.53.3\n")
    assert choose("transformers", folder).reason == "pinned by requirements.txt:2"


@pytest.mark.parametrize(
    ("pin", "version"),
    [
        ("transformers==4.57.1", "4.57.1"),
        ("transformers<5", "4.57.3"),
        ("transformers==4.57.*", "4.57.3"),
        ("transformers>=4.40", "4.57.3"),
        ("transformers>=5", get_newest_release("transformers")),
        ("transformers>=5,<5.9", "5.8.1"),
        ("transformers==4.40.0", "4.40.0"),
        ("transformers==99.0.0", "99.0.0"),
    ],
)
def test_where_a_pin_allows_several_the_installed_one_trains(
    tmp_path: Path, pin: str, version: str
) -> None:
    found = choose("transformers", project(tmp_path, requirements_txt=pin))
    assert found.version == version
    assert found.basis == "pinned"
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("transformers==4.57.6\ntransformers==5.0.0", "pins that disagree"),
        ("transformers<4.50\ntransformers>=5", "pins that disagree"),
        ("transformers==4.99.0", "never existed"),
        ("transformers>=77", "allows none of the known releases"),
        ("transformers=4.57", "tells no release of transformers"),
        ("git+https://github.com/huggingface/transformers", "tells no release of transformers"),
    ],
)
def test_what_cannot_be_used_is_told_and_the_next_judges(
    tmp_path: Path, text: str, note: str
) -> None:
    found = choose("transformers", project(tmp_path, requirements_txt=text))
    assert (found.version, found.basis) == ("4.57.3", "installed")
    assert len(found.notes) == 1
    assert note in found.notes[0]
    assert "requirements.txt:1" in found.notes[0]


def test_a_release_asked_for_that_never_existed(tmp_path: Path) -> None:
    found = choose("transformers", project(tmp_path), "4.99")
    assert (found.version, found.notes) == ("4.57.3", ("transformers 4.99 never existed",))


def test_peft(tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert choose_peft_release(folder, None, None)[:3] == ("0.18.1", "0.18.1", "installed")
    assert choose_peft_release(folder, get_newest_release("peft"), None).to_follow is None
    late = choose_peft_release(folder, "0.99", None)
    assert (late.release, late.to_follow) == (get_newest_release("peft"), None)
    assert "newer than" in late.notes[0]
