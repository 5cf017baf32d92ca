"""What `LoraModel.add_weighted_adapter` makes of adapters (PEFT 0.21.2 `tuners/lora/model.py`:
`_check_add_weighted_adapter`, `_generalized_task_arithmetic_weighted_adapter`; executed,
`bench/oracle/joined_adapters.py`).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .adapter import Adapter, Trouble, get_highest_rank

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LINEAR = ("linear", "ties", "dare_ties", "dare_linear", "magnitude_prune")
"""Ways that add the matrices A and B each for itself: all ranks must be one."""

BY_DELTA = ("svd", "ties_svd", "dare_ties_svd", "dare_linear_svd", "magnitude_prune_svd")
"""Ways that add the updates and take them apart again."""

KINDS = (*BY_DELTA[:1], "linear", "cat", *LINEAR[1:], *BY_DELTA[1:])
"""The values of `combination_type`."""

WITHOUT_DENSITY = ("svd", "linear", "cat")
"""Ways that need no `density`."""

PARAMETERS_SINCE = (0, 17)
"""PEFT release from which adapters with `target_parameters` are refused here."""

LOST = {
    "trainable_token_indices": "its trained token rows",
    "lora_bias": "the biases of its LoRA layers",
}
"""Field -> what of an adapter is not in the combination."""


def check_weighted(
    adapters: Sequence[Adapter], kind: str, release: tuple[int, ...]
) -> Iterator[Trouble]:
    """What is wrong with combining the adapters in the way `kind`, under a PEFT release."""
    kind = "linear" if len(adapters) == 1 else kind
    refused = list(_find_refusals(adapters, kind, release))
    yield from refused[:1]
    if not refused:
        yield from _find_losses(adapters)
        if kind in LINEAR:
            yield from _find_lost_ranks(adapters)


def _find_refusals(
    adapters: Sequence[Adapter], kind: str, release: tuple[int, ...]
) -> Iterator[Trouble]:
    """What PEFT raises, in the order of its checks."""
    for one in adapters if release >= PARAMETERS_SINCE else ():
        if isinstance(one.get("target_parameters"), list) and one.get("target_parameters"):
            yield Trouble(
                "raises",
                f"adapters with target_parameters cannot be combined, and `{one.name}` has them",
                "merge one after the other into the base model instead",
            )
    yield from _find_shared_modules(adapters)
    if kind not in KINDS:
        yield Trouble(
            "raises",
            f"PEFT has no combination_type {kind!r}",
            f"write one of {', '.join(KINDS)}",
        )
    if kind in LINEAR:
        yield from _find_other_ranks(adapters, kind)
    kinds = [_get_target_kind(one) for one in adapters]
    if {"list", "str"} <= set(kinds):
        text = next(
            a.name for a, pattern_kind in zip(adapters, kinds, strict=True) if pattern_kind == "str"
        )
        yield Trouble(
            "raises",
            f"target_modules of `{text}` is one text and that of another adapter a list: they "
            "cannot be combined",
            "write both as lists of names",
        )


def _find_shared_modules(adapters: Sequence[Adapter]) -> Iterator[Trouble]:
    """A module that two adapters train in full."""
    owners: dict[str, str] = {}
    for one in adapters:
        saved = one.get("modules_to_save")
        for name in saved if isinstance(saved, list) else ():
            if owners.setdefault(str(name), one.name) != one.name:
                yield Trouble(
                    "raises",
                    f"`{owners[str(name)]}` and `{one.name}` both train `{name}` in full, and such "
                    "modules cannot be combined",
                    "train it in one of them only",
                )


def _find_other_ranks(adapters: Sequence[Adapter], kind: str) -> Iterator[Trouble]:
    """Ranks that differ, of the whole adapters or of one layer."""
    ranks = [get_highest_rank(one) for one in adapters]
    distinct_ranks = {rank for rank in ranks if rank is not None}
    advice = 'write combination_type="svd" or "cat", which take different ranks'
    if len(distinct_ranks) > 1:
        first_by_rank = {
            rank: one.name for one, rank in reversed([*zip(adapters, ranks, strict=True)]) if rank
        }
        ranks_by_adapter = ", ".join(
            f"`{name}` has {rank}" for rank, name in sorted(first_by_rank.items())
        )
        yield Trouble("raises", f'"{kind}" needs adapters of one rank: {ranks_by_adapter}', advice)
        return
    of_layer: dict[str, tuple[str, int]] = {}
    for one in adapters:
        for name, rank in (one.ranks or {}).items():
            first = of_layer.setdefault(name, (one.name, rank))
            if first[1] != rank:
                yield Trouble(
                    "raises",
                    f'"{kind}" needs one rank for each layer: `{name}` has {first[1]} in '
                    f"`{first[0]}` and {rank} in `{one.name}`",
                    advice,
                )
                return


def _find_lost_ranks(adapters: Sequence[Adapter]) -> Iterator[Trouble]:
    """Ranks of single layers, which the combination keeps and its config does not say."""
    for one in adapters:
        pattern, highest = one.get("rank_pattern"), get_highest_rank(one)
        if not isinstance(pattern, dict) or not pattern or highest is None:
            continue
        if any(rank != highest for rank in pattern.values()):
            yield Trouble(
                "changes",
                f"the combination has the ranks of the rank_pattern of `{one.name}`, and a "
                "config without it: once it is saved it cannot be loaded (size mismatch)",
                'write combination_type="svd" or "cat", which have one rank',
            )
            return


def _find_losses(adapters: Sequence[Adapter]) -> Iterator[Trouble]:
    """What the combination does not have, or has in another strength."""
    for one in adapters:
        for field, parts in LOST.items():
            if one.get(field) and isinstance(one.get(field), (list, dict, bool)):
                yield Trouble(
                    "changes",
                    f"the combination is made of the LoRA matrices alone: of `{one.name}` {parts} "
                    f"({field}) are left out",
                    "merge it into the base model before the others are put on",
                )
        saved = one.get("modules_to_save")
        if isinstance(saved, list) and saved:
            yield Trouble(
                "changes",
                f"the combination is made of the LoRA matrices alone: `{one.name}` trains "
                f"`{saved[0]}` in full, and the combination has the base model's own",
                "merge it into the base model before the others are put on",
            )
        if one.get("use_dora") is True:
            yield Trouble(
                "changes",
                f"the combination does not have the magnitudes that `{one.name}` learnt "
                "(use_dora): its answers are others",
                "merge it into the base model before the others are put on",
            )
    first = adapters[0] if adapters else None
    if first is not None and first.get("use_rslora") is True:
        yield Trouble(
            "changes",
            f"the combination has use_rslora of `{first.name}`, and is too strong by the square "
            "root of its rank: the scaling of each adapter is in its matrices already",
            "name an adapter without use_rslora first, or divide the weights by the root of r",
        )


def _get_target_kind(adapter: Adapter) -> str | None:
    """Whether the targets are a list or an expression by the time that PEFT looks; None where that
    is not known. `get_peft_model` has made lists of "all-linear" and of nothing.
    """
    targets = adapter.get("target_modules")
    if isinstance(targets, (list, tuple, set)):
        return "list"
    if type(targets) is not str:
        return None
    return "list" if targets.lower() == "all-linear" and not adapter.saved else "str"
