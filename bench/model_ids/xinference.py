"""The models of Xinference: ids on the Hub and on ModelScope, one for each size and quantisation,
and the architecture.

Source: xorbitsai/inference, xinference/model/llm/llm_family.json: `architectures` of a family, and
`model_id` of its specs, where "{quantization}" stands for each of `quantizations`. GGUF and MLX
files are no checkpoints of transformers and are left out. A family with mixtures of experts and
dense models names the class of one of the two, and tells no class here.

The specs of one size of a family are the same model: an id of another place, or of a quantised
checkpoint, is a copy of the Hub's id of the plain spec, where there is one such. Left out are
quantised mixtures of experts, whose experts quantisers take apart (FP8 does not), and those of
Qwen's 72B, whose MLP is padded from 29,568 to 29,696 (QwenLM/Qwen2.5 docs/source/quantization/
gptq.md, "pad").
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "xorbitsai/inference"
FILES = ("xinference/model/llm/llm_family.json",)

FORMATS = frozenset({"pytorch", "gptq", "awq", "bnb", "fp4", "fp8"})


_SPARSE = re.compile(r"Moe|MoE|Mixtral|Deepseek|GptOss|MiniMax|Kimi")
"""In the names of classes with experts."""

_PADDED = re.compile(r"qwen2[\w.-]* 72$", re.IGNORECASE)
"""Family and size whose quantised checkpoints are padded."""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of the file."""
    for family in json.loads(text):
        classes = family.get("architectures") or []
        specs = [one for one in family["model_specs"] if one["model_format"] in FORMATS]
        sparse = {"activated_size_in_billions" in one for one in family["model_specs"]}
        cls = classes[0] if len(classes) == 1 and len(sparse) == 1 else None
        for spec in specs:
            original = _find_original(family, spec, specs)
            for name in (name for place in spec["model_src"].values() for name in _ids(place)):
                copied = original if original and name.lower() != original.lower() else None
                yield ModelId(name, copied, cls, source)


def _find_original(family: dict[str, Any], spec: dict[str, Any], specs: list[Any]) -> str | None:
    """The Hub's id of the model that a spec is, quantised or not; None where it is not told."""
    size = _size(spec)
    plain = [one for one in specs if one["model_format"] == "pytorch" and _size(one) == size]
    if len(plain) != 1 or "huggingface" not in plain[0]["model_src"]:
        return None
    if spec["model_format"] not in ("pytorch", "fp8"):
        classes = " ".join(family.get("architectures") or [])
        if size[1] is not None or _SPARSE.search(classes):
            return None
    if spec["model_format"] != "pytorch" and _PADDED.search(f"{family['model_name']} {size[0]}"):
        return None
    return str(plain[0]["model_src"]["huggingface"]["model_id"])


def _size(spec: dict[str, Any]) -> tuple[str, object]:
    return str(spec.get("model_size_in_billions")), spec.get("activated_size_in_billions")


def _ids(place: dict[str, Any]) -> list[str]:
    kinds = place.get("quantizations") or [""]
    return [place["model_id"].replace("{quantization}", kind) for kind in kinds]
