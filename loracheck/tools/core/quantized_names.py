"""Names of checkpoints that are stored quantised, for tools that are told the name alone."""

from __future__ import annotations

PACKED_NAME = (
    r"(?i:(?:-(?:awq|gptq)(?:-int[348])?|qwen-[\w.]+-chat-int[48]|yi-\w+-chat-[48]bits)/?$)"
)
"""What the name of a checkpoint ends with that is stored by GPTQ or AWQ: Qwen of 2023 and Yi say
the bits alone.
"""
