"""The checks of `init_lora_weights`: inits with a config of their own, and rsLoRA beside an init
that changes the base weights. `table.py` has them in PEFT's order.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .check import IS_WARNING, Finding, PostInitCheck
from .value_tests import (
    GIVEN,
    NULL,
    ON,
    build_equality_test,
    build_inequality_test,
)

if TYPE_CHECKING:
    from .check import Release
    from .value_tests import ValueTest


INIT = "init_lora_weights"


LOFTQ_WITHOUT_CONFIG = Finding(
    "loftq-without-config",
    INIT,
    "`init_lora_weights` is 'loftq', but `loftq_config` is not set; {outcome}",
    "add loftq_config with loftq_bits 4 and loftq_iter 1",
)


LOFTQ_CONFIG_MISSING = PostInitCheck(
    "loftq-config-missing",
    "loftq_config",
    {INIT: build_equality_test("loftq")},
    "`loftq_config` must be specified when `init_lora_weights` is 'loftq'.",
    unless={"loftq_config": GIVEN},
    since=(0, 7),
    until=(0, 14),
    in_chain=True,
    finding=LOFTQ_WITHOUT_CONFIG,
)
"""Before PEFT 0.14, an empty mapping passed."""


def describe_unused_config(init: str) -> Finding:
    """The finding of a sub-config whose init is not the one that is used."""
    field = f"{init}_config"
    return Finding(
        f"{field.replace('_', '-')}-unused",
        field,
        f"`{field}` has no effect: init_lora_weights is {{{INIT}}}, not '{init}'; {{outcome}}",
        f"set init_lora_weights to '{init}', or remove {field}",
        shown=(INIT,),
        kind="ignored",
        effect="warns",
        outcome="PEFT warns and goes on",
        when_unchecked=("silent", "PEFT says nothing"),
        of_right_type=True,
    )


def warn_of_ignored_config(init: str, since: Release, test: ValueTest) -> PostInitCheck:
    field = f"{init}_config"
    return PostInitCheck(
        f"{init}-config-ignored",
        field,
        {field: test, INIT: build_inequality_test(init)},
        f"`{field}` specified but will be ignored when `init_lora_weights` is not '{init}'.",
        since=since,
        exception=IS_WARNING,
        in_chain=True,
        finding=describe_unused_config(init),
    )


def warn_of_default_config(init: str, name: str, since: Release) -> PostInitCheck:
    field = f"{init}_config"
    return PostInitCheck(
        f"{init}-config-missing",
        field,
        {INIT: build_equality_test(init), field: NULL},
        f"`init_lora_weights` is '{init}' but `{field}` is not specified. "
        f"Using default {name} config.",
        since=since,
        exception=IS_WARNING,
        in_chain=True,
        finding=Finding(
            f"{init}-default-config",
            INIT,
            f"`init_lora_weights` is '{init}' without `{field}`; PEFT warns and takes that "
            "config's defaults",
            f"set {field} to say what you want",
            kind="ignored",
            effect="warns",
        ),
    )


def warn_of_rslora(pattern: str, init: ValueTest, since: Release) -> PostInitCheck:
    """rsLoRA with patterns cannot be converted back to plain LoRA for inits that change the base
    weights. Both patterns, and each init, are a row: PEFT joins them with `or`.
    """
    return PostInitCheck(
        "rslora-pattern-conversion",
        "use_rslora",
        {"use_rslora": ON, pattern: ON, INIT: init},
        "Using Rank-Stabilized LoRA with rank_pattern/alpha_pattern and post-training conversion "
        "of modified base weights PiSSA/CorDA/OLoRA/LoRA-GA means that you won't be able to pass "
        "`path_initial_model_for_weight_conversion` to `save_pretrained`.",
        since=since,
        exception=IS_WARNING,
        finding=Finding(
            "rslora-pattern-conversion",
            "use_rslora",
            f"`use_rslora` with `{pattern}` and init {{{INIT}}}: the adapter cannot be converted "
            "to plain LoRA when it is saved; PEFT warns",
            "drop use_rslora or the pattern if you want path_initial_model_for_weight_conversion",
            shown=(INIT,),
            effect="warns",
        ),
    )
