"""A LoRA config in the words of a tool: `write(values, tool)` gives the text of its file.

What is written is read back by the tool's own module to the same values. What a tool has no key
for is left out and named.
"""

from __future__ import annotations

from loracheck.tools.core.file_draft import WriteRequest

from .request import WriteResult
from .tool_writers import WRITABLE_TOOLS, FileFormat, write

__all__ = ["WRITABLE_TOOLS", "FileFormat", "WriteRequest", "WriteResult", "write"]
