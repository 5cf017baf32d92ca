"""The look at the bytes misses no file of which something is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.tool_cases import read_cases
from loracheck.documents import FORMATS
from loracheck.documents.formats import get_suffix
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules
from loracheck.tools.core import quick_look
from loracheck.tools.core.build_index import WORDS_FILE, render_words
from loracheck.tools.core.lora_keywords import seems_to_set_lora
from loracheck.tools.core.quick_look import may_set_lora
from loracheck.tools.core.setting_words import FIELDS, WORDS
from tests.rules.case_files import cases as rule_cases
from tests.rules.pages import examples
from tests.shared import files, needs

SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()), with_lines=False)
GOLDEN = Path(__file__).with_name("golden")
REPOSITORY = Path(__file__).parents[2]


def lost(path: str, data: bytes) -> bool:
    """Whether something is said of a file, and the look does not see it."""
    if may_set_lora(data, get_suffix(path)) or Path(path).name == "adapter_config.json":
        return False  # PEFT's own file is read whatever words it has
    found = check_file(path, path, SETTINGS, data)
    broken = found.unreadable and not seems_to_set_lora(data)
    return bool(found.settings or found.findings) and not broken


def test_the_words_are_current() -> None:
    command = "python -m loracheck.tools.core.build_index"
    assert WORDS_FILE.read_text("utf-8") == render_words(), f"out of date: {command}"


def test_each_word_has_a_gate() -> None:
    thin = quick_look.get_thin_words()
    behind = {word for gate in thin.gates for word in gate.words}
    fields = {field for gate in (*thin.gates, *thin.later_gates) for field in gate.fields}
    for word in WORDS:
        assert any(one in quick_look._thin_out(word) for one in behind), word
    for field in FIELDS:
        assert any(one in quick_look._thin_out(field) for one in behind | fields | {*thin.fields})


@pytest.mark.parametrize("word", [*WORDS, *FIELDS])
@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_no_word_is_thinned_out(word: bytes, suffix: str) -> None:
    """However a word is written, the cheap look sees what the thorough one sees."""
    middle = len(word) // 2
    for text in (
        word,
        word.upper(),
        b"-".join((word[:middle], word[middle:])),
        b" _".join((word[:middle], word[middle:])),
        b"".join(bytes([letter]) + b"_" for letter in word),
    ):
        data = b'{"a": [1], "' + text + b'": 1, "target": 2}'
        assert may_set_lora(data, suffix) and may_set_lora(data, ".toml")
    assert not may_set_lora(b'{"a": [1], "q": 1, "target": 2}', suffix)


@pytest.mark.parametrize("text", [b"r: 8", b"  r : 8", b'{"r": 8', b"{a: 1, 'r': 8", b"a: 1\rr: 8"])
def test_a_rank_alone_is_seen(text: bytes) -> None:
    assert may_set_lora(text, ".yaml") and may_set_lora(text, ".json")


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"{case.tool} {case.name}")
def test_no_case_of_a_tool_is_lost(case: object) -> None:
    assert not lost(case.file, case.text.encode())  # type: ignore[attr-defined]


def golden_texts(value: object) -> Iterator[str]:
    """All texts of a golden file that could be a config."""
    if isinstance(value, dict):
        for item in value.values():
            yield from golden_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from golden_texts(item)
    elif isinstance(value, str) and ("\n" in value or ":" in value):
        yield value


@pytest.mark.parametrize("file", sorted(GOLDEN.rglob("*.json")), ids=lambda file: file.stem)
def test_no_golden_file_is_lost(file: Path) -> None:
    for text in golden_texts(json.loads(file.read_text("utf-8"))):
        for suffix in (".yaml", ".toml", ".json"):
            assert not lost(f"a{suffix}", text.encode()), text


def test_no_example_is_lost() -> None:
    folders = (REPOSITORY / "examples", REPOSITORY / "docs" / "examples")
    paths = [path for folder in folders for path in folder.iterdir() if path.suffix in FORMATS]
    assert len(paths) > 20
    assert not [path for path in paths if lost(str(path), path.read_bytes())]


@needs("corpus")
@pytest.mark.parametrize("folder", ["corpus", "cases"])
def test_no_real_file_is_lost(folder: str) -> None:
    paths = files(folder, *FORMATS)
    assert not [path for path in paths if lost(str(path), path.read_bytes())]


@pytest.mark.parametrize(
    ("name", "text", "seen"),
    [
        ("a.yaml", "r: 8\ntarget_modules: [q_proj]\n", True),
        ("a.yaml", "model:\n  r: 8\n  rank_patern: {q: 8}\n", True),
        ("a.yaml", "{r: 8, targt_modules: [q_proj]}\n", True),
        ("a.yaml", "targetModules: [q]\nbias: none\n", True),
        ("a.yaml", "TARGET-MODULES: [q]\n", True),
        ("a.json", '{"r": 8, "targt_modules": ["q_proj"]}', True),
        ("a.json", '{"\\u0074arget_modules": ["q_proj"]}', True),
        ("a.yaml", '"\\x74arget_modules": [q]\n', True),
        ("a.toml", "r = 8\n", True),
        ("a.yaml", "bias: none\nrevision: main\nnumber: 8\n", False),
        ("a.json", '{"name": "caf\\u00e9", "color": "red", "modules": []}', False),
        ("a.py", "r = 8\ntarget_modules = ['q_proj']\n", False),
        ("a.sh", "train --target_modules q_proj\n", False),
        ("a.sh", "trl sft --load_in_4bit\n", True),
        ("a.sh", "python -m openrlhf.cli.train_sft --ds.load_in_4bit\n", True),
        ("a.sh", "fastchat serve a --quantization fp8\n", False),
        ("a.py", "# trl\nload_in_4bit = True\n", False),
        ("a.yaml", "task: llm-sft\nparams:\n  quantization: int4\n", True),
        ("a.yaml", "task: llm-sft\nparams:\n  epochs: 1\n", False),
        ("a.py", "from mlx_lm import load\nload('m', adapter_path='a.npz')\n", True),
        ("a.ipynb", '{"cells": []}', False),
    ],
)
def test_words(name: str, text: str, seen: bool) -> None:
    assert may_set_lora(text.encode(), Path(name).suffix) is seen


@given(st.sampled_from(["utf-16", "utf-16-le", "utf-16-be"]), st.booleans())
def test_utf16_is_seen(encoding: str, mark: bool) -> None:
    text = ("\ufeff" if encoding != "utf-16" else "") + "lora_r: 8\ntarget_modules: [q]\n"
    data = text.encode(encoding)
    assert may_set_lora(data, ".yaml") and seems_to_set_lora(data)


def test_a_utf16_config_of_a_search_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("lora_r: 8\ntarget_modules: [q]\n".encode("utf-16"))
    (finding,) = check_file(str(path), "a.yaml", SETTINGS, skip_unrelated=True).findings
    assert "UTF-16" in finding.message


def test_no_example_of_a_rule_is_lost() -> None:
    shown = [one for case in rule_cases() if case.fires for one in case.files]
    shown += [one for rule in list_all_rules() for one in examples(rule.page, "Bad")]
    assert len(shown) > 300
    assert not [one for one in shown if lost(one.file, one.text.encode())]


SIGNS = [b"\n", b": ", b"{", b",", b'"', b"'", b"_", b"-", b" ", b"x", b"8", b"[", b"]"]
LIKE_WORDS = [b"target_modules", b"Network-Dim", b"module", b"alpha", b"type", b"train", b"r"]
PIECES = st.sampled_from([*WORDS, *FIELDS, *LIKE_WORDS, *SIGNS])


@given(st.lists(PIECES, max_size=12), st.sampled_from([".json", ".yaml", ".toml", ".ipynb"]))
def test_the_rare_letters_lose_nothing(pieces: list[bytes], suffix: str) -> None:
    data = b"".join(pieces)
    low = data.lower()
    joined = b"\n" + low.translate(None, b"_- \t")
    ranks = [b'"r:', b'"r=', b"'r'", b'"r\\"']
    if suffix != ".ipynb":
        joined = joined.translate(bytes.maketrans(b"{,", b"\n\n"), b"\"'")
        ranks = [b"\nr=" if suffix == ".toml" else b"\nr:"]
    like = any(word in joined for word in (b"target", b"module", b"alpha", b"param"))
    plain = (
        any(word in joined for word in (b"lora", b"peft"))
        or any(word in joined for word in (*WORDS, *ranks))
        or (like and any(word in joined for word in FIELDS))
    )
    assert may_set_lora(data, suffix) == plain


def test_a_notebook_that_trains_in_few_bits_is_read_without_the_word() -> None:
    cell = '{"cells": [{"source": ["m = load(load_in_4bit=True)", "t = Trainer(m)"]}]}'
    assert may_set_lora(cell.encode(), ".ipynb")
    assert not may_set_lora(cell.replace("load_in_", "load_").encode(), ".ipynb")
