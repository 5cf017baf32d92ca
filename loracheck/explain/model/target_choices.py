"""The usual choices of targets for a model, as LoraConfig fields made from its own tree.

Where they come from: attention's query and value alone is the LoRA paper's choice
(arXiv:2106.09685, section 4.2); every linear layer is QLoRA's (arXiv:2305.14314, section 4), and
MLP layers carry most of the gain ("LoRA Without Regret", Thinking Machines Lab, 2025).
"""

from __future__ import annotations

import re
from itertools import takewhile

from loracheck.explain.file.module_rows import ModuleRow, build_rows, split_modules
from loracheck.named_tuple import NamedTuple
from loracheck.rules.support.own_forwards import has_own_forward
from loracheck.trees.roles import fills_role, find_role
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.trees.model import ModuleTree

LINEAR = frozenset({"Linear", "Conv1D"})
TOWERS = ("vision", "audio")


class Choice(NamedTuple):
    """One way to choose targets: a short name, why one would, and the fields that say it."""

    name: str
    title: str
    fields: dict[str, Any]


def list_choices(tree: ModuleTree) -> list[Choice]:
    """The choices that the model has, the narrowest first; all-linear is always among them."""
    table = [row for row in build_rows(tree, split_modules(tree, None)) if row.component != "head"]
    linear = [row for row in table if is_adaptable(row)]
    failing = list_failing_names(table)
    text = [row for row in linear if row.component not in TOWERS] or linear
    attention = [row for row in text if row.component == "attention"]
    narrow = [row for row in attention if _is_component(row, "q") or _is_component(row, "v")]
    mlp = [row for row in text if row.component == "mlp"]
    choices = [
        Choice("attention-qv", "attention: query and value", _build_target_fields(narrow, linear)),
        Choice("attention", "all of attention", _build_target_fields(attention, linear)),
        Choice("mlp", "MLP only", _build_target_fields(mlp, linear)),
        *_list_expert_choices(table, attention, linear),
        *_list_text_only_choices(text, linear, failing),
        Choice("all-linear", "every linear layer", build_all_linear([], failing)),
    ]
    return [choice for choice in choices if choice.fields]


def is_adaptable(row: ModuleRow) -> bool:
    """Whether LoRA works on the row's modules, for all that PEFT takes them."""
    return row.kind in LINEAR and row.parameter is None and not has_own_forward(row.cls)


def list_failing_names(rows: list[ModuleRow]) -> list[str]:
    """The last names of layers that PEFT would wrap and that fail then."""
    failing = [row for row in rows if row.kind in LINEAR and has_own_forward(row.cls)]
    return list(dict.fromkeys(row.name.rpartition(".")[2] for row in failing))


def build_all_linear(heads: list[str], failing: list[str]) -> dict[str, Any]:
    """Fields for every linear layer but those inside the modules `heads`, and the failing ones."""
    fields: dict[str, Any] = {"target_modules": "all-linear"}
    if heads and failing:
        below = build_regex_below(heads)
        fields["exclude_modules"] = rf"{below}|.*\.({'|'.join(failing)})"
    elif heads:
        fields["exclude_modules"] = build_regex_below(heads)
    elif failing:
        fields["exclude_modules"] = failing
    return fields


def _is_component(row: ModuleRow, component: str) -> bool:
    return fills_role(find_role(row.name), component)


def _build_target_fields(rows: list[ModuleRow], linear: list[ModuleRow]) -> dict[str, Any]:
    """Fields that reach the wanted rows; towers with the same names are excluded by a pattern."""
    names = find_shortest_names(rows, [row for row in linear if row.component not in TOWERS])
    if not names:
        return {}
    towers = [row for row in linear if row.component in TOWERS and row not in rows]
    hit = [row for row in towers if any(matches_suffix(row.name, name) for name in names)]
    fields: dict[str, Any] = {"target_modules": names}
    if hit:
        fields["exclude_modules"] = build_regex_below(find_highest_modules(hit, rows))
    return fields


def find_shortest_names(rows: list[ModuleRow], among: list[ModuleRow]) -> list[str]:
    """The shortest names that reach the wanted rows and no other of `among`. Rows that only a
    layer's number tells from others are left out; a number alone is no name.
    """
    others = [row for row in among if row not in rows]
    names: list[str] = []
    for row in rows:
        parts = row.name.split(".")
        start = 2 if parts[-1].isdecimal() else 1
        tails = (".".join(parts[-size:]) for size in range(start, len(parts) + 1))
        for tail in takewhile(lambda tail: "*" not in tail, tails):
            if not any(matches_suffix(other.name, tail) for other in others):
                names.append(tail)
                break
    return list(dict.fromkeys(names))


def matches_suffix(name: str, tail: str) -> bool:
    """Whether an entry of a list matches the module in PEFT: the name ends with it, at a dot."""
    return name == tail or name.endswith(f".{tail}")


def find_highest_modules(rows: list[ModuleRow], others: list[ModuleRow]) -> list[str]:
    """The outermost modules that hold the rows and none of the kept ones."""
    names: list[str] = []
    for row in rows:
        parts = row.name.split(".")
        for size in range(1, len(parts) + 1):
            head = ".".join(parts[:size])
            if not any(other.name == head or other.name.startswith(f"{head}.") for other in others):
                names.append(head)
                break
    return list(dict.fromkeys(names))


def build_regex_below(heads: list[str]) -> str:
    """A regular expression for whole names that matches everything inside the modules."""
    patterns = [re.escape(head).replace(r"\*", r"\d+") for head in heads]
    return f"{patterns[0]}\\..*" if len(patterns) == 1 else f"({'|'.join(patterns)})\\..*"


def _list_expert_choices(
    table: list[ModuleRow], attention: list[ModuleRow], linear: list[ModuleRow]
) -> list[Choice]:
    """Choices for fused experts, which are parameters and need target_parameters."""
    fused = [row for row in table if row.component == "experts" and row.parameter is not None]
    experts = [row for row in linear if row.component == "experts"]
    choices: list[Choice] = []
    if fused:
        weights = [row for row in fused if "bias" not in str(row.parameter)]
        fields = {
            **_build_target_fields(attention, linear),
            "target_parameters": list(dict.fromkeys(format_parameter_name(row) for row in weights)),
            "lora_dropout": 0.0,
        }
        choices.append(Choice("experts", "attention and fused experts", fields))
    elif experts:
        fields = _build_target_fields([*attention, *experts], linear)
        choices.append(Choice("experts", "attention and experts", fields))
    return choices


def format_parameter_name(row: ModuleRow) -> str:
    """The name for target_parameters: the ends of the module's name, and the parameter's."""
    parts = row.name.split(".")
    return ".".join(parts[-3:] if "*" not in parts[-3:] else parts[-2:])


def _list_text_only_choices(
    text: list[ModuleRow], linear: list[ModuleRow], failing: list[str]
) -> list[Choice]:
    """For a model with towers: every linear layer outside of them."""
    towers = [row for row in linear if row.component in TOWERS and row not in text]
    if not towers:
        return []
    fields = build_all_linear(find_highest_modules(towers, text), failing)
    return [Choice("all-linear-text", "every linear layer outside of the towers", fields)]
