"""What Megatron-Bridge 0.3.1 refuses (megatron/bridge/peft)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    differs,
    equals,
    is_given,
    is_turned_on,
    matches,
)

REFUSALS = (
    Refusal(
        (equals("peft.dropout_position", "post"), matches("peft._target_", r"\.DoRA$")),
        "DoRA only supports pre-adapter dropout at this time.",
        "write dropout_position: pre",
        "megatron/bridge/peft/dora.py:71 (DoRA.__post_init__)",
    ),
    *(
        Refusal(
            (
                is_turned_on(f"{block}exclude_modules"),
                differs(f"{block}target_modules", [], default=["linear_qkv"]),
                *((is_given(f"{block}dim|{block}_target_"),) if block else ()),
            ),
            "exclude_modules should be empty when using target_modules",
            "write target_modules: [] beside it, which is every linear layer but these; the class "
            "has names of its own where the key is missing",
            "megatron/bridge/peft/module_matcher.py:142 (ModuleMatcher.match)",
        )
        for block in ("peft.", "")
    ),
)
