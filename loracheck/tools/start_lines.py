"""Lines of a script that start a tool's program and give it no option."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used

_STARTS = compile_when_used(
    r"^[^#\n]*\b(?:(?:swift|megatron) (?:sft|pt|rlhf|export|infer|deploy|merge-lora)"
    r"|llamafactory-cli (?:train|export|chat|api|webchat)|axolotl (?:train|merge-lora)"
    r"|trl (?:sft|dpo|grpo|kto|reward|rloo))[ \t]*$"
)


def starts_program(line: str) -> bool:
    """Whether a line ends with a tool's program and what it is to do."""
    return _STARTS.match(line) is not None
