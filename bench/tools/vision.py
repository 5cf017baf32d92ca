"""Which layers LLaMA-Factory's `all` and ms-swift's `all-linear` reach in models with a tower.

`python -m bench.tools.vision` builds a small model of each type on the meta device, asks both, and
writes tests/tools/golden/vision/towers.json: names with N for numbers.
"""

from __future__ import annotations

import json
import os
import re
from types import SimpleNamespace
from typing import Any

from .__main__ import GOLDEN
from .answers import installed_version

SWIFT = {
    "gemma3n": "gemma3n",
    "glm4v": "glm4v",
    "idefics3": "idefics3",
    "llama4": "llama4",
    "llava": "llava_hf",
    "llava_next": "llava_hf",
    "minicpmv4_6": "minicpmv4_6",
    "mllama": "llama3_2_vision",
    "paligemma": "llava_hf",
    "qwen2_5_vl": "qwen2_vl",
    "qwen2_audio": "qwen2_audio",
    "qwen2_vl": "qwen2_vl",
    "qwen3_5": "qwen3_5",
    "qwen3_vl": "qwen3_vl",
    "mistral3": "llava_hf",
}
"""Model types of transformers -> ms-swift's model_arch."""

LLAMAFACTORY = (
    *("gemma3", "gemma4", "glm4v", "glm4v_moe", "glm_ocr", "internvl", "llama4", "llava"),
    *("llava_next", "minicpmv4_6", "mistral3", "mllama", "paligemma", "qwen2_audio", "qwen2_vl"),
    *("qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "qwen3_5", "qwen3_5_moe"),
)

Names = set[str]


def build_model(model_type: str) -> Any:
    """The default model of a type, few layers deep, without weights."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForImageTextToText

    config = AutoConfig.for_model(model_type)
    with torch.device("meta"):
        try:
            return AutoModelForImageTextToText.from_config(config)
        except ValueError:
            return AutoModel.from_config(config)


def linear_names(model: Any) -> Names:
    """The names of all linear layers, N for each number."""
    from torch.nn import Linear

    return {
        fold_numbers(name) for name, module in model.named_modules() if isinstance(module, Linear)
    }


def fold_numbers(name: str) -> str:
    """A name with N for numbers."""
    return re.sub(r"(?<=\.)\d+(?=\.|$)", "N", name)


def reached_by_llamafactory(model: Any, *, tower: bool) -> Names:
    """What LLaMA-Factory's `all` reaches; `tower` says whether the tower is frozen."""
    from llamafactory.model.model_utils.misc import find_all_linear_modules
    from llamafactory.model.model_utils.visual import patch_target_modules

    arguments = SimpleNamespace(
        freeze_vision_tower=tower,
        freeze_multi_modal_projector=True,
        freeze_language_model=False,
        finetuning_type="lora",
    )
    names = find_all_linear_modules(model, tower)
    found = {fold_numbers(name) for name in patch_target_modules(model, arguments, names)}
    return found & linear_names(model)


def reached_by_swift(model: Any, arch: str, *, tower: bool, aligner: bool) -> Names:
    """What ms-swift's `all-linear` reaches, with the tower and the aligner frozen or not."""
    from swift.model.model_arch import MODEL_ARCH_MAPPING
    from swift.utils import get_multimodal_target_regex

    model.model_meta = SimpleNamespace(model_arch=MODEL_ARCH_MAPPING[arch], is_multimodal=True)
    pattern = get_multimodal_target_regex(model, freeze_vit=tower, freeze_aligner=aligner)
    from torch.nn import Linear

    return {
        fold_numbers(name)
        for name, module in model.named_modules()
        if isinstance(module, Linear) and re.fullmatch(pattern, name)
    }


def main() -> None:
    """Ask and write."""
    os.environ["DISABLE_VERSION_CHECK"] = "1"
    import trl

    trl.AutoModelForCausalLMWithValueHead = object
    rows: list[dict[str, Any]] = []
    for name in sorted({*SWIFT, *LLAMAFACTORY}):
        try:
            model = build_model(name)
        except (ImportError, ValueError, KeyError) as error:
            print(f"{name}: {error}")
            continue
        row: dict[str, Any] = {"type": name, "linear": sorted(linear_names(model))}
        if name in LLAMAFACTORY:
            row["llamafactory"] = {
                str(tower).lower(): sorted(reached_by_llamafactory(model, tower=tower))
                for tower in (True, False)
            }
        if name in SWIFT:
            row["ms-swift"] = {
                f"{tower},{aligner}".lower(): sorted(
                    reached_by_swift(model, SWIFT[name], tower=tower, aligner=aligner)
                )
                for tower, aligner in ((True, True), (False, True), (True, False))
            }
        rows.append(row)
    tools = {name: installed_version(name) for name in ("llamafactory", "ms-swift", "transformers")}
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    (GOLDEN / "vision").mkdir(exist_ok=True)
    head = json.dumps({"tools": tools})[:-1]
    made = f'{head}, "models": [\n  {lines}\n]}}\n'
    (GOLDEN / "vision" / "towers.json").write_text(made, "utf-8")


if __name__ == "__main__":
    main()
