"""The weights that an adapter should have by its config and its model; for family LC6."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import Node


def get_layer_dimensions(node: Node) -> tuple[int, int] | None:
    """Numbers of inputs and outputs of a linear layer or an embedding; None for any other
    module.
    """
    weight = node.parameter("weight")
    if node.kind not in ("Linear", "Conv1D", "Embedding") or weight is None:
        return None
    if len(weight.shape) != 2:
        return None
    first, second = weight.shape
    if node.kind == "Linear":
        return node.attribute("in_features", second), node.attribute("out_features", first)
    return first, second


def has_plain_shapes(context: RuleContext) -> bool:
    """Whether the matrices have plain LoRA's shapes: BD-LoRA and QA-LoRA cut them up."""
    return not (context.value("use_bdlora") or context.value("use_qalora"))


def collect_modules_to_adapt(plan: Plan) -> dict[str, tuple[int, Node]]:
    """The modules that PEFT would adapt: name -> (rank, module). Parameters are left out, and so
    are modules that share the embedding's matrices.
    """
    return {
        name: (wrapped.rank, wrapped.group.node)
        for wrapped in plan.wrapped
        if wrapped.parameter is None and not wrapped.tied
        for name in wrapped.group.names()
    }


def list_parameter_holders(plan: Plan) -> tuple[str, ...]:
    """The modules of which parameters are adapted (`target_parameters`); the keys of their weights
    do not follow from module names.
    """
    return tuple(
        name for wrapped in plan.wrapped if wrapped.parameter for name in wrapped.group.names()
    )


def is_inside_any(name: str, parents: tuple[str, ...]) -> bool:
    """Whether a module is one of `parents` or inside of one."""
    return name in parents or name.startswith(tuple(f"{parent}." for parent in parents))
