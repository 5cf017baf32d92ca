"""The checkpoints of the Hub that TransformerLens lists, by the class that their config.json names.

Source: TransformerLensOrg/TransformerLens 4.3.0, transformer_lens/tools/model_registry/data/: the
file of supported models and that of architectures it lacks, which `hf_scraper.py` writes from
`architectures[0]` of what the Hub says of a checkpoint. They are too large for a clone of the
newest state, and come with the wheel. What is left out:

- rows that were skipped or not compared with the checkpoint when they were verified (`status` 2 to
  4): some were written by hand, with the class of a part of the model
- classes that are not transformers': their code comes with the checkpoint, and differs from one to
  the other
- files of other formats (GGUF, MLX)
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bench.model_ids.transformers_code import find_model_types
from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "TransformerLensOrg/TransformerLens"
FILES = (
    "transformer_lens/tools/model_registry/data/supported_models.json",
    "transformer_lens/tools/model_registry/data/architecture_gaps.json",
)

NOT_COMPARED = 2
"""The least `status` of a row that was looked at and is not verified."""

_OTHER_FORMAT = re.compile(r"gguf|mlx", re.IGNORECASE)


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of one of the files."""
    known = find_model_types()
    told = source.replace("transformer_lens/tools/", "").replace(REPOSITORY, f"{REPOSITORY} 4.3.0")
    for name, cls in _iterate_pairs(json.loads(text)):
        if cls in known and not _OTHER_FORMAT.search(name):
            yield ModelId(name, None, cls, told)


def _iterate_pairs(data: dict[str, list[dict[str, object]]]) -> Iterator[tuple[str, str]]:
    """Each id and its class."""
    for row in data.get("models", ()):
        if int(str(row["status"])) < NOT_COMPARED:
            yield str(row["model_id"]), str(row["architecture_id"])
    for row in data.get("gaps", ()):
        samples = row["sample_models"]
        for name in samples if isinstance(samples, list) else ():
            yield str(name), str(row["architecture_id"])
