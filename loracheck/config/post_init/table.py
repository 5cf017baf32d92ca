"""The table of the checks, in PEFT's order.

Source: PEFT 0.21.2 config.py (`PeftConfigMixin.__post_init__`), tuners/lora/config.py
(`LoraConfig.__post_init__`); the releases were read from the wheels of PEFT 0.3 to 0.21.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .check import IS_WARNING, Finding, PostInitCheck, has_unknown_value
from .init_checks import (
    INIT,
    LOFTQ_CONFIG_MISSING,
    LOFTQ_WITHOUT_CONFIG,
    warn_of_default_config,
    warn_of_ignored_config,
    warn_of_rslora,
)
from .value_tests import (
    GIVEN,
    MAPPING,
    NO_SWITCH,
    NO_TASK_TYPE,
    NOT_ZERO,
    ON,
    PISSA_OR_OLORA,
    TEXT,
    TEXT_OR_LIST,
    build_equality_test,
    build_inequality_test,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .check import ConfigValues


TASK_TYPE_CHECK = PostInitCheck(
    "invalid-task-type",
    "task_type",
    {"task_type": NO_TASK_TYPE},
    "Invalid task type: '{task_type}'. Must be one of the following task types: {task_types}.",
    since=(0, 14),
)
"""The one check of `PeftConfigMixin.__post_init__`, which comes before all of LoraConfig's."""

TARGET_PARAMETERS_CHECK = PostInitCheck(
    "target-parameters-str",
    "target_parameters",
    {"target_parameters": TEXT},
    "`target_parameters` must be a list of strings or None.",
    since=(0, 17),
    exception="TypeError",
)


def _refuse_layers_beside_expression(field: str) -> PostInitCheck:
    return PostInitCheck(
        f"{field.replace('_', '-')}-with-regex",
        field,
        {"target_modules": TEXT, field: GIVEN},
        f"`{field}` cannot be used when `target_modules` is a str.",
        since=(0, 6),
        finding=Finding(
            f"{field.replace('_', '-')}-with-regex",
            field,
            f"`{field}` cannot stand beside target_modules as a string ({{target_modules}}); "
            "{outcome}",
            "give target_modules as a list, or put the layer numbers into the expression",
            shown=("target_modules",),
            when_unchecked=("silent", "PEFT ignores it"),
        ),
        schema_comment=f"{field} needs target_modules as a list",
    )


_LAYERS_MISSING = Finding(
    "layers-pattern-without-layers",
    "layers_pattern",
    "`layers_pattern` says where to count layers, but `layers_to_transform` is not set; {outcome}",
    "set layers_to_transform, or remove layers_pattern",
)
_LAYERS_PATTERN_ALONE = PostInitCheck(
    "layers-pattern-alone",
    "layers_pattern",
    {"layers_pattern": TEXT_OR_LIST},
    "When `layers_pattern` is specified, `layers_to_transform` must also be specified. ",
    unless={"layers_to_transform": NOT_ZERO},
    since=(0, 14),
    until=(0, 21),
    finding=_LAYERS_MISSING._replace(when_unchecked=("silent", "PEFT ignores it")),
    schema_comment="layers_pattern needs layers_to_transform",
)
"""Before PEFT 0.21, the layer 0 and an empty list counted as not set."""


