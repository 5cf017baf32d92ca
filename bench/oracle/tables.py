"""Generate loracheck/plan/tables.json from the installed PEFT and transformers.

`python -m bench.oracle.tables` writes the file, `--check` only compares.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "loracheck" / "plan" / "tables.json"


def collect() -> dict[str, Any]:
    """The tables as they are in the installed packages."""
    import peft
    import transformers
    from peft.utils import transformers_weight_conversion as conversion
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as DEFAULTS
    from transformers.conversion_mapping import get_checkpoint_conversion_mapping as known

    targets = conversion._MOE_TARGET_MODULE_MAPPING
    fused = {name: group for name, group in conversion._MOE_FUSED_TARGETS.items() if group}
    models = {
        model: base
        for model, base in conversion._MODEL_TO_CONVERSION_PATTERN.items()
        if base in targets and base in fused and known(model) is not None
    }
    return {
        "versions": {"peft": peft.__version__, "transformers": transformers.__version__},
        "targets": {k: v if isinstance(v, str) else list(v) for k, v in sorted(DEFAULTS.items())},
        "moe_models": dict(sorted(models.items())),
        "moe_targets": targets,
        "moe_fused": {
            name: {k: list(v) for k, v in group.items()} for name, group in fused.items()
        },
        "refused_convolutions": refused_convolutions(),
    }


def refused_convolutions() -> dict[str, str]:
    """transformers' own convolution classes that cannot be called as PEFT calls them.

    PEFT builds lora_A and lora_B with the class of the layer it wraps.
    """
    import importlib
    import pkgutil

    import transformers.models as models
    from torch import nn

    for found in pkgutil.iter_modules(models.__path__):
        with contextlib.suppress(ImportError):
            importlib.import_module(f"transformers.models.{found.name}.modeling_{found.name}")
    refused: dict[str, str] = {}
    for base, size in ((nn.Conv1d, 1), (nn.Conv2d, 2), (nn.Conv3d, 3)):
        for cls in _below(base):
            if not cls.__module__.startswith("transformers."):
                continue
            ones = (1,) * size
            try:
                cls(4, 8, (3,) * size, ones, (0,) * size, bias=False)
                cls(8, 4, ones, ones, groups=1, bias=False)
            except TypeError as error:
                refused[f"{cls.__module__}.{cls.__qualname__}"] = str(error)
    return dict(sorted(refused.items()))


def _below(cls: type) -> set[type]:
    return {below for sub in cls.__subclasses__() for below in (sub, *_below(sub))}


def text() -> str:
    """The file's content."""
    return json.dumps(collect(), indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the file; 1 where it is not current."""
    fresh = text()
    if "--check" in arguments:
        return int(TARGET.read_text(encoding="utf-8") != fresh)
    TARGET.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
