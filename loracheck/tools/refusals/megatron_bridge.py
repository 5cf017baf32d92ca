"""What Megatron-Bridge 0.3.1 refuses (megatron/bridge/peft)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, equals, matches

REFUSALS = (
    Refusal(
        (equals("peft.dropout_position", "post"), matches("peft._target_", r"\.DoRA$")),
        "DoRA only supports pre-adapter dropout at this time.",
        "write dropout_position: pre",
        "megatron/bridge/peft/dora.py:71 (DoRA.__post_init__)",
    ),
)
