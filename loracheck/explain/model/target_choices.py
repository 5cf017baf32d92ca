"""The usual choices of targets for a model, as LoraConfig fields made from its own tree.

Where they come from: attention's query and value alone is the LoRA paper's choice
(arXiv:2106.09685, section 4.2); every linear layer is QLoRA's (arXiv:2305.14314, section 4), and
MLP layers carry most of the gain ("LoRA Without Regret", Thinking Machines Lab, 2025).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.explain.file.module_rows import Row, rows, spots
from loracheck.trees.roles import fills, role

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

LINEAR = frozenset({"Linear", "Conv1D"})
TOWERS = ("vision", "audio")


class Choice(NamedTuple):
    """One way to choose targets: a short name, why one would, and the fields that say it."""

    name: str
    title: str
    fields: dict[str, Any]


def choices(tree: ModuleTree) -> list[Choice]:
    """The choices that the model has, the narrowest first; all-linear is always among them."""
    table = [row for row in rows(tree, spots(tree, None)) if row.component != "head"]
    linear = [row for row in table if row.kind in LINEAR and row.parameter is None]
    text = [row for row in linear if row.component not in TOWERS] or linear
    attention = [row for row in text if row.component == "attention"]
    narrow = [row for row in attention if _is(row, "q") or _is(row, "v")]
    mlp = [row for row in text if row.component == "mlp"]
    found = [
        Choice("attention-qv", "attention: query and value", _named(narrow, linear)),
        Choice("attention", "all of attention", _named(attention, linear)),
        Choice("mlp", "MLP only", _named(mlp, linear)),
        *_experts(table, attention, linear),
        *_text_only(text, linear),
        Choice("all-linear", "every linear layer", {"target_modules": "all-linear"}),
    ]
    return [choice for choice in found if choice.fields]


def _is(row: Row, wanted: str) -> bool:
    return fills(role(row.name), wanted)


def _named(wanted: list[Row], linear: list[Row]) -> dict[str, Any]:
    """Fields that reach the wanted rows; towers that share the names are left out by a pattern."""
    names = leaves(wanted, [row for row in linear if row.component not in TOWERS])
    if not names:
        return {}
    towers = [row for row in linear if row.component in TOWERS and row not in wanted]
    hit = [row for row in towers if any(ends(row.name, name) for name in names)]
    fields: dict[str, Any] = {"target_modules": names}
    if hit:
        fields["exclude_modules"] = pattern(prefixes(hit, wanted))
    return fields


def leaves(wanted: list[Row], among: list[Row]) -> list[str]:
    """The shortest names that reach all wanted rows and no other of `among`."""
    others = [row for row in among if row not in wanted]
    found: list[str] = []
    for row in wanted:
        parts = row.name.split(".")
        tail = parts[-1]
        for size in range(1, len(parts) + 1):
            tail = ".".join(parts[-size:])
            if "*" in tail:
                return _numbered(wanted, others)
            if not any(ends(other.name, tail) for other in others):
                break
        found.append(tail)
    return list(dict.fromkeys(found))


def _numbered(wanted: list[Row], others: list[Row]) -> list[str]:
    """Names as good as can be where numbers come before what tells rows apart."""
    tails = list(dict.fromkeys(row.name.rpartition(".")[2] for row in wanted))
    return [t for t in tails if t != "*" and not any(ends(o.name, t) for o in others)]


def ends(name: str, tail: str) -> bool:
    """Whether PEFT's list matching takes the module: its name ends so, at a dot."""
    return name == tail or name.endswith(f".{tail}")


def prefixes(rows: list[Row], kept: list[Row]) -> list[str]:
    """The highest modules that hold the rows and none of the kept ones."""
    found: list[str] = []
    for row in rows:
        parts = row.name.split(".")
        for size in range(1, len(parts) + 1):
            head = ".".join(parts[:size])
            if not any(other.name == head or other.name.startswith(f"{head}.") for other in kept):
                found.append(head)
                break
    return list(dict.fromkeys(found))


def pattern(heads: list[str]) -> str:
    """A regular expression for whole names: everything inside of the modules."""
    escaped = [re.escape(head).replace(r"\*", r"\d+") for head in heads]
    return f"{escaped[0]}\\..*" if len(escaped) == 1 else f"({'|'.join(escaped)})\\..*"


def _experts(table: list[Row], attention: list[Row], linear: list[Row]) -> list[Choice]:
    """Fused experts are parameters, reached through target_parameters alone."""
    fused = [row for row in table if row.component == "experts" and row.parameter is not None]
    own = [row for row in linear if row.component == "experts"]
    found: list[Choice] = []
    if fused:
        weights = [row for row in fused if "bias" not in str(row.parameter)]
        fields = {
            **_named(attention, linear),
            "target_parameters": list(dict.fromkeys(parameter_name(row) for row in weights)),
            "lora_dropout": 0.0,
        }
        found.append(Choice("experts", "attention and fused experts", fields))
    elif own:
        fields = _named([*attention, *own], linear)
        found.append(Choice("experts", "attention and experts", fields))
    return found


def parameter_name(row: Row) -> str:
    """What target_parameters calls it: the module's last names and the parameter's."""
    parts = row.name.split(".")
    return ".".join(parts[-3:] if "*" not in parts[-3:] else parts[-2:])


def _text_only(text: list[Row], linear: list[Row]) -> list[Choice]:
    """For a model with towers: every linear layer outside of them."""
    towers = [row for row in linear if row.component in TOWERS and row not in text]
    if not towers:
        return []
    fields = {
        "target_modules": "all-linear",
        "exclude_modules": pattern(prefixes(towers, text)),
    }
    return [Choice("all-linear-text", "every linear layer outside of the towers", fields)]
