"""A rule's page taken apart: its headings and its examples."""

from __future__ import annotations

import re
from typing import NamedTuple

HEADINGS = ["What", "Why", "Bad", "Good", "Fix", "Source"]
NAMES = {"json": "adapter_config.json", "yaml": "lora.yaml", "python": "train.py"}
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


class Example(NamedTuple):
    """One fenced example: the name of a file that would hold it, and its text."""

    file: str
    text: str


def sections(page: str) -> dict[str, str]:
    """The page's text by heading, in order."""
    parts = re.split(r"^## (\w+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples(page: str, heading: str) -> list[Example]:
    """The examples below one heading."""
    found = BLOCK.findall(sections(page)[heading])
    return [Example(NAMES[language], text) for language, text in found]
