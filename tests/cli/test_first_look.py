"""The first look at the files of a search: which it leaves out, and what is told of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from loracheck.cli import cli, first_look
from loracheck.cli.first_look import look_first
from loracheck.options.find_files import InputFile, find_files
from loracheck.pipeline import relevance
from loracheck.pipeline.relevance import Search
from loracheck.tools.core.quick_look import KINDS, may_set_lora
from loracheck.tools.core.setting_words import FIELDS, WORDS

LORA = b"adapter: lora\nlora_r: 8\nlora_target_modules: [no_such_proj]\nbase_model: gpt2\n"
PLAIN = b"services: {web: {image: nginx}}\n"
SIGNS = [b"\\", b"\n", b" ", b"x", b"u006c", b"\0", b"\xff\xfe", b"port: 80"]
LIKE_WORDS = [b"lora", b"load_in_8bit", b"Trainer(", b"\nr: 8", b'"r": 1', b"target", b"alpha"]
PIECES = st.sampled_from([*WORDS[:4], *FIELDS[:4], *LIKE_WORDS, *SIGNS])
TEXTS = st.lists(PIECES, max_size=5).map(b"".join)
SUFFIXES = st.sampled_from([".json", ".yaml", ".yml", ".py", ".sh", ".toml", ".ipynb"])
FILES = st.lists(
    st.tuples(SUFFIXES, TEXTS | TEXTS.map(lambda text: b"\xff\xfe" + text)), max_size=9
)


@settings(max_examples=60)
@given(FILES, st.integers(1, 40))
def test_together_the_same_files_are_seen_as_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bytes]], most: int
) -> None:
    folder = tmp_path_factory.mktemp("files")
    paths = {}
    for number, (suffix, text) in enumerate(files):
        path = folder / f"{number}{suffix}"
        path.write_bytes(text)
        paths[str(path)] = text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relevance, "MOST_BYTES", most)
        search = Search()
        related = search.find_related(paths)
    alone = {p for p, text in paths.items() if may_set_lora(text, os.path.splitext(p)[1])}
    assert related == alone
    assert all(search.take_content(path) in (paths[path], None) for path in paths)


@given(st.lists(TEXTS, min_size=1, max_size=5), SUFFIXES)
def test_what_is_seen_in_one_text_is_seen_in_several(texts: list[bytes], suffix: str) -> None:
    if any(may_set_lora(text, suffix) for text in texts if not text.startswith(b"\xff\xfe")):
        joined = b"\n".join(text for text in texts if not text.startswith(b"\xff\xfe"))
        assert may_set_lora(joined, KINDS.get(suffix, suffix))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(9):
        (tmp_path / f"{number}.yaml").write_bytes(LORA if number in (3, 4) else PLAIN)
    (tmp_path / "adapter_config.json").write_bytes(b"{}")
    return tmp_path


def test_related_files_come_in_their_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search()
    for most in (1, 3, 64):
        monkeypatch.setattr(first_look, "MOST_FILES", most)
        unrelated: list[InputFile] = []

        def find_related(files: object) -> set[str]:
            return search.find_related([file.path for file in files])  # type: ignore[attr-defined]

        found = [InputFile("-", "-"), *find_files((str(folder),))]
        given_on = list(look_first(found, find_related, unrelated.extend, with_named=False))
        names = [file.display_path for file in given_on]
        assert names == ["-", "3.yaml", "4.yaml", "adapter_config.json"]
        assert len(unrelated) == 7 and not {*unrelated} & {*given_on}
        marked = list(look_first(found, find_related, None, with_named=False))
        assert [file.path for file in marked] == [file.path for file in found]
        assert [file.is_unrelated for file in marked].count(True) == 7


@pytest.mark.parametrize("more", [(), ("--no-cache",), ("--no-cache", "-j2")])
def test_every_report_counts_all_files(folder: Path, more: tuple[str, ...]) -> None:
    """Those that list each file, and those that count them."""
    command = ["check", "--isolated", *more, "--format"]
    listed = CliRunner().invoke(cli, [*command, "junit", str(folder)])
    assert listed.output.count("<testsuite ") == 10
    counted = CliRunner().invoke(cli, [*command, "concise", str(folder)])
    assert "in 10 files, " in counted.output


def test_a_file_that_was_named_beside_its_folder_is_told_of(folder: Path) -> None:
    named = str(folder / "1.yaml")
    done = CliRunner().invoke(cli, ["check", "--isolated", "--no-cache", str(folder), named])
    assert f"no LoRA setting recognised in {os.path.basename(named)}" in done.output
