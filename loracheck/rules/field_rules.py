"""Rules about a few fields: where none of these has a value they are not even loaded."""

from __future__ import annotations

from functools import lru_cache

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.documents.values import Value
    from loracheck.tools.core.setting import Setting

FIELDS: Mapping[str, tuple[str, ...]] = {
    "LC107": ("inference_mode",),
    "LC109": ("use_qalora",),
    "LC207": ("layers_to_transform",),
    "LC209": ("modules_to_save",),
    "LC210": ("rank_pattern", "alpha_pattern"),
    "LC217": ("layers_to_transform",),
    "LC218": ("exclude_modules", "layers_to_transform"),
    "LC226": ("layer_replication",),
    "LC227": ("layer_replication",),
    "LC233": ("fan_in_fan_out",),
    "LC236": ("target_parameters",),
    "LC305": ("rank_pattern",),
    "LC306": ("rank_pattern", "alpha_pattern"),
    "LC401": ("modules_to_save",),
    "LC402": ("modules_to_save",),
    "LC410": ("trainable_token_indices",),
    "LC803": ("corda_config",),
}
"""Rule -> LoraConfig's fields of which one has a value in each setting that it has something to say
of. PEFT's default of each is null, false or empty.
"""

_NAMES = frozenset(name for names in FIELDS.values() for name in names)

_NONE: frozenset[str] = frozenset()


def list_fieldless_rules(setting: Setting) -> frozenset[str]:
    """The rules of FIELDS that have nothing to say of a setting. None where its tool may give more
    to PEFT than its fields, and for another method than LoRA, whose values stand elsewhere.
    """
    if not setting.complete or setting.method is not None or setting.behaviour.planned:
        return _NONE
    fields = setting.fields
    given = (name for name in fields.keys() & _NAMES if _has_value(fields[name]))
    return _list_rules_without(frozenset(given))


def _has_value(value: Value) -> bool:
    """Whether a value is neither null nor false nor empty; 0 is the number of a layer."""
    if value is None or value is False:
        return False
    return bool(value) or not isinstance(value, (str, list, tuple, dict))


@lru_cache(maxsize=1024)
def _list_rules_without(given: frozenset[str]) -> frozenset[str]:
    """The rules that speak of none of the fields that are given."""
    return frozenset(code for code, names in FIELDS.items() if given.isdisjoint(names))
