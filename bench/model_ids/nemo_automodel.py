"""The models of NeMo AutoModel: its pages name the architecture and ids of the Hub.

Source: NVIDIA-NeMo/Automodel, docs/model-coverage/: the rows `**Architecture**` and `HF ID`. Of a
page with several architectures nothing says whose an id is, and none is kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "NVIDIA-NeMo/Automodel"
FILES = ("docs/model-coverage/*/*/*.mdx",)

_CLASSES = re.compile(r"^\| \*\*Architecture\*\* \|(.*)$", re.MULTILINE)
_CLASS = re.compile(r"`(\w+)`")
_ID = re.compile(r"^\|.*\| \[`([\w.-]+/[\w.-]+)`\]", re.MULTILINE)


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of one page."""
    told = _CLASSES.search(text)
    classes = set(_CLASS.findall(told[1])) if told else set()
    if len(classes) == 1:
        cls = classes.pop()
        for name in _ID.findall(text):
            yield ModelId(name, None, cls, source)