CHECKS = (
    TARGET_PARAMETERS_CHECK,
    _refuse_layers_beside_expression("layers_to_transform"),
    _refuse_layers_beside_expression("layers_pattern"),
    _LAYERS_PATTERN_ALONE,
    _LAYERS_PATTERN_ALONE._replace(
        unless={"layers_to_transform": GIVEN},
        since=(0, 21),
        until=None,
        finding=_LAYERS_MISSING,
    ),
    PostInitCheck(
        "dora-with-megatron",
        "use_dora",
        {"use_dora": ON, "megatron_config": MAPPING},
        "DoRA does not support megatron_core, please set `use_dora=False`.",
        since=(0, 9),
        finding=Finding(
            "dora-with-megatron",
            "use_dora",
            "`use_dora` does not work with `megatron_config`; {outcome}",
            "set use_dora to false, or drop megatron_config",
        ),
        schema_comment="DoRA does not work with Megatron",
    ),
    PostInitCheck(
        "dora-with-loftq",
        "use_dora",
        {INIT: build_equality_test("loftq"), "use_dora": ON},
        "DoRA does not support megatron_core or LoftQ. Please set `use_dora=False`.",
        since=(0, 9),
        until=(0, 10),
        finding=Finding(
            "dora-with-loftq",
            "use_dora",
            "`use_dora` does not work with init_lora_weights 'loftq' in PEFT 0.9; {outcome}",
            "use PEFT 0.10 or newer",
        ),
    ),
    LOFTQ_CONFIG_MISSING,
    LOFTQ_CONFIG_MISSING._replace(
        unless={"loftq_config": MAPPING},
        since=(0, 14),
        until=None,
        finding=LOFTQ_WITHOUT_CONFIG._replace(
            when_unchecked=("fails", "wrapping the first layer fails")
        ),
        schema_comment="loftq needs loftq_config",
    ),
    warn_of_ignored_config("loftq", (0, 14), MAPPING),
    warn_of_default_config("eva", "EVA", (0, 14)),
    warn_of_ignored_config("eva", (0, 14), GIVEN),
    warn_of_default_config("corda", "CorDA", (0, 15)),
    warn_of_ignored_config("corda", (0, 15), GIVEN),
    PostInitCheck(
        "lora-bias-with-init",
        "lora_bias",
        {"lora_bias": ON, INIT: NO_SWITCH},
        "The argument lora_bias=True is only supported with init_lora_weights=True or False, "
        f"got init_lora_weights={{{INIT}}} instead.",
        since=(0, 14),
        finding=Finding(
            "lora-bias-with-init",
            "lora_bias",
            f"`lora_bias` needs init_lora_weights true or false, not {{{INIT}}}; {{outcome}}",
            "remove lora_bias, or set init_lora_weights to true",
            shown=(INIT,),
        ),
        schema_comment="lora_bias needs init_lora_weights true or false",
    ),
    PostInitCheck(
        "lora-bias-with-dora",
        "lora_bias",
        {"lora_bias": ON, "use_dora": ON},
        "The argument lora_bias=True is not supported for DoRA, please pass use_dora=False",
        since=(0, 14),
        finding=Finding(
            "lora-bias-with-dora",
            "lora_bias",
            "`lora_bias` does not work with `use_dora`; {outcome}",
            "set one of the two to false",
        ),
        schema_comment="lora_bias does not work with DoRA",
    ),
    PostInitCheck(
        "alora-task",
        None,
        {"alora_invocation_tokens": GIVEN, "task_type": build_inequality_test("CAUSAL_LM")},
        "aLoRA is currently only supported for CAUSAL_LM task.",
        since=(0, 18),
        exception=IS_WARNING,
        finding=Finding(
            "alora-task-type",
            "alora_invocation_tokens",
            "`alora_invocation_tokens` acts only with task_type CAUSAL_LM, here it is {task_type}: "
            "nothing would train; PEFT warns",
            "set task_type to CAUSAL_LM, or remove it",
            shown=("task_type",),
            kind="ignored",
            effect="warns",
        ),
    ),
    *(
        warn_of_rslora(pattern, init, since)
        for init, since in (
            (PISSA_OR_OLORA, (0, 12)),
            (build_equality_test("corda"), (0, 15)),
            (build_equality_test("lora_ga"), (0, 19)),
        )
        for pattern in ("rank_pattern", "alpha_pattern")
    ),
)
"""The checks of `LoraConfig.__post_init__`, in its order. Those that are equal but for the release,
or joined with `or`, have one code and one id.
"""


def find_checks(values: ConfigValues) -> Iterator[PostInitCheck]:
    """The checks of the release that refuse the values or warn of them, in PEFT's order.

    PEFT raises at the first that refuses. A chain that meets an unknown value ends there.
    """
    chain_ended = False
    for check in CHECKS:
        if not check.is_in(values.release) or (check.in_chain and chain_ended):
            continue
        if check.in_chain:
            chain_ended = check.reaches(values) or has_unknown_value(check.when, values)
        if check.speaks(values):
            yield check
