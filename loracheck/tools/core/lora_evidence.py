"""Whether a mapping is meant as LoraConfig's keyword arguments."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from loracheck.documents.values import Table, Value

from functools import lru_cache

from loracheck.config.value_suggestions import strip_punctuation

from .field_names import find_unknown_fields, get_field_names

_CORE = ("r", "lora_alpha", "target_modules", "target_parameters")
"""Names of which a LoRA configuration has at least one."""

_FOREIGN = frozenset(
    {
        "lora_r",
        "lora_rank",
        "lora_target",
        "lora_target_modules",
        "lora_target_linear",
        "lora_modules_to_save",
        "network_dim",
        "network_alpha",
        "linear_alpha",
        "lora_parameters",
        "lora_layers",
        "lora_attn_modules",
        "lora_query",
        "lora_projection",
        "lora_module_path",
    }
)
"""Keys beside which PEFT's names are another tool's own: its file is not LoraConfig's arguments."""

_INSTEAD = {"rank": "r", "dim": "r", "alpha": "lora_alpha"}
"""Other tools' names; they tell only where PEFT's own name is missing."""

SWITCHES = ("use_lora", "use_peft", "enable_lora", "enabled")
"""Names under which scripts of one's own switch LoRA on and off, beside its arguments."""

_RANKS = ("lora_r", "lora_rank")

_COMMON = frozenset({"r", "bias", "revision", "task_type"})
_TOO_MANY = 1_000
"""Keys of a mapping that is no configuration but a table."""

_TOO_SHORT = 7
_NOT_SLIPS = frozenset(
    {"use_lora", "use_qlora", "lora_bits", "lora_base", "lora_path", "lora_config"}
)
"""Words of home-made configs that lie near a field's name without being misspelt."""


def has_mostly_fields(mapping: Table) -> bool:
    """Whether most keys are LoraConfig's, as in a file that PEFT reads under any name: other tools'
    configs have a `peft_type` too (OneTrainer's among a hundred keys of its own).
    """
    return 2 * len(find_unknown_fields(mapping)) <= len(mapping)


def is_lora_kwargs(mapping: Mapping[Any, Value]) -> bool:
    """Whether the mapping has at least two of LoraConfig's names, one of them from the core, and
    none of another tool's, unless PEFT's own `peft_type` says whose it is. A core name of four
    letters or more may be misspelt once. One that is switched off sets nothing up.
    """
    if _is_switched_off(mapping):
        return False
    if mapping.get("peft_type") != "LORA":
        if any(key in _FOREIGN for key in mapping):
            return False
        if any(key in mapping and name not in mapping for key, name in _INSTEAD.items()):
            return False
    sure = {key for key in mapping if key in get_field_names()}
    if not sure or len(mapping) > _TOO_MANY:
        return False
    named = sure | set(find_misspelt_fields(mapping).values())
    return (
        len(named) >= 2
        and any(name in named for name in _CORE)
        # `r` and `bias` are anybody's names; one must be LoRA's own.
        and not named <= _COMMON
        and not isinstance(mapping.get("r"), (dict, list))
        # Targets for several models, or what a surface says of its fields.
        and not isinstance(mapping.get("target_modules"), dict)
    )


def is_script_config(mapping: Mapping[Any, Value]) -> bool:
    """Whether the mapping has the names that scripts of one's own give to the rank and to something
    more of LoRA (`lora_r`, `lora_dropout`), and does not switch it off.
    """
    rank = next((mapping[name] for name in _RANKS if name in mapping), None)
    if type(rank) is not int or rank <= 0 or len(mapping) > _TOO_MANY:
        return False
    more = ("lora_alpha", "lora_dropout", "lora_target_modules", "target_modules")
    has_lora_value = any(isinstance(mapping.get(name), (int, float, str, list)) for name in more)
    return has_lora_value and not _is_switched_off(mapping)


_BLOCKS = (
    *("lora", "lora_config", "lora_args", "lora_params", "lora_kwargs", "lora_settings", "qlora"),
    *("peft", "peft_config", "adapter"),
)
"""Names that scripts of one's own give to the block of LoRA's settings."""

_OF_TRANSFORMERS = frozenset(
    {
        *("q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "gate_proj", "up_proj", "down_proj"),
        *("query_key_value", "c_attn", "all-linear", "Wqkv"),
    }
)
"""Names of layers that transformers' models have, and other frameworks' seldom."""

_OTHER_WAYS = ("_target_", "_component_", "peft_type", "type", "name")
"""Keys by which another framework chooses a class: its block is its own."""


def is_lora_block(name: Value, mapping: Mapping[Any, Value]) -> bool:
    """Whether a mapping is the LoRA block of a script of one's own: called so, with a rank and with
    names of transformers' layers (`lora: {rank: 16, alpha: 32, target_modules: [q_proj]}`), and not
    switched off.
    """
    if name not in _BLOCKS or _is_switched_off(mapping) or any(k in mapping for k in _OTHER_WAYS):
        return False
    rank = mapping.get("rank", mapping.get("r"))
    return (
        _is_rank(rank)
        and any(
            isinstance(n, str) and n in _OF_TRANSFORMERS
            for n in _list_names(mapping.get("target_modules", mapping.get("targets")))
        )
        and not any(k in mapping for k in _FOREIGN)
    )


def _is_rank(rank: Value) -> bool:
    """Whether a rank is a whole number, in quotes too, and not the 0 that switches LoRA off."""
    if isinstance(rank, str):
        return rank.strip().isdecimal() and int(rank) != 0
    return type(rank) is int and rank != 0


def _list_names(targets: Value) -> list[Value]:
    """The names in a list, or in one string with commas."""
    if isinstance(targets, str):
        return [name.strip() for name in targets.split(",")]
    return targets if isinstance(targets, list) else []


def _is_switched_off(mapping: Mapping[Any, Value]) -> bool:
    return any(mapping.get(name) is False for name in SWITCHES)


def find_misspelt_fields(mapping: Mapping[Any, Value]) -> dict[str, str]:
    """Keys that are a field's name misspelt -> the name, where the mapping has not the name too."""
    if not any(key in get_field_names() for key in mapping):
        return {}
    fields = {key: correct_field_name(key) for key in mapping}
    return {key: name for key, name in fields.items() if name is not None and name not in mapping}


@lru_cache(maxsize=8192)
def correct_field_name(key: Value) -> str | None:
    """The field whose name `key` is with one slip of the pen, two in a long name; None if there is
    none. `key` itself being a field is no slip.
    """
    if (
        not isinstance(key, str)
        or len(key) < _TOO_SHORT
        or key in get_field_names()
        or key in _NOT_SLIPS
    ):
        return None
    plain = key.lower().replace("-", "_")
    if plain in get_field_names():
        return plain
    same = find_same_letters(plain, get_field_names())
    if same is not None:
        return same
    allowed = 1 if len(key) < 10 else 2
    best = min(
        ((compute_edit_distance(plain, name, allowed), name) for name in sorted(get_field_names())),
        default=None,
    )
    return best[1] if best and best[0] <= allowed else None


def find_same_letters(name: str, names: Iterable[str]) -> str | None:
    """The one of the known names that has the same letters: `loraTargetModules`."""
    letters = strip_punctuation(name)
    return next((other for other in names if other.replace("_", "") == letters), None)


def compute_edit_distance(a: str, b: str, limit: int) -> int:
    """Letters inserted, left out, replaced or swapped with their neighbour between two words; any
    number above `limit` where it is more.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before = before, row
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
