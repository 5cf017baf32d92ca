"""LoRA variants: one at a time, none on parameters, each with what it needs.

Sources: PEFT 0.21.2 `tuners/lora/layer.py` (`ParamWrapper`, `resolve_lora_variant` and the
`lora_variants` of each layer), `tuners/lora/variants.py`, `tuners/lora/arrow.py`; each was run.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .field_table import get_lora_fields
from .issue import Issue, format_value, join_names, make_conflict_issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .release_values import ReleaseValues

VARIANTS = (
    "use_dora",
    "alora_invocation_tokens",
    "velora_config",
    "monteclora_config",
    "kasa_config",
    "use_bdlora",
    "arrow_config",
    "init_lora_weights",
)
"""Fields that switch a LoRA variant on (init_lora_weights only as 'mica')."""

PLAIN_FIELDS = ("lora_dropout", "fan_in_fan_out", "lora_bias")
"""Fields of plain LoRA that a wrapped parameter takes only with their defaults."""


def list_active_variants(view: ReleaseValues) -> list[str]:
    """The variants that are on, PEFT's way: a sub-config is on when it is there, even empty."""
    return [name for name in VARIANTS if _is_active(name, view)]


def _is_active(name: str, view: ReleaseValues) -> bool:
    value = view.get(name)
    if name == "init_lora_weights":
        return bool(value == "mica")
    if isinstance(value, dict) and get_lora_fields()[name].config:
        return True
    return not isinstance(value, Unknown) and bool(value)


def find_variant_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Every layer class takes one variant at most."""
    active = list_active_variants(view)
    if len(active) < 2:
        return
    names = ["init_lora_weights 'mica'" if n == "init_lora_weights" else f"`{n}`" for n in active]
    yield make_conflict_issue(
        "variants-together",
        (active[1],),
        f"{join_names(names)} are LoRA variants that exclude each other; wrapping the first layer "
        "raises ValueError",
        "keep one of them",
        "fails",
    )


def find_target_parameter_issues(view: ReleaseValues) -> Iterator[Issue]:
    """A wrapped parameter takes plain LoRA without dropout only."""
    targets_ = view.get("target_parameters")
    if not view.is_on("target_parameters") or isinstance(targets_, str):
        return
    for name in (*PLAIN_FIELDS, *VARIANTS):
        on = _is_active(name, view) if name in VARIANTS else view.is_on(name)
        # A word where a number or a switch belongs is a finding of its own.
        if on and (name == "init_lora_weights" or not isinstance(view.get(name), str)):
            default = get_lora_fields()[name].default if name in PLAIN_FIELDS else None
            yield Issue(
                "conflict",
                f"parameters-with-{name.replace('_', '-')}",
                (name,),
                f"`{name}` {format_value(view.get(name))} does not work with `target_parameters`; "
                "wrapping a parameter that they match raises ValueError",
                f"remove {name}" if default is None else f"set {name} to {format_value(default)}",
                default,
                "fails",
            )


def find_bdlora_issues(view: ReleaseValues) -> Iterator[Issue]:
    """BD-LoRA needs its module lists, and blocks that divide the rank."""
    config = view.get("use_bdlora")
    if not isinstance(config, dict) or any(isinstance(v, Unknown) for v in config.values()):
        return
    lists = [config.get("target_modules_bd_a"), config.get("target_modules_bd_b")]
    if not any(lists):
        if config.get("match_strict", True):
            yield make_conflict_issue(
                "bdlora-no-modules",
                ("use_bdlora",),
                "`use_bdlora` names no modules, and match_strict wants every target in a list; "
                "wrapping the first layer raises ValueError",
                "fill target_modules_bd_a and target_modules_bd_b, or set match_strict to false",
                "fails",
            )
        return
    blocks, rank = config.get("nblocks", 1), view.get("r")
    divides = type(blocks) is int and type(rank) is int and blocks > 0 < rank
    if divides and not view.get("rank_pattern") and rank % blocks:
        yield make_conflict_issue(
            "bdlora-blocks",
            ("use_bdlora", "nblocks"),
            f"nblocks {blocks} does not divide r {rank}; wrapping a block-diagonal layer raises "
            "ValueError",
            "choose r as a multiple of nblocks",
            "fails",
        )


def find_arrow_config_issues(view: ReleaseValues) -> Iterator[Issue]:
    """An arrow_config works only inside create_arrow_model."""
    if isinstance(view.get("arrow_config"), dict):
        yield make_conflict_issue(
            "arrow-by-hand",
            ("arrow_config",),
            "`arrow_config` lacks the adapter names that only create_arrow_model sets; wrapping "
            "the first layer raises AttributeError",
            "call create_arrow_model with the ArrowConfig, and leave it out of LoraConfig",
            "fails",
        )
