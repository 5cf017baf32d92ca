"""Partial trees from tensor names and shapes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from loracheck.trees.tensors import PARTIAL, build_tensor_tree, nest_names, read_shapes

from .. import weights


def safetensors(path: Path, shapes: dict[str, list[int]]) -> None:
    """A small file of zeros, cut off behind its header as a download that broke."""
    data = weights.safetensors({name: ("BF16", shape) for name, shape in shapes.items()})
    path.write_bytes(data[: 8 + int.from_bytes(data[:8], "little")])


def test_headers_give_names_and_shapes(tmp_path: Path) -> None:
    safetensors(tmp_path / "model-1.safetensors", {"layers.0.attn.qkv.weight": [12, 4]})
    safetensors(
        tmp_path / "model-2.safetensors",
        {"layers.1.attn.qkv.weight": [12, 4], "embed.weight": [9, 4]},
    )
    tree = build_tensor_tree(str(tmp_path), "homemade", "Homemade")
    assert tree is not None
    assert tree.partial == PARTIAL
    found = {m.name: (m.node.kind, [p.shape for p in m.node.parameters]) for m in tree.modules()}
    assert found["layers.1.attn.qkv"] == ("Linear", [(12, 4)])
    assert found["embed"] == ("Embedding", [(9, 4)])


def test_a_damaged_header_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 16)
    assert read_shapes(tmp_path / "model.safetensors") == {}
    assert build_tensor_tree(str(tmp_path), None, None) is None


PARTS = st.lists(st.sampled_from(["layers", "0", "1", "2", "attn", "mlp"]), min_size=1, max_size=4)


@given(st.lists(PARTS, min_size=1, max_size=12))
def test_every_tensor_is_a_parameter_of_its_module(names: list[list[str]]) -> None:
    tensors = {".".join([*parts, "weight"]): [2, 2] for parts in names}
    tree = nest_names(tensors, None, None)
    own = [f"{m.name}.{p.name}" for m in tree.modules() for p in m.node.parameters]
    assert sorted(own) == sorted(tensors)
