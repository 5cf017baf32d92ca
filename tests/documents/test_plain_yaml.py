"""Plain YAML that is read without PyYAML has the values and the places that PyYAML's reader gives;
what that one refuses is not plain.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError
from loracheck.documents.tree_document import Place
from loracheck.documents.values import mark_unknown_values, may_hold_unknowns
from loracheck.documents.yaml.full_document import parse_with_pyyaml
from loracheck.documents.yaml.plain import build_positions, read_plain
from loracheck.documents.yaml.plain_values import NotPlainError
from tests.shared import FOLDER, needs

TESTS = Path(__file__).parents[1]
PARTS = [
    *("a", "b1", "key", "r", "yes", "on", "NULL", "~", "a-b", "a.b", "a/b", "é", "none", "y"),
    *("8", "0", "-1", "+1", "1_0", "012", "0x1F", "1e-4", "1e4", "1.0e-4", "1.5e4", "1.", ".5"),
    *("-.inf", ".nan", "1:30", "2024-01-01", "1.2.3", "0.0.0.0", "7b", "1f1b", "-0", "-0.0", "=9"),
    *(
        "q_proj",
        "./x",
        "../x",
        "~/x",
        "http://x/y",
        "a b",
        "x#y",
        "$HOME",
        "${X}",
        "<a>",
        "<<",
        "=",
    ),
    *("'q'", '"q"', "''", '""', "'a''b'", '"a\\n"', "'a: b'", '"a #b"', '"a', "'a' b", "[]", "{}"),
    *(r'"a\\b"', r'"a\\"', r'"a\\\"', r'"\\"', r'"a\\\\"', r"'a\\b'", r'["a\\.b", b]', r'"\a\\"'),
    *("[a, b]", "[a, b,]", "[,]", "[a,, b]", "[1, 'x', \"y\"]", "{a: 1}", "{a: 1, a: 2}", "{a:1}"),
    *(
        "{a: [b, {c: d}]}",
        "[[a], [b, c]]",
        "[a",
        "b]",
        "{a: [b",
        "]}",
        "}",
        "]",
        "[a b, c d]",
        "[a]b",
    ),
    *(
        "{{ x }}",
        "&a b",
        "*a",
        "!x y",
        "| ",
        ">",
        "|",
        "- a",
        "-",
        "--",
        "---",
        "...",
        "? a",
        "%a",
        "@a",
    ),
    *(
        "# c",
        " # c",
        "a: b",
        "a:",
        "a :",
        ":",
        ": a",
        ",",
        "a, b",
        "a,b",
        "\t",
        "\u2028",
        "\x85",
        "²",
    ),
    *(
        "٣",
        "１",
        "a\u3000b",
        "\ufeff",
        "[a, # c",
        "[a: b]",
        "[?a]",
        "[-]",
        "[- a]",
        "['a', b",
        "\r",
    ),
]
BEGINNINGS = ["", "", "", "  ", "  ", "    ", "- ", "  - ", "-   ", "- - ", " ", "      "]
KEYS = [
    "a: ",
    "b: ",
    "c:",
    "d: ",
    "- ",
    "-",
    "key:  ",
    "yes: ",
    "1: ",
    "'q': ",
    "a.b: ",
    "a b: ",
    "",
]


def list_places(place: Place) -> list[Any]:
    """Offsets of a place and of all below it."""
    own = (place.start, place.end, place.key_start, place.key_end)
    return [own, [(step, list_places(child)) for step, child in place.children.items()]]


def describe(value: Any) -> Any:
    """The value with the types, which == would take for one another."""
    if isinstance(value, dict):
        return [(type(key), key, describe(one)) for key, one in value.items()]
    if isinstance(value, list):
        return [describe(one) for one in value]
    return type(value), repr(value)


def is_read_alike(text: str) -> bool:
    """Whether a text is plain; asserts that it is then what PyYAML makes of it."""
    try:
        value, place = read_plain(text)
    except NotPlainError:
        return False
    try:
        document = parse_with_pyyaml("a.yaml", text)
    except DocumentError as error:
        raise AssertionError(f"refused: {error.reason}: {text!r}") from None
    assert not document.problems, text
    if may_hold_unknowns(text):
        value = mark_unknown_values(value)
    else:
        assert describe(value) == describe(yaml.safe_load(text)), repr(text)
    assert describe([value]) == describe(document.roots), repr(text)
    places = [list_places(one) for one in build_positions(place, text, Lines(text)).places]
    assert places == [list_places(one) for one in document.positions.places], repr(text)
    return True


def list_texts(folder: Path) -> list[str]:
    """The YAML files below a folder."""
    paths = (*folder.rglob("*.yaml"), *folder.rglob("*.yml"))
    return [path.read_text("utf-8", "replace") for path in sorted(paths)]


def draw_text(draw: random.Random) -> str:
    """Lines that are YAML, or nearly so."""
    lines = (
        draw.choice(BEGINNINGS) + draw.choice(KEYS) + draw.choice(PARTS)
        if draw.random() < 0.8
        else draw.choice(BEGINNINGS) + draw.choice((*KEYS, *PARTS))
        for _ in range(draw.randint(1, 6))
    )
    return "\n".join(lines) + draw.choice(("", "\n"))


def draw_configs(draw: random.Random) -> Iterator[str]:
    """Configs whose lines are right for the most part: one value each is drawn."""
    for part in PARTS:
        yield f"a: {part}\n"
        yield f"a:\n  - {part}\n  - b\nc: 1\n"
        yield f"a:\n- {part}\n- b: {part}\n  c: 2\n"
        yield f"a: [{part}, b]\nb: {{c: {part}}}\n"
        yield f"a: [\n  {part},\n  b\n]\nb: {part} # c\n"
        yield f"{part}: {draw.choice(PARTS)}\n"
        yield f"---\n{part}\na: 1\n"


def damage(draw: random.Random, text: str) -> str:
    """The text with a line, a character or an indentation changed."""
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    kind = draw.randrange(5)
    if kind == 0:
        lines.insert(at, draw.choice(lines))
    elif kind == 1:
        lines[at] = " " * draw.randint(1, 3) + lines[at]
    elif kind == 2:
        lines[at] = lines[at].removeprefix(" " * draw.randint(1, 2))
    elif kind == 3:
        begin = draw.randint(0, len(lines[at]))
        lines[at] = lines[at][:begin] + draw.choice(PARTS) + lines[at][begin:]
    else:
        begin = draw.randint(0, max(0, len(lines[at]) - 1))
        lines[at] = lines[at][:begin] + lines[at][begin + 1 :]
    return "\n".join(lines)


def test_files_of_the_tests_are_read_alike() -> None:
    texts = list_texts(TESTS)
    assert sum(map(is_read_alike, texts)) > len(texts) // 2


@needs("corpus")
def test_real_files_are_read_alike() -> None:
    texts = list_texts(FOLDER / "corpus")
    assert sum(map(is_read_alike, texts)) > len(texts) * 3 // 4


def test_each_form_of_a_value_is_read_alike() -> None:
    assert sum(map(is_read_alike, draw_configs(random.Random(1)))) > len(PARTS)


def test_drawn_lines_are_read_alike() -> None:
    draw = random.Random(2)
    assert sum(is_read_alike(draw_text(draw)) for _ in range(20_000)) > 500


def test_damaged_files_are_read_alike() -> None:
    draw = random.Random(3)
    texts = [text for text in list_texts(TESTS) if len(text) < 3_000]
    found = sum(is_read_alike(damage(draw, draw.choice(texts))) for _ in range(5_000))
    assert found > 1_000


def test_limits() -> None:
    """What is nested deep, or has a key that YAML refuses for its length, is left to PyYAML."""
    for text in ("[" * 200, "a: " + "[" * 50 + "]" * 50, f"{'k' * 2000}: 1\n", "# c\n", "---\n"):
        assert not is_read_alike(text)
    deep = "".join(f"{'  ' * level}a:\n" for level in range(120))
    assert not is_read_alike(deep)
    assert is_read_alike("".join(f"{'  ' * level}a:\n" for level in range(20)))


@pytest.mark.parametrize("comment", ["[a", "{a", "a]", "}", "[", "[[a], ["])
@pytest.mark.parametrize("value", ["[]", "[a, b]", "{a: 1}", "[a,\n   b]", "a", "'a'"])
def test_brackets_in_a_comment_are_no_brackets(value: str, comment: str) -> None:
    for text in (f"k: {value} # {comment}\nn: 2\n", f"k:\n - {value}  # {comment}\n - ]\n"):
        is_read_alike(text)
