"""The weights beside an adapter_config.json: what their names and shapes say; for family LC6.

Names as PEFT 0.21.2 writes them (`utils/save_and_load.py`, `get_peft_model_state_dict`, executed):
`base_model.model.<module>.lora_A.weight`, `lora_embedding_A` without `.weight`, modules trained in
full under their own names, token rows under `token_adapter`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import Node
    from loracheck.trees.safetensors import Tensor

FILE = "adapter_model.safetensors"
PICKLE = "adapter_model.bin"
PREFIX = "base_model.model."
LIMIT = 64_000_000
"""Bytes of a header that are read: some 400,000 tensors, more than LoRA on every expert of the
largest models has.
"""

LORA = r"(.+)\.lora_(embedding_)?([AB])(?:\.(?!bias$|weight$)(\w+))?(?:\.weight)?"
"""A LoRA matrix; the last group is the adapter's name, which keys of the model's own state dict
still have in them.
"""


class Layer(NamedTuple):
    """The two matrices of one module; None where one is missing. `embedding` has them the other
    way round.
    """

    a: Tensor | None = None
    b: Tensor | None = None
    embedding: bool = False


class Weights(NamedTuple):
    """What lies beside the config. `layers` are the LoRA matrices by full module name, `others` all
    other tensors, `foreign` the names that are not PEFT's, `named` those with an adapter's name in
    them; `fault` says why nothing could be read.
    """

    file: str
    layers: dict[str, Layer]
    others: dict[str, Tensor]
    foreign: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    fault: str | None = None
    pointer: bool = False
    types: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Tensors in the file."""
        halves = sum(
            (layer.a is not None) + (layer.b is not None) for layer in self.layers.values()
        )
        return halves + len(self.others) + len(self.foreign)


def beside(path: str) -> Weights | None:
    """The weights beside an adapter_config.json, by their header alone; None where there are none
    as safetensors.
    """
    from loracheck.trees.safetensors import HeaderError, header

    file = os.path.join(os.path.dirname(path), FILE)
    if not os.path.lexists(file):
        return None
    try:
        return _sorted(header(file, LIMIT))
    except HeaderError as error:
        return Weights(FILE, {}, {}, fault=str(error), pointer=error.pointer)
    except OSError as error:
        return Weights(FILE, {}, {}, fault=f"cannot be read: {error.strerror or error}")


def _sorted(tensors: dict[str, Tensor]) -> Weights:
    lora = re.compile(LORA)
    layers: dict[str, Layer] = {}
    others: dict[str, Tensor] = {}
    foreign: list[str] = []
    named: list[str] = []
    for name, tensor in tensors.items():
        own = name.removeprefix(PREFIX)
        match = lora.fullmatch(own)
        if own == name:
            foreign.append(name)
        elif match:
            module, embedding, half, adapter = match.groups()
            named += [name] if adapter else []
            layer = layers.get(module, Layer(embedding=bool(embedding)))
            layers[module] = layer._replace(a=tensor) if half == "A" else layer._replace(b=tensor)
        else:
            others[own] = tensor
    types = tuple(dict.fromkeys(tensor.dtype for tensor in tensors.values()))
    return Weights(FILE, layers, others, tuple(foreign), tuple(named), types=types)


def ranks(layer: Layer) -> set[int]:
    """The ranks that its matrices have; two where they do not fit each other."""
    found = set()
    if layer.a is not None and len(layer.a.shape) > 1:
        found.add(layer.a.shape[0])
    if layer.b is not None and len(layer.b.shape) > 1:
        found.add(layer.b.shape[1])
    return found - {0}


def sides(node: Node) -> tuple[int, int] | None:
    """Inputs and outputs of a linear layer or an embedding; None for what is neither."""
    weight = node.parameter("weight")
    if node.kind not in ("Linear", "Conv1D", "Embedding") or weight is None:
        return None
    if len(weight.shape) != 2:
        return None
    first, second = weight.shape
    if node.kind == "Linear":
        return node.attribute("in_features", second), node.attribute("out_features", first)
    return first, second


def plain(context: RuleContext) -> bool:
    """Whether the shapes are those of plain LoRA; some variants cut the matrices up."""
    return not (context.value("use_bdlora") or context.value("use_qalora"))


def expected(plan: Plan) -> dict[str, tuple[int, Node]]:
    """Every module that PEFT would adapt: name -> (rank, module). Those that share the embedding's
    matrices are left out, and so are parameters.
    """
    return {
        name: (wrapped.rank, wrapped.group.node)
        for wrapped in plan.wrapped
        if wrapped.parameter is None and not wrapped.tied
        for name in wrapped.group.names()
    }


def holders(plan: Plan) -> tuple[str, ...]:
    """Modules whose parameters are adapted; their keys follow no module."""
    return tuple(
        name for wrapped in plan.wrapped if wrapped.parameter for name in wrapped.group.names()
    )


def beneath(name: str, parents: tuple[str, ...]) -> bool:
    """Whether a module is one of `parents` or inside of one."""
    return name in parents or name.startswith(tuple(f"{parent}." for parent in parents))
