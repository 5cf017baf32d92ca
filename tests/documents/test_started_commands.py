"""The commands that a Python text starts."""

from __future__ import annotations

import json

import pytest

from loracheck.documents import read
from loracheck.documents.python.document import parse
from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.tools.core.started_servers import find_started_words

LINES = (
    ('os.system("vllm serve me/base --enable-lora")', ["vllm serve me/base --enable-lora"]),
    ('subprocess.run(["vllm", "serve", NAME])', ["vllm serve me/base"]),
    ('subprocess.Popen(f"vllm serve {NAME}", shell=True)', ["vllm serve me/base"]),
    ('subprocess.run(args=shlex.split("vllm serve " + NAME))', ["vllm serve me/base"]),
    ('subprocess.run("vllm serve me/base".split())', ["vllm serve me/base"]),
    (
        'run("cd x && vllm serve me/base > log.txt 2>&1 &", shell=True)',
        ["cd x", "vllm serve me/base"],
    ),
    ('subprocess.run(f"vllm serve {find()} -x", shell=True)', [f"vllm serve {UNKNOWN_MARK} -x"]),
    ("subprocess.run(WORDS)", ["vllm serve me/base"]),
    ('print("vllm serve me/base")', []),
    ('client.run("vllm serve me/base")', []),
)
HEAD = 'import os, shlex, subprocess\nfrom subprocess import run\nNAME = "me/base"\n'


@pytest.mark.parametrize(("line", "commands"), LINES, ids=[line for line, _ in LINES])
def test_the_words_of_a_command(line: str, commands: list[str]) -> None:
    text = f'{HEAD}WORDS = ["vllm", "serve", NAME]\n{line}\n'
    assert [" ".join(one.words) for one in parse("a.py", text).started] == commands


def test_words_that_are_handed_on_may_be_more() -> None:
    lines = ('subprocess.run(["vllm", *words])', 'subprocess.run("vllm $X", shell=True)')
    text = "\n".join(("import subprocess", *lines))
    assert [one.complete for one in parse("a.py", text).started] == [False, False]


def test_a_broken_text_starts_nothing() -> None:
    assert parse("a.py", "import subprocess\nsubprocess.run((\n").started == ()


def test_the_place_in_a_notebook_is_that_of_the_cell() -> None:
    code = 'import subprocess\nsubprocess.run("vllm serve me/base --lora-path x", shell=True)'
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": [code]}
    book = {
        "cells": [cell],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(book)
    (command,) = find_started_words(read("run.ipynb", text))
    assert text[command.place.column - 1 :].startswith("subprocess.run(")
