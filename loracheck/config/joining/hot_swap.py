"""What `peft.utils.hotswap.hotswap_adapter` makes of two adapters (PEFT 0.21.2 `utils/hotswap.py`:
CONFIG_KEYS_TO_CHECK, `hotswap_adapter_from_state_dict`; 0.14.0 of the same name).
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .adapter import Adapter, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAPS_SINCE = (0, 14)
"""PEFT release from which adapters can be swapped."""

KEYS = ("use_rslora", "lora_dropout", "alpha_pattern", "use_dora")
"""Fields that must be the same."""

WHOLE = {
    "use_dora": "magnitudes",
    "modules_to_save": "modules trained in full",
    "trainable_token_indices": "trained token rows",
}
"""Fields that bring weights which are no LoRA matrices, and what these are."""

BESIDE = "load it beside the other with load_adapter and choose by set_adapter"

STRICT_BEFORE = (0, 15)
"""PEFT release before which `lora_alpha` and the modules must be the same too."""


def check_hot_swap(current: Adapter, new: Adapter, release: tuple[int, ...]) -> Iterator[Trouble]:
    """What is wrong with putting `new` in the place of `current`, under a PEFT release."""
    strict = release < STRICT_BEFORE
    for field in ("lora_alpha", *KEYS) if strict else KEYS:
        one, other = current.get(field), new.get(field)
        if isinstance(one, Unknown) or isinstance(other, Unknown) or one == other:
            continue
        yield Trouble(
            "raises",
            f"an adapter is swapped only for one with the same {field}: `{current.name}` has "
            f"{one!r}, `{new.name}` has {other!r}",
            BESIDE,
        )
        return
    for field, what in WHOLE.items():
        if _is_set(new, field):
            yield Trouble(
                "raises",
                f"only lora_A and lora_B are swapped, and `{new.name}` has {what} ({field}): PEFT "
                "raises KeyError or RuntimeError",
                BESIDE,
            )
            return
    yield from _find_other_modules(current, new, strict)
    yield from _find_changes(current, new)


def _is_set(adapter: Adapter, field: str) -> bool:
    value = adapter.get(field)
    return bool(value) and not isinstance(value, Unknown)


def _find_other_modules(current: Adapter, new: Adapter, strict: bool) -> Iterator[Trouble]:
    """Modules that one of the two reaches and the other does not, and embeddings."""
    if current.ranks is None or new.ranks is None:
        return
    over = [name for name in new.ranks if name not in current.ranks]
    missing = [name for name in current.ranks if name not in new.ranks]
    ends = [name for name in new.ranks if name.rpartition(".")[2] == "embed_tokens"]
    if over or (strict and missing):
        names, owner, other = (over, new, current) if over else (missing, current, new)
        yield Trouble(
            "raises",
            f"{len(names):,} of {len(owner.ranks or {}):,} modules of `{owner.name}` have no LoRA "
            f"in `{other.name}`, first `{names[0]}`: it cannot be swapped",
            "put the adapter that reaches more modules on first" if over else "use PEFT 0.15",
        )
    elif ends:
        yield Trouble(
            "raises", f"LoRA on an embedding (`{ends[0]}`) cannot be swapped: KeyError", BESIDE
        )


def _find_changes(current: Adapter, new: Adapter) -> Iterator[Trouble]:
    """What passes, and gives other answers than the new adapter has."""
    for field in ("rank_pattern", "alpha_pattern"):
        if _is_set(new, field):
            yield Trouble(
                "changes",
                f"the {field} of `{new.name}` is not found when an adapter is swapped: every layer "
                "is scaled by lora_alpha and r",
                BESIDE,
            )
            return
    for field, what in WHOLE.items():
        if (
            field != "use_dora"
            and _is_set(current, field)
            and not isinstance(new.get(field), Unknown)
        ):
            yield Trouble(
                "changes",
                f"{what} of `{current.name}` ({field}) stay on the model, and `{new.name}` was "
                "trained without them",
                BESIDE,
            )
