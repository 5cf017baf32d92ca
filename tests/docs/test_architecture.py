"""The drawing of the rooms says what the code imports."""

from __future__ import annotations

import re
from pathlib import Path

from tests.imports import import_graph

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"


def drawn_arrows() -> set[tuple[str, str]]:
    found = re.findall(r"^  (\w+) --> (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {(room, other) for room, others in found for other in others.split(" & ")}


def imported_rooms() -> set[tuple[str, str]]:
    rooms = {
        path.name for path in (ROOT / "loracheck").iterdir() if (path / "__init__.py").exists()
    }
    graph = import_graph("loracheck")
    pairs = {
        (module.split(".")[1], other.split(".")[1])
        for module in graph.modules
        if module.count(".")
        for other in graph.find_modules_directly_imported_by(module)
        if other.count(".")
    }
    return {(one, two) for one, two in pairs if one != two and {one, two} <= rooms}


def test_the_drawing_is_the_code() -> None:
    drawn, imported = drawn_arrows(), imported_rooms()
    assert not imported - drawn, "docs/architecture.md does not draw these imports"
    assert not drawn - imported, "docs/architecture.md draws imports that are gone"


def test_every_room_says_what_comes_in_and_out() -> None:
    for folder in sorted({Path(p).parent for p in (ROOT / "loracheck").rglob("__init__.py")}):
        if "torch" in folder.parts:
            continue
        text = (folder / "__init__.py").read_text("utf-8")
        assert text.startswith('"""'), f"{folder} does not say what it is for"
