"""Which classes transformers' auto classes load: `python -m bench.auto_classes`.

Writes `loracheck/trees/data/auto-classes.json`: the end of an auto class's name -> the classes that
it can give. The bundle has a checkpoint's own class and the usual heads; an auto class beside those
(AutoModelForImageTextToText, AutoModelForSpeechSeq2Seq) is found by the class that it stands for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.bundle import HEADS
from loracheck.trees.sources.bundle import FOLDER

FILE = Path(FOLDER) / "auto-classes.json"


def classes() -> dict[str, list[str]]:
    """The table, from the tables of the transformers that is installed."""
    from transformers.models.auto import modeling_auto

    found: dict[str, list[str]] = {}
    for name in dir(modeling_auto):
        head = name.removeprefix("AutoModelFor")
        mapping: Any = getattr(getattr(modeling_auto, name), "_model_mapping", None)
        if name == head or head in HEADS or mapping is None:
            continue
        values = [v for value in mapping._model_mapping.values() for v in _each(value)]
        found[head] = sorted(set(values))
    return dict(sorted(found.items()))


def _each(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def main() -> None:
    """Write the file anew."""
    FILE.write_text(json.dumps(classes(), indent=0) + "\n", encoding="utf-8")
    print(f"{FILE}: {FILE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
