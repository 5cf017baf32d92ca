"""Random module trees as a builder would dump them, with every child written out."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from loracheck.trees.model import FORMAT

KINDS = [("torch.nn.modules.linear.Linear", "Linear"), ("x.Block", None), ("x.Norm", None)]
NAMES = ["q_proj", "mlp", "norm", "0", "1", "layer2", "a-b"]


@st.composite
def dumps(draw: st.DrawFn) -> dict[str, Any]:
    """A dump of up to three levels with runs of numbered children."""
    rows: list[Any] = []

    def row(level: int) -> int:
        kids: list[list[Any]] = []
        if level:
            if draw(st.booleans()):
                drawn = draw(st.lists(st.integers(0, 12), unique=True, max_size=8))
                names = [str(i) for i in (sorted(drawn) if draw(st.booleans()) else drawn)]
            else:
                names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
            pool = [row(level - 1) for _ in range(draw(st.integers(1, 2)))]
            kids = [[name, draw(st.sampled_from(pool))] for name in names]
        shapes = draw(st.lists(st.integers(1, 4), max_size=2))
        own: list[Any] = [["weight", shapes]] if draw(st.booleans()) else []
        new = [draw(st.integers(0, len(KINDS) - 1)), own, kids]
        if new in rows:
            return rows.index(new)
        rows.append(new)
        return len(rows) - 1

    root = row(3)
    return {
        "format": FORMAT,
        "model_type": "x",
        "cls": "X",
        "classes": [list(k) for k in KINDS],
        "nodes": rows,
        "root": root,
    }


def expand(dump: dict[str, Any]) -> list[tuple[str, str, list[Any]]]:
    """(name, class, parameters) of every module, straight from the dump and without any folding."""

    def walk(name: str, index: int) -> list[tuple[str, str, list[Any]]]:
        cls, own, kids = dump["nodes"][index][:3]
        found = [(name, dump["classes"][cls][0], own)]
        for part, kid in kids:
            found += walk(f"{name}.{part}" if name else part, kid)
        return found

    return walk("", dump["root"])
