"""The pages on releases, and the file that says which are known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dev.pages import releases
from dev.release import changes, known_file, peft_changes
from loracheck.releases.release_table import (
    FILE,
    get_newest_release,
    list_known_releases,
    parse_version_number,
)
from loracheck.trees.sources.bundle import load_index

RELEASES = list_known_releases("transformers")
COMMAND = "run: make release-transformers VERSION="


def test_every_known_release_is_bundled_and_has_its_page() -> None:
    """That the pages are current is a test of all generated pages (test_pages)."""
    for types in (False, True):
        assert tuple(load_index(types).releases) == RELEASES
    made = releases.make_pages()
    index = made["releases/index.md"]
    for release in RELEASES[:-1]:
        assert f"releases/transformers-{release}.md" in made
        assert f"(transformers-{release}.md)" in index, f"{COMMAND}{release}"


def test_what_moved_is_told() -> None:
    (change,) = changes.find_change("type:qwen3_moe", "5.0.0", "4.57.6")
    assert "model.layers.*.mlp.experts.*.gate_proj" in change.gone
    assert change.conversion == (None, "qwen2_moe")


def test_what_did_not_change_is_not_on_the_page() -> None:
    new, gone, changed = changes.list_changes(RELEASES[0], RELEASES[0])
    assert (new, gone, changed) == ([], [], [])


def test_a_release_is_made_known_in_one_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = {}
    for name, source in (("FILE", Path(FILE)), ("PYPROJECT", known_file.PYPROJECT)):
        copies[name] = tmp_path / source.name
        copies[name].write_text(source.read_text("utf-8"))
        monkeypatch.setattr(known_file, name, copies[name])
    assert known_file.add("transformers", "77.1.2")
    assert json.loads(copies["FILE"].read_text())["transformers"][:2] == ["77.1.2", RELEASES[0]]
    assert '"transformers==77.1.2"' in copies["PYPROJECT"].read_text()
    assert known_file.add("transformers", "77.1.3")
    assert json.loads(copies["FILE"].read_text())["transformers"][:2] == ["77.1.3", RELEASES[0]]
    assert not known_file.add("peft", "0.12.1")
    assert f'"peft=={get_newest_release("peft")}"' in copies["PYPROJECT"].read_text()
    list_known_releases.cache_clear()


def test_the_file_is_as_it_is_written() -> None:
    data = {name: list(list_known_releases(name)) for name in ("transformers", "peft")}
    assert Path(FILE).read_text("utf-8") == known_file.text(data)
    assert all(len(parse_version_number(one)) == 3 for found in data.values() for one in found)


def test_the_extra_for_tests_has_the_newest_release() -> None:
    project = known_file.PYPROJECT.read_text("utf-8")
    for package in ("transformers", "peft"):
        assert f'"{package}=={get_newest_release(package)}"' in project


@pytest.mark.oracle
def test_the_look_at_peft_sees_the_fields_and_the_functions_of_the_plan() -> None:
    import sys

    pytest.importorskip("peft")
    found = peft_changes.look(sys.executable)
    assert found["fields"]["r"] == "8"
    assert "tuners/lora/layer.py LoraLayer.update_layer" in found["functions"]
    assert found["targets"]["llama"] == ["q_proj", "v_proj"]
