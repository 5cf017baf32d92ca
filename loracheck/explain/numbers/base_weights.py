"""How much memory the frozen base model takes, by the precision that it is loaded in.

Sources: QLoRA (arXiv:2305.14314, section 3) for NF4: blocks of 64 values with a float32 constant
each (0.5 bit per value), or with double quantisation an 8-bit constant and a float32 one per 256 of
them (0.127 bit); LLM.int8() (arXiv:2208.07339) for 8 bits: one float32 constant per row of outputs.
Which modules are quantised: transformers 5.23.0, integrations/bitsandbytes.py
(`replace_with_bnb_linear`: nn.Linear and Conv1D alone, so fused experts stay as they are) and
quantizers/base.py (`get_keys_to_not_convert`: not the output embeddings, not tied weights, not the
last module).
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.explain.file.training_run import TrainingRun
    from loracheck.trees.model import ModuleTree, Node

HALF, FULL = 2, 4
BLOCK, NESTED = 64, 256
"""Values per 4-bit constant, and 4-bit constants per float32 constant (double quantisation)."""


class BaseWeights(NamedTuple):
    """The base model at one precision. `quantised` of its parameters are held in few bits, `kept`
    in bfloat16 (or float32); `bytes` is what all take.
    """

    precision: str
    bytes: int
    quantised: int
    kept: int
    formula: str
    chosen: bool


class ParameterCounts(NamedTuple):
    """Parameters: all of them, those in layers that are quantised, those layers' outputs, and those
    of fused experts.
    """

    total: int
    linear: int
    outputs: int
    experts: int


def choose_precision(quantization: str | None, run: TrainingRun) -> str:
    """The name of the precision that a run loads its base model in."""
    if quantization == "4bit":
        return "nf4, double" if run.double else "nf4"
    if quantization == "8bit":
        return "int8"
    return "float32" if run.full else "bfloat16"


def estimate_base_weights(tree: ModuleTree, precision: str) -> tuple[BaseWeights, ...]:
    """The model at every precision, `chosen` marked."""
    size = count_parameters(tree)
    plain_count = size.total - size.linear
    experts = "fused experts, " if size.experts else ""
    rest = f"{plain_count:,} x 2 ({experts}embeddings, head, norms and the like stay in bfloat16)"
    constants = size.linear / BLOCK
    double = constants + FULL * constants / NESTED
    few = [
        ("int8", size.linear + FULL * size.outputs, f"{size.linear:,} x 1 + 4 per output"),
        ("nf4", size.linear / 2 + FULL * constants, f"{size.linear:,} x (1/2 + 4/64)"),
        ("nf4, double", size.linear / 2 + double, f"{size.linear:,} x (1/2 + 1/64 + 4/(64 x 256))"),
    ]
    plain = [("float32", FULL), ("bfloat16", HALF)]
    return (
        *(
            BaseWeights(
                name,
                size.total * wide,
                0,
                size.total,
                f"{size.total:,} x {wide}",
                name == precision,
            )
            for name, wide in plain
        ),
        *(
            BaseWeights(
                name,
                round(group_size) + plain_count * HALF,
                size.linear,
                plain_count,
                f"{how} + {rest}",
                name == precision,
            )
            for name, group_size, how in few
        ),
    )


def count_parameters(tree: ModuleTree) -> ParameterCounts:
    """Parameters by whether bitsandbytes quantises them; one under several names counts once."""
    total = sum(parameter.size for parameter in tree.root.parameters)
    linear = outputs = experts = 0
    unquantised = _collect_unquantised_modules(tree)
    for group in group_modules(tree, Splitter()):
        node = group.node
        total += group.count * sum(parameter.size for parameter in node.parameters)
        weight = node.parameter("weight")
        if weight is not None and _is_quantised(node) and group.name not in unquantised:
            linear += group.count * weight.size
            outputs += group.count * _count_outputs(node)
        elif node.kind is None:
            fused = (parameter.size for parameter in node.parameters if len(parameter.shape) == 3)
            experts += group.count * sum(fused)
    return ParameterCounts(total - _count_shared(tree), linear, outputs, experts)


def _is_quantised(node: Node) -> bool:
    return node.cls == "torch.nn.modules.linear.Linear" or node.kind == "Conv1D"


def _count_outputs(node: Node) -> int:
    weight = node.parameter("weight")
    if weight is None:
        return 0
    return weight.shape[1] if node.kind == "Conv1D" else weight.shape[0]


def _collect_unquantised_modules(tree: ModuleTree) -> set[str]:
    """Output embeddings, tied weights, and the module of the model's last parameter."""
    tied = {name.rpartition(".")[0] for pair in tree.ties for name in pair}
    return tied | {tree.output_embeddings or "", _find_last_module(tree)}


def _find_last_module(tree: ModuleTree) -> str:
    """The module of the model's last parameter, mostly a head without a bias."""
    owners = [group for group in group_modules(tree, Splitter()) if group.node.parameters]
    if not owners or owners[-1].node.parameters[-1].name != "weight":
        return ""
    return owners[-1].name if owners[-1].count == 1 else ""


def _count_shared(tree: ModuleTree) -> int:
    """Elements of parameters that have a second name, to be counted once."""
    total = 0
    for name, _ in tree.ties:
        module, _, parameter_name = name.rpartition(".")
        node = tree.find(module)
        parameter = node.parameter(parameter_name) if node else None
        total += parameter.size if parameter else 0
    return total
