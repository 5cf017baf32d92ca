"""Ollama's Modelfile: its instructions with their places, and texts that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.documents import read
from loracheck.documents.formats import get_suffix
from loracheck.documents.modelfile.document import ModelfileDocument

TEXT = '''# a comment
FROM llama3.1:8b

\tParameter stop "<|eot|>"
SYSTEM """
ADAPTER ./not-this
"""
MESSAGE user Hello, "you"
adapter   "./my style"  \r
LICENSE last'''


def parse(text: str) -> ModelfileDocument:
    document = read("Modelfile", text)
    assert isinstance(document, ModelfileDocument)
    return document


def test_instructions_are_read_with_their_values() -> None:
    assert [(one.name, one.value) for one in parse(TEXT).instructions] == [
        ("from", "llama3.1:8b"),
        ("parameter", "<|eot|>"),
        ("system", "\nADAPTER ./not-this\n"),
        ("message", 'Hello, "you"'),
        ("adapter", "./my style"),
        ("license", "last"),
    ]


def test_a_value_has_its_place() -> None:
    document = parse(TEXT)
    adapter = next(one for one in document.instructions if one.name == "adapter")
    assert document.place(adapter) == (9, 11, 9, 23)
    assert document.text[adapter.start : adapter.end] == '"./my style"'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ADAPTER ./x.gguf\n",
        "FROM llama3\nname: value\n",
        "FROM llama3\nWEIGHTS ./x\nADAPTER ./y\n",
        'FROM llama3\nSYSTEM """never closed\nADAPTER ./y\n',
    ],
)
def test_what_ollama_would_not_read_has_no_instructions(text: str) -> None:
    assert parse(text).instructions == []


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a/Modelfile", ".modelfile"),
        ("modelfile", ".modelfile"),
        ("Modelfile.llama3", ".modelfile"),
        ("style.Modelfile", ".modelfile"),
        ("modelfile.py", ".py"),
        ("modelfile_reader.go", ".go"),
        ("Dockerfile", ""),
    ],
)
def test_its_names(name: str, suffix: str) -> None:
    assert get_suffix(name) == suffix


def test_a_search_finds_it_and_comments_suppress(tmp_path: Path) -> None:
    from loracheck.options.find_files import find_files

    for name in ("Modelfile", "Modelfile.two", "x.modelfile", "Dockerfile", "modelfiles"):
        (tmp_path / name).write_text("FROM llama3\n", "utf-8")
    found = [file.display_path for file in find_files((str(tmp_path),))]
    assert found == ["Modelfile", "Modelfile.two", "x.modelfile"]
