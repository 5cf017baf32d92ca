"""A LoRA config in the words of a tool: `write(request, tool)` gives the text of its file.

LoraConfig fields come in (`WriteRequest`), the text goes out with the fields that the tool has no
key for (`WriteResult`). What is written is read back by the tool's own reader to the same values.
`write_for_diffusion` writes for trainers that have no LoraConfig fields, but families of models.
Begin with `tool_writers.py`, which has one function per tool.
"""

from __future__ import annotations

from loracheck.tools.core.file_draft import WriteRequest

from .diffusion_writers import DIFFUSION_TOOLS, write_for_diffusion
from .request import WriteResult
from .tool_writers import WRITABLE_TOOLS, FileFormat, write

__all__ = [
    "DIFFUSION_TOOLS",
    "WRITABLE_TOOLS",
    "FileFormat",
    "WriteRequest",
    "WriteResult",
    "write",
    "write_for_diffusion",
]
