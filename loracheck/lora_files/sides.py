"""Inputs and outputs of the layer that a module's tensors change, by their shapes.

Sources: LyCORIS 4.1.3 `lycoris/modules/` (loha.py, lokr.py, glora.py, full.py, diag_oft.py),
kohya-ss/sd-scripts 48d368fa `networks/lora.py`, `networks/oft.py`; all of LyCORIS' were executed.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from loracheck.trees.safetensors import Tensor

Sides = tuple["int | None", "int | None"]
"""Inputs and outputs of a layer; None where not known. Inputs of a convolution may be multiplied by
the elements of its kernel.
"""

UNKNOWN: Sides = (None, None)


def find_sides(kind: str, tensors: Mapping[str, Tensor]) -> Sides:
    """The sides by the tensors (role -> tensor) of one module of a kind (`LoraModule.kind`)."""
    shapes = {role: tuple(tensor.shape) for role, tensor in tensors.items()}
    find = _BY_KIND.get(kind)
    return find(shapes) if find is not None else UNKNOWN


_Shapes = dict[str, tuple[int, ...]]


def _get(shapes: _Shapes, role: str, at: int) -> int | None:
    shape = shapes.get(role, ())
    return shape[at] if len(shape) > 1 and len(shape) > at else None


def _find_lora_sides(shapes: _Shapes) -> Sides:
    return _get(shapes, "down", 1), _get(shapes, "up", 0)


def _find_loha_sides(shapes: _Shapes) -> Sides:
    if "hada_t1" in shapes:  # Tucker's form has the rank on the other side
        return UNKNOWN
    return _get(shapes, "hada_w1_b", 1), _get(shapes, "hada_w1_a", 0)


def _find_lokr_sides(shapes: _Shapes) -> Sides:
    """The product of both factors, each whole or of two matrices."""
    if "lokr_t2" in shapes:
        return UNKNOWN
    outputs = [_get(shapes, f"lokr_w{n}", 0) or _get(shapes, f"lokr_w{n}_a", 0) for n in (1, 2)]
    inputs = [_get(shapes, f"lokr_w{n}", 1) or _get(shapes, f"lokr_w{n}_b", 1) for n in (1, 2)]
    return _multiply(inputs), _multiply(outputs)


def _find_glora_sides(shapes: _Shapes) -> Sides:
    return _get(shapes, "b2", 1), _get(shapes, "b1", 0)


def _find_full_sides(shapes: _Shapes) -> Sides:
    return _get(shapes, "diff", 1), _get(shapes, "diff", 0)


def _find_oft_sides(shapes: _Shapes) -> Sides:
    """Blocks on the diagonal of a matrix from outputs to outputs."""
    blocks = shapes.get("oft_blocks", ())
    return None, blocks[0] * blocks[1] if len(blocks) == 3 else None


_BY_KIND: dict[str, Callable[[_Shapes], Sides]] = {
    "lora": _find_lora_sides,
    "loha": _find_loha_sides,
    "lokr": _find_lokr_sides,
    "glora": _find_glora_sides,
    "diff": _find_full_sides,
    "oft": _find_oft_sides,
}


def _multiply(factors: list[int | None]) -> int | None:
    one, other = factors
    return one * other if one is not None and other is not None else None
