"""Generate loracheck/plan/tables.json from the installed PEFT.

`python -m bench.oracle.tables` writes the file, `--check` only compares.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "loracheck" / "plan" / "tables.json"


def collect() -> dict[str, Any]:
    """The tables as they are in the installed packages. What PEFT takes from transformers stands in
    the trees, which know their release.
    """
    import peft
    from peft.utils import transformers_weight_conversion as conversion
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as DEFAULTS
    from transformers import conversion_mapping

    targets = conversion._MOE_TARGET_MODULE_MAPPING
    fused = {name: group for name, group in conversion._MOE_FUSED_TARGETS.items() if group}
    own = {
        model: base
        for model, base in conversion._MODEL_TO_CONVERSION_PATTERN.items()
        if conversion_mapping._MODEL_TO_CONVERSION_PATTERN.get(model) != base
    }
    return {
        "peft": peft.__version__,
        "targets": {k: v if isinstance(v, str) else list(v) for k, v in sorted(DEFAULTS.items())},
        "moe_own": dict(sorted(own.items())),
        "moe_targets": targets,
        "moe_fused": {
            name: {k: list(v) for k, v in group.items()}
            for name, group in fused.items()
            if name in targets
        },
    }


def format_tables() -> str:
    """The file's content."""
    return json.dumps(collect(), indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the file; 1 where it is not current."""
    fresh = format_tables()
    if "--check" in arguments:
        return int(TARGET.read_text(encoding="utf-8") != fresh)
    TARGET.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
