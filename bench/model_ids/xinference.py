"""The models of Xinference: ids on the Hub and on ModelScope, one for each size and quantisation,
and the architecture.

Source: xorbitsai/inference, xinference/model/llm/llm_family.json: `architectures` of a family, and
`model_id` of its specs, where "{quantization}" stands for each of `quantizations`. GGUF and MLX
files are no checkpoints of transformers and are left out. A family with mixtures of experts and
dense models names the class of one of the two, and tells no class here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "xorbitsai/inference"
FILES = ("xinference/model/llm/llm_family.json",)

FORMATS = frozenset({"pytorch", "gptq", "awq", "bnb", "fp4", "fp8"})


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of the file."""
    for family in json.loads(text):
        classes = family.get("architectures") or []
        sparse = {"activated_size_in_billions" in one for one in family["model_specs"]}
        cls = classes[0] if len(classes) == 1 and len(sparse) == 1 else None
        specs = (one for one in family["model_specs"] if one["model_format"] in FORMATS)
        for place in (place for spec in specs for place in spec["model_src"].values()):
            for kind in place.get("quantizations") or [""]:
                name = place["model_id"].replace("{quantization}", kind)
                yield ModelId(name, None, cls, source)
