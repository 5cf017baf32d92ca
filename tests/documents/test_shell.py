"""Shell scripts: words are those that the shell itself makes, every option has its place, and
nothing makes the reader fail.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.comments import find_comments
from loracheck.documents.model import Unknown
from loracheck.documents.shell.script import expand_commands
from loracheck.tools.core.option_values import read_options
from tests.documents.test_cases import excerpt
from tests.examples import examples

PIECES = st.text("ab/._-é", min_size=1, max_size=4)
QUOTED = st.text("ab c;#&|<>()", max_size=4)
WORDS = st.lists(
    PIECES | QUOTED.map(lambda t: f"'{t}'") | QUOTED.map(lambda t: f'"{t}"') | st.just("\\;"),
    min_size=1,
    max_size=3,
).map("".join)
GAPS = st.sampled_from([" ", "  ", " \\\n  ", "\t"])
NAMES = st.sampled_from(["A", "B", "C"])
ARRAYS = st.sampled_from(["D", "E"])
USES = (NAMES | ARRAYS).flatmap(
    lambda name: st.sampled_from(
        (
            f"${name}",
            f"${{{name}}}",
            f'"${name}"',
            f'"${{{name}[@]}}"',
            f"${{{name}:-d e}}",
            f"x${{{name}}}y",
            f"'${name}'",
            f'"a ${name}"',
            f"\\${name}",
            "lora",
        )
    )
)
VALUES = st.sampled_from(["1", "'a b'", '"c  d"', "e\\ f", "$A", '"$B"', "x$A", "''", "${C:-9}"])
ASSIGNMENTS = st.one_of(
    st.tuples(NAMES, st.sampled_from(["=", "+="]), VALUES).map("".join),
    st.tuples(ARRAYS, st.sampled_from(["=", "+="]), st.lists(VALUES, max_size=3)).map(
        lambda t: f"{t[0]}{t[1]}({' '.join(t[2])})"
    ),
)


@given(words=st.lists(WORDS, min_size=1, max_size=5), gap=GAPS)
def test_words_are_those_of_the_shell(words: list[str], gap: str) -> None:
    text = gap.join(["run", "--lora_x", *words])
    (command,) = read("a.sh", text).commands  # type: ignore[attr-defined]
    assert [word.value for word in command.words] == shlex.split(
        " ".join(["run", "--lora_x", *words])
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@examples(60)
@given(before=st.lists(ASSIGNMENTS, max_size=4), uses=st.lists(USES, min_size=1, max_size=4))
def test_variables_are_those_of_bash(before: list[str], uses: list[str]) -> None:
    text = "\n".join([*before, f"printf '%s\\0' lora {' '.join(uses)}"])
    real = subprocess.run(["bash", "-c", text], capture_output=True, text=True, env={}, check=True)
    found = [word.value for line in expand_commands(text) for word in line.words][2:]
    if not any(isinstance(word, Unknown) for word in found):
        assert found == real.stdout.split("\0")[:-1]


@given(number=st.integers(-10_000, 10_000) | st.floats(-1e9, 1e9), sign=st.sampled_from(" ="))
def test_numbers(number: float, sign: str) -> None:
    document = read("a.sh", f"x --a b \\\n --lora_r{sign}{number} # y")
    assert document.roots == [{"a": "b", "lora_r": str(number)}]
    assert read_options(document.roots[0], ()) == {"a": "b", "lora_r": number}
    assert str(number) in excerpt(document.text, document.span((0, "lora_r")))[0]


@given(text=st.text("lora -=\"'\\$(){}<>;&|#\n\tE`@[]+A", max_size=60))
def test_any_text(text: str) -> None:
    document = read("a.sh", text)
    for number, root in enumerate(document.roots):
        for name in root:
            document.span((number, name), key=True)


def roots(text: str) -> list[Any]:
    return read("a.sh", text).roots


def test_variables() -> None:
    text = "A=x\nB=1\nif y; then B=2; fi\nrun --lora $A/y --b \"${B}\" --c '$A' --d $(ls) --e `ls`"
    (root,) = roots(text)
    assert root["lora"] == "x/y"
    assert root["c"] == "$A"
    assert all(isinstance(root[key], Unknown) for key in "bde")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("run --lora 8 > log.txt 2>&1 | tee x", {"lora": "8"}),
        ("run --lora 8 &>> log.txt &", {"lora": "8"}),
        ("run --lora 8 < in.txt <<< word", {"lora": "8"}),
        ("run --lora a b -c x --y", {"lora": ["a", "b"], "y": True}),
        ("run --lora.a.b 1 --lora.c=2", {"lora": {"a": {"b": "1"}, "c": "2"}}),
        (
            "run lora.a=1 ++lora.b=[q,v] +lora.c='x y'",
            {"lora": {"a": "1", "b": "[q,v]", "c": "x y"}},
        ),
        ("run x.yaml lora=1 b=2", {"lora": "1", "b": "2"}),
        ("run --lora k=1 m=2", {"lora": ["k=1", "m=2"]}),
        ("A=(--lora 1)\nA+=(--b 'x y')\nrun \"${A[@]}\"", {"lora": "1", "b": "x y"}),
        ('C="run --lora 1"\nC="$C --b 2"\n$C', {"lora": "1", "b": "2"}),
        (
            "read -r -d '' C <<EOF\nrun --lora 1 \\\n --b 2\nEOF\n$C --c 3",
            {"lora": "1", "b": "2", "c": "3"},
        ),
        ("R=${R:-8}\nrun --lora $R", {"lora": "8"}),
        ("export R=8 Q=9\nrun --lora $R$Q", {"lora": "89"}),
        ("X=1 run --lora 2 $@", {"lora": "2"}),
        ("run --lora-rank 8", {"lora_rank": "8"}),
        ("run --lora 1e-4 --b True --c -1", {"lora": "1e-4", "b": "True", "c": "-1"}),
        ("run --lora 00 --b=08 --c", {"lora": "00", "b": "08", "c": True}),
    ],
)
def test_options(text: str, wanted: dict[str, Any]) -> None:
    assert roots(text)[0] == wanted


def test_arguments_that_are_not_known_leave_the_options_open() -> None:
    text = "run --lora 1 $MORE\nrun --lora 1 $@\nrun --lora $R\n"
    commands: list[Any] = read("a.sh", text).commands  # type: ignore[attr-defined]
    assert [command.complete for command in commands] == [False, True, True]


def test_a_word_out_of_a_variable_stands_where_it_was_written() -> None:
    document = read("a.sh", 'R=8\nA="--lora 16 --b c"\nrun $A --d $R')
    spans = [document.span((0, key)) for key in ("lora", "b", "d")]
    assert [excerpt(document.text, span) for span in spans] == [
        ["16", 2, 11],
        ["c", 2, 18],
        ["$R", 3, 12],
    ]


YAML = """\
R=8
cat > conf.yaml <<EOF
lora:
  r: $R
  lora_alpha: "$R"
  target_modules: [$X, a\\$b]
