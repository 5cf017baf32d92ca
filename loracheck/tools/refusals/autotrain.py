"""Options that AutoTrain 0.8.36 has no more (src/autotrain/cli/utils.py)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, is_given, started_by

_SOURCE = "autotrain/cli/utils.py (get_field_info), autotrain/cli/autotrain.py:51 (parse_args)"

REFUSALS = tuple(
    Refusal(
        (is_given(old), started_by("autotrain")),
        "error: unrecognized arguments",
        f"write {new} in its place",
        _SOURCE,
        note="releases up to 0.6.51 have it",
    )
    for old, new in (
        ("use_int4", "--quantization int4"),
        ("use_int8", "--quantization int8"),
        ("use_peft", "--peft"),
    )
)
