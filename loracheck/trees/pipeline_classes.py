"""The model classes of diffusers' pipelines, by the pipeline's class and the folder of the model.

`data/pipelines.json` has what the annotations of the pipelines' `__init__` say (diffusers 0.42.1
`pipelines/`); `python -m bench.class_names.pipelines` writes it.
"""

from __future__ import annotations

import json
import os
from functools import cache

PATH = os.path.join(os.path.dirname(__file__), "data", "pipelines.json")


def find_class_of_part(pipeline: str, part: str) -> str | None:
    """The class of the model in a folder of a pipeline's checkpoint; None where it is not known, or
    may be one of several.
    """
    return _read_classes().get((pipeline, part))


@cache
def _read_classes() -> dict[tuple[str, str], str]:
    """Pipeline and folder -> class."""
    with open(PATH, encoding="utf-8") as file:
        classes: dict[str, dict[str, list[str]]] = json.load(file)["classes"]
    return {
        (pipeline, part): cls
        for cls, parts in classes.items()
        for part, pipelines in parts.items()
        for pipeline in pipelines
    }