EOF
"""


def test_a_file_in_a_script() -> None:
    (inner,) = read("a.sh", YAML).embedded  # type: ignore[attr-defined]
    lora = inner.roots[0]["lora"]
    assert (lora["r"], lora["lora_alpha"]) == (8, "8")
    assert isinstance(lora["target_modules"][0], Unknown)
    assert lora["target_modules"][1] == "a$b"
    assert excerpt(YAML, inner.span((0, "lora", "r"))) == ["$R", 4, 6]
    assert excerpt(YAML, inner.span((0, "lora", "r"), key=True)) == ["r", 4, 3]


@pytest.mark.parametrize(
    ("head", "body", "kind"),
    [
        ("cat <<'E' > $DIR/x.json", '{"lora": 1}', "json"),
        ("tee x.toml <<E", "lora = 1", "toml"),
        ("cat <<-E >x.yml", "\tlora: 1", "yaml"),
        ("python3 - <<'E'", "from peft import LoraConfig\nLoraConfig(r=1)", "python"),
        ("bash <<'E'", "run --lora 1", "shell"),
    ],
)
def test_kinds_of_files(head: str, body: str, kind: str) -> None:
    (inner,) = read("a.sh", f"{head}\n{body}\nE\n").embedded  # type: ignore[attr-defined]
    assert inner.kind == kind
    assert inner.roots in ([{"lora": 1}], [{"r": 1}], [{"lora": "1"}])


@pytest.mark.parametrize("body", ['{"lora": $X}', "lora: [", "x: 1"])
def test_what_cannot_be_read_is_passed_over(body: str) -> None:
    assert read("a.sh", f"cat > lora.json <<E\n{body}\nE\n").embedded == []  # type: ignore[attr-defined]


def test_hostile_texts_take_no_time() -> None:
    doubling = "A=lora\n" + 'A="$A$A"\n' * 60 + "run --lora $A"
    for text in (
        "lora " + "(" * 50_000,
        "lora $(" * 20_000,
        "lora '" + "\\" * 50_000,
        "<<E lora\n" * 9_000,
        "lora ${" * 20_000,
        'lora ${"' * 20_000,
        "A=(lora " * 20_000,
        "A+=(lora)\n" * 5_000 + "run --lora ${A[@]}",
        doubling,
        "bash -c 'lora' " * 20_000,
        "bash -c 'lora'\n" * 5_000,
        "cat >a.yaml <<E\nlora: 1\nE\n" * 3_000,
    ):
        read("a.sh", text)


def test_scripts_in_quotes() -> None:
    text = "R=8\nsrun bash -lc \"cd x && run --lora $R \\\n --b 2\"\nsh -c 'run --lora $R'\n"
    first, second = read("a.sh", text).embedded  # type: ignore[attr-defined]
    assert first.roots == [{"lora": "8", "b": "2"}]
    assert excerpt(text, first.span((0, "b"))) == ["2", 3, 6]
    assert isinstance(second.roots[0]["lora"], Unknown)


def test_scripts_in_scripts_have_an_end() -> None:
    text = "".join(f"bash <<E{n}\nlora\n" for n in range(3_000))
    text += "".join(f"E{n}\n" for n in reversed(range(3_000)))
    assert len(read("a.sh", text).embedded) == 1  # type: ignore[attr-defined]


def test_comments() -> None:
    text = "# one\nrun --lora '# no' a#no # two\nA=(x # three\n y)\ncat <<E\n# no\nE\n"
    assert [words for _, words in find_comments(text, "shell")] == ["# one", "# two", "# three"]


def test_comments_to_loracheck_in_written_files() -> None:
    text = "cat > a.yaml <<E\nlora: 1  # loracheck: ignore[LC104]\nE\n"
    assert find_comments(text, "shell") == [(26, "# loracheck: ignore[LC104]")]
