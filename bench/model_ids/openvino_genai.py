"""The models of OpenVINO GenAI: its tables of supported models name the class and ids of the Hub.

Source: openvinotoolkit/openvino.genai, site/docs/supported-models/_components/*-models-table/
models.ts: `architecture` of an entry, and the `links` of its models. An entry whose architecture is
the name of a family and no class ("LLaVA", "InternVLChat") tells nothing here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "openvinotoolkit/openvino.genai"
FILES = ("site/docs/supported-models/_components/*-models-table/models.ts",)

_PART = re.compile(r"architecture: '(\w+(?:For\w+|Model))',(.*?)(?=architecture: |\Z)", re.S)
_ID = re.compile(r"'https://huggingface\.co/([\w.-]+/[\w.-]+)'")


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of one table."""
    for cls, body in _PART.findall(text):
        for name in _ID.findall(body):
            yield ModelId(name, None, cls, source)
