"""Anchors and aliases of YAML wherever they may stand, also inside of what they name."""

from __future__ import annotations

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from tests.hang import no_hang

LEAVES = st.sampled_from(["1", "x", "*a", "*b", "*c"])
KEYS = st.sampled_from(["r", "lora", "<<", "&c k", "*b "])
ANCHORS = st.sampled_from(["", "&a ", "&b ", "&c "])
NODES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda anchor, content: f"{anchor}{content}",
        ANCHORS,
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(KEYS, inner), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        ),
    ),
    max_leaves=9,
)


@given(NODES)
@example("&a {r: 1, <<: *a}")
@example("&a {x: {<<: *a}, y: {<<: *a}}")
@example("&a {<<: [*a, *a]}")
@example("&a [*a]")
@example("&b {*b : 1}")
@example("{b: &a {r: 1, x: &b {<<: *a, y: *b}}, c: *b}")
def test_every_value_has_its_place(text: str) -> None:
    text = f"lora: {text}\nr: 8\n"
    with no_hang(60):
        try:
            document = read("a.yaml", text)
        except DocumentError:
            return
        assert document.roots[0] == yaml.safe_load(text)
        assert document.span((0, "r")).line == 2
        document.problems  # noqa: B018 - which places are needed for
