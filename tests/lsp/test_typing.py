"""Somebody types: nothing raises, whatever the text, and an unfinished line hides no other."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

pytest.importorskip("pygls")

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from loracheck.documents.model import DocumentError
from loracheck.lsp.actions import fix_all, list_actions
from loracheck.lsp.analysis import analyse
from loracheck.lsp.completion import complete
from loracheck.lsp.half_typed import find_cursor, read_typed
from loracheck.lsp.hints import list_hints
from loracheck.lsp.hover import describe_place
from loracheck.lsp.lora_server import get_text_path
from loracheck.lsp.positions import Positions
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from tests.examples import FACTOR, examples

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").iterdir())
SETTINGS = resolve_settings(RunOptions(isolated=True), ()).for_path("a.json")
PLACES = round(2 * FACTOR)
"""Places of each file at which something is typed."""


def look_at(path: str, text: str, at: int) -> None:
    """Everything that an editor asks of a text."""
    analysis = analyse(path, text, SETTINGS, at)
    describe_place(analysis, at)
    list_hints(analysis)
    list(list_actions(analysis, 1, 10**6))
    for item in complete(path, text, at, SETTINGS):
        assert 0 <= item.start <= at <= item.end <= len(text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_tool_s_file_can_be_typed(path: Path) -> None:
    text = path.read_text("utf-8")
    rng = random.Random(path.name)
    for _ in range(PLACES):
        start = rng.randrange(len(text))
        piece = text[start : start + rng.randint(1, 12)]
        for typed in range(len(piece) + 1):
            rest = text[start + len(piece) :]
            look_at(path.name, text[:start] + piece[:typed] + rest, start + typed)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_whole_file_has_what_the_command_says(path: Path) -> None:
    from loracheck.pipeline import check_file

    text = path.read_text("utf-8")
    found = analyse(path.name, text, SETTINGS)
    assert found.findings == check_file(path.name, path.name, SETTINGS, text).findings
    assert found.readable
    assert fix_all(path.name, text, SETTINGS) == text  # the examples need no fix


SUFFIX = st.sampled_from([".json", ".yaml", ".toml", ".py", ".ipynb", ".sh"])
PIECES = st.sampled_from(
    [
        *("lora_alpha", "r", "target_modules", "LoraConfig(", "peft_type", "LORA", "q_proj", "😀"),
        *('"', "'", "[", "]", "{", "}", "(", ")", ":", ",", "=", "\n", "  ", "- ", "# ", "8", "\r"),
        *("base_model", "Qwen/Qwen2.5-7B", "adapter: lora", "\\", "\t", "\u2028", "None", "*a"),
    ]
)


@examples(150)
@given(SUFFIX, st.lists(PIECES, max_size=14).map("".join), st.data())
def test_any_text_can_be_looked_at(suffix: str, text: str, data: st.DataObject) -> None:
    look_at(f"adapter_config{suffix}", text, data.draw(st.integers(0, len(text))))


@given(st.text("ab\n", max_size=12), st.text("ab\n", max_size=12), st.data())
def test_the_cursor_stands_behind_what_was_typed(old: str, new: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(old)))
    after = old[:at] + new + old[at:]
    found = find_cursor(old, after)
    assert 0 <= found <= len(after)
    # What stands behind the cursor is as it was; which of equal signs was typed nobody can tell.
    assert old.endswith(after[found:])
    assert find_cursor(after, old) <= len(old)


ENDED = [
    ("a.json", '{"r": 8, "lora_al'),
    ("a.json", '{"r": 8, "lora_alpha"'),
    ("a.json", '{"r": 8, "lora_alpha":'),
    ("a.json", '{"r": 8, "bias": "no'),
    ("a.json", '{"r": 8, "target_modules": ['),
    ("a.json", '{"r": 8, "target_modules": ["q'),
    ("a.json", '{"r": 8, "target_modules": ["q"'),
    ("a.json", '{"r": 8, "target_modules": ["q", '),
    ("a.yaml", "r: 8\nlora_al"),
    ("a.yaml", "r: 8\ntarget_modules: [q_proj, v"),
    ("a.yaml", 'r: 8\nbias: "no'),
    ("a.py", "c = LoraConfig(r=8, lora_al"),
    ("a.py", "c = LoraConfig(r=8, lora_alpha="),
    ("a.py", 'c = LoraConfig(r=8, bias="no'),
    ("a.py", 'c = LoraConfig(r=8, target_modules=["q'),
    ("a.toml", "r = 8\nlora_al"),
    ("a.toml", "r = 8\nlora_alpha ="),
    ("a.toml", 'r = 8\nbias = "no'),
    ("a.toml", 'r = 8\ntarget_modules = ["q'),
]


@pytest.mark.parametrize(("name", "text"), ENDED, ids=lambda value: value[-24:])
def test_an_unfinished_text_is_read(name: str, text: str) -> None:
    suffix = os.path.splitext(name)[1]
    for rest in ("", "\n") if suffix != ".json" else ("", "}", "\n}\n"):
        found = read_typed(name, text + rest, len(text))
        assert not isinstance(found, DocumentError), rest
        assert '"r"' in repr(found.document.roots) or "'r'" in repr(found.document.roots)


def test_without_a_cursor_nothing_is_guessed() -> None:
    assert isinstance(read_typed("a.json", '{"r": 8', None), DocumentError)


@given(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_places_there_and_back(text: str, encoding: str) -> None:
    places = Positions(text, encoding)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n":
            continue  # inside a line break there is no place
        position = places.range_of(offset, offset).start
        assert places.to_offset(position) == offset


@given(st.text(max_size=20), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_any_place_has_an_offset(text: str, line: int, character: int) -> None:
    assert 0 <= Positions(text).to_offset(types.Position(line, character)) <= len(text)


@pytest.mark.parametrize(
    ("uri", "language", "path"),
    [
        ("file:///w/a%20b.yaml", "", "/w/a b.yaml"),
        ("file:///w/a.md", "markdown", None),
        ("file:///w/noext", "python", None),
        ("untitled:Untitled-1", "python", "Untitled-1.py"),
        ("untitled:Untitled-1", "plaintext", None),
        ("vscode-notebook-cell:/w/a.ipynb#x", "python", "a.ipynb"),
        ("untitled:", "yaml", "untitled.yaml"),
    ],
)
def test_the_path_of_an_address(uri: str, language: str, path: str | None) -> None:
    assert get_text_path(uri, language) == path
