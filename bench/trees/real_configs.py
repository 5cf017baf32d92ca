"""Real torch's trees of checkpoints: a folder and a head a line in, a dump or an error a line out.

Run by `bench.trees.configs` with the class that the builder chose, so that both build the same one.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parents[2])

from bench.trees.build_attempt import BuildAttempt  # noqa: E402 - found through the line above

_QUANTISED = "quantization_config"


def build_dump(folder: str, head: str) -> Any:
    """The dump, or the text of the error."""
    torch, transformers = import_module("torch"), import_module("transformers")
    dump = import_module("loracheck.trees.skeleton.dump").dump
    found: dict[str, Any] = {}
    with BuildAttempt(120) as outcome:
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
        for part in (config, *vars(config).values()):
            if getattr(part, _QUANTISED, None) is not None:
                delattr(part, _QUANTISED)
        if hasattr(config, "auto_map"):
            del config.auto_map
        with torch.device("meta"):
            found = dump(_find_class(transformers, head)(config))
    return found if outcome.error is None else outcome.error


def _find_class(transformers: Any, head: str) -> Any:
    auto = "AutoModelFor" + head if head else "AutoModel"
    cls = getattr(transformers, head or auto, None) or getattr(transformers, auto)
    return getattr(cls, "from_config", None) or cls._from_config


def main() -> None:
    """Answer line by line."""
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical")
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(build_dump(*json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
