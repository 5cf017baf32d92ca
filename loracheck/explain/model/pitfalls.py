"""What is easily got wrong with LoRA on a model, from its tree: a sentence or two each."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.plan.injection.wrapping import MAMBA_LEAVES, MAMBA_MODELS
from loracheck.rules.support.own_forwards import has_own_forward
from loracheck.trees import quantization
from loracheck.trees.roles import find_role
from loracheck.type_checking import TYPE_CHECKING

from .target_choices import list_failing_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.explain.file.module_rows import ModuleRow
    from loracheck.plan.model import Plan
    from loracheck.trees.model import ModuleTree


class Pitfall(NamedTuple):
    """`kind` is a stable word ("tied-embeddings"), `text` says what happens and what to do."""

    kind: str
    text: str


def find_pitfalls(
    tree: ModuleTree, rows: tuple[ModuleRow, ...], every: Plan | None = None
) -> tuple[Pitfall, ...]:
    """All pitfalls that apply, those of targets first.

    `every` is the plan with target_modules "all-linear".
    """
    pitfalls = [pitfall for look in _CHECKS for pitfall in look(tree, rows)]
    return (*_find_experts(rows, every), *pitfalls)


def _find_fused_layers(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    for kind, names in (("qkv", "q_proj, k_proj, v_proj"), ("gate_up", "gate_proj, up_proj")):
        one = [
            r for r in rows if find_role(r.name) == kind and _is_text_row(r) and r.parameter is None
        ]
        for name in dict.fromkeys(row.name.rpartition(".")[2] for row in one):
            text = f"`{name}` does the work of {names}: those names match nothing here."
            yield Pitfall(f"fused-{kind.replace('_', '-')}", text)


def _is_text_row(row: ModuleRow) -> bool:
    return row.component not in ("vision", "audio")


def _find_experts(rows: tuple[ModuleRow, ...], every: Plan | None) -> Iterator[Pitfall]:
    fused = [r for r in rows if r.component == "experts" and r.parameter is not None]
    if fused:
        yield Pitfall("fused-experts", _describe_fused_experts(fused, rows, every))
        return
    banks = [r for r in rows if r.component == "experts" and "*" in r.below]
    number = sum(row.modules for row in banks)
    if number:
        yield Pitfall(
            "many-experts",
            f"The experts are {number:,} linear layers of their own, and all-linear puts LoRA on "
            "each: slow to build, and every token trains only the few that it is sent to.",
        )


def _describe_fused_experts(
    fused: list[ModuleRow], rows: tuple[ModuleRow, ...], every: Plan | None
) -> str:
    """How fused experts are reached; whether all-linear does, the plan knows."""
    size = sum(row.base_parameters for row in fused)
    share = 100 * size / max(sum(row.base_parameters for row in rows), 1)
    names = ", ".join(dict.fromkeys(str(row.parameter) for row in fused))
    text = f"The experts are fused parameters ({names}), {share:.0f} % of these weights. "
    reached = [w for w in every.wrapped if w.parameter is not None] if every else []
    if reached:
        number = sum(w.parameters * w.group.count for w in reached)
        text += f"PEFT turns all-linear into target_parameters for them ({number:,} at r = 8)"
    else:
        text += "target_modules and all-linear do not reach them, target_parameters does"
    return f"{text}; lora_dropout has to be 0 there."


def _find_router(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    failing = list_failing_names(list(rows))
    if failing:
        yield Pitfall(
            "forward",
            f"all-linear reaches {', '.join(failing)} too, which PEFT wraps and which fails in the "
            "first forward pass: leave it out with exclude_modules.",
        )
    routers = [row for row in rows if row.component == "router"]
    linear = [row for row in routers if row.kind == "Linear"]
    if linear and all(has_own_forward(row.cls) for row in linear):
        return
    if linear:
        names = dict.fromkeys(row.name.rpartition(".")[2] for row in linear)
        yield Pitfall(
            "router",
            f"all-linear also adapts the router ({', '.join(names)}), which is mostly left alone.",
        )
    elif routers:
        text = "The router is no linear layer: all-linear leaves it frozen, as is usual."
        yield Pitfall("router", text)


def _find_towers(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    for part in ("vision", "audio"):
        linear = [row for row in rows if row.component == part and row.kind in ("Linear", "Conv1D")]
        if linear and any(_is_text_row(row) and row.stack for row in rows):
            shared = {row.name.rpartition(".")[2] for row in linear} & {
                row.name.rpartition(".")[2] for row in rows if _is_text_row(row)
            }
            names = f" (so do {', '.join(sorted(shared))}, which it shares)" if shared else ""
            yield Pitfall(
                f"{part}-tower",
                f"The {part} part has {sum(r.modules for r in linear):,} linear layers: all-linear "
                f"reaches them{names}. Leave them out with exclude_modules, as most "
                "recipes do.",
            )


def _find_conv1d(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    if any(row.kind == "Conv1D" for row in rows):
        yield Pitfall(
            "conv1d",
            "Its layers are transformers' Conv1D, with weights the other way round: PEFT sets "
            "fan_in_fan_out to True by itself and warns.",
        )


def _find_mamba(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    if tree.model_type in MAMBA_MODELS:
        names = " and ".join(f"`{name}`" for name in sorted(MAMBA_LEAVES))
        text = f"PEFT refuses {names} as targets in this family: they are used past their forward."
        yield Pitfall("mamba", text)


def _find_tied_embeddings(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    if tree.tied_words and tree.output_embeddings:
        yield Pitfall(
            "tied-embeddings",
            f"{tree.output_embeddings} and {tree.input_embeddings} are one weight: adapting or "
            "saving one of them breaks the tie (merging, converting and serving suffer). For new "
            "tokens use trainable_token_indices, or both with ensure_weight_tying.",
        )


def _find_untrained_head(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    heads = [r for r in rows if r.component == "head" and r.name != tree.output_embeddings]
    if heads and tree.output_embeddings is None:
        names = ", ".join(dict.fromkeys(row.name.split(".")[0] for row in heads))
        yield Pitfall(
            "new-head",
            f"The head ({names}) starts untrained: it has to be in modules_to_save, where PEFT "
            "puts it by itself only for task types SEQ_CLS, TOKEN_CLS and QUESTION_ANS.",
        )


def _find_quantised_model(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    method = quantization.find_quantization_method(tree)
    if method is not None:
        yield Pitfall("quantised", f"The checkpoint is {quantization.describe_method(method)}.")


def _find_partial_tree(tree: ModuleTree, rows: tuple[ModuleRow, ...]) -> Iterator[Pitfall]:
    if tree.partial:
        yield Pitfall("names-only", f"Only tensor names are known: {', '.join(tree.partial)}.")


_CHECKS: tuple[Callable[[ModuleTree, tuple[ModuleRow, ...]], Iterator[Pitfall]], ...] = (
    _find_fused_layers,
    _find_router,
    _find_towers,
    _find_conv1d,
    _find_mamba,
    _find_tied_embeddings,
    _find_untrained_head,
    _find_quantised_model,
    _find_partial_tree,
)
