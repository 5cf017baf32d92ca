"""Which key of a tool was meant by one that it does not have."""

from __future__ import annotations

from functools import lru_cache

from loracheck.config.value_suggestions import strip_punctuation
from loracheck.type_checking import TYPE_CHECKING

from .lora_evidence import compute_edit_distance, find_same_letters

if TYPE_CHECKING:
    from collections.abc import Mapping

_ELSEWHERE = {
    "r": "r",
    "lora_r": "r",
    "lora_rank": "r",
    "lora_alpha": "lora_alpha",
    "lora_dropout": "lora_dropout",
    "lora_target": "target_modules",
    "lora_targets": "target_modules",
    "lora_target_modules": "target_modules",
    "lora_modules": "target_modules",
    "target_modules": "target_modules",
    "lora_exclude_modules": "exclude_modules",
    "exclude_modules": "exclude_modules",
    "target_parameters": "target_parameters",
    "lora_target_parameters": "target_parameters",
    "modules_to_save": "modules_to_save",
    "lora_modules_to_save": "modules_to_save",
    "additional_target": "modules_to_save",
    "lora_bias": "bias",
    "use_rslora": "use_rslora",
    "peft_use_rslora": "use_rslora",
    "lora_use_rslora": "use_rslora",
    "use_dora": "use_dora",
    "peft_use_dora": "use_dora",
    "lora_use_dora": "use_dora",
    "init_lora_weights": "init_lora_weights",
    "peft_init_lora_weights": "init_lora_weights",
    "lora_init_weights": "init_lora_weights",
    "rank_pattern": "rank_pattern",
    "alpha_pattern": "alpha_pattern",
    "layers_to_transform": "layers_to_transform",
    "lora_task_type": "task_type",
    "network_dim": "r",
    "lora_dim": "r",
    "lora_drop": "lora_dropout",
    "network_alpha": "lora_alpha",
    "network_dropout": "lora_dropout",
    "target_module": "target_modules",
    "module_to_save": "modules_to_save",
    "rslora": "use_rslora",
    "use_rs_lora": "use_rslora",
    "dora": "use_dora",
}
"""Names that some tool has for a LoraConfig field: in another tool's file they are foreign."""

_INSIDE = {
    "rank": "r",
    "dim": "r",
    "alpha": "lora_alpha",
    "dropout": "lora_dropout",
    "drop_out": "lora_dropout",
    "dropout_p": "lora_dropout",
    "target": "target_modules",
    "targets": "target_modules",
    "modules": "target_modules",
    "task_type": "task_type",
    "bias": "bias",
    "bias_type": "bias",
}
"""The same for short names, which mean LoRA only inside a block that is all LoRA's."""

SHORTEST = 6
"""Shorter words lie near everything."""

_OTHERS = frozenset({"local_rank"})
"""Options of every trainer (transformers' TrainingArguments) that lie near a key of LoRA."""


def suggest(
    name: str, fields_by_key: Mapping[str, str | None], *, strict: bool = False
) -> str | None:
    """The tool's key that `name` most likely means; None where there is none.

    `fields_by_key` maps the tool's LoRA keys to fields of LoraConfig. `strict` is for a block in
    which nothing but those keys may stand.
    """
    plain = name.lower().replace("-", "_")
    if plain in fields_by_key:
        return plain
    field = _ELSEWHERE.get(plain) or (_INSIDE.get(plain) if strict else None)
    if field is not None:
        # A foreign name without a counterpart here is nobody's slip.
        return next((key for key, key_field in fields_by_key.items() if key_field == field), None)
    return _suggest_same_letters(plain, tuple(fields_by_key)) or _find_nearest(
        plain, tuple(fields_by_key), strict
    )


def suggest_short(
    name: str, fields_by_key: Mapping[str, str | None], fields: set[str]
) -> str | None:
    """The tool's key for a short name (`rank`, `dropout`) in a mapping that holds other things too:
    there it means LoRA only beside LoRA's other keys, of which `fields` are the fields, and only
    where its own key is missing.
    """
    field = _INSIDE.get(name.lower().replace("-", "_"))
    if field is None or field in fields:
        return None
    return next((key for key, key_field in fields_by_key.items() if key_field == field), None)


@lru_cache(maxsize=8192)
def _suggest_same_letters(name: str, names: tuple[str, ...]) -> str | None:
    """The key that has the same letters: `loraTargetModules`, `lora modules to save`."""
    return find_same_letters(name, names) if len(strip_punctuation(name)) >= SHORTEST else None


@lru_cache(maxsize=8192)
def _find_nearest(name: str, names: tuple[str, ...], strict: bool) -> str | None:
    shortest = 3 if strict else SHORTEST
    if name in _OTHERS:
        return None
    if len(name) < shortest and not name.startswith("lor"):
        return None
    if len(name) < 5 and not strict:
        return None
    limit = 2 if len(name) >= (9 if name.startswith("lora") else 10) else 1
    rows = ((compute_edit_distance(name, key, limit), key) for key in names if len(key) >= shortest)
    best = min(rows, default=None)
    return best[1] if best and best[0] <= limit else None
