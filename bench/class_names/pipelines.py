"""`python -m bench.class_names.pipelines`: writes which model class each pipeline of the installed
diffusers has in which folder, as the annotations of the pipelines' `__init__` tell it.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from loracheck.trees.class_names import knows_class
from loracheck.trees.pipeline_classes import PATH
from loracheck.trees.sources.pipeline import DENOISERS


def read_pipelines() -> dict[str, dict[str, list[str]]]:
    """Model class -> folder -> the pipelines that have it there, and no other class."""
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for pipeline, part, classes in sorted(_list_arguments()):
        if len(classes) == 1 and knows_class(classes[0]):
            found[classes[0]][part].append(pipeline)
    return {cls: dict(parts) for cls, parts in sorted(found.items())}


def _list_arguments() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Pipeline, folder and the classes that the annotation names, of each denoiser."""
    spec = find_spec("diffusers")
    assert spec is not None and spec.origin is not None
    for path in sorted((Path(spec.origin).parent / "pipelines").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Pipeline"):
                for part, annotation in _list_annotations(node):
                    words = re.findall(r"[A-Z]\w+", ast.unparse(annotation))
                    yield (
                        node.name,
                        part,
                        tuple({w for w in words if w not in ("None", "Optional")}),
                    )


def _list_annotations(pipeline: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for node in pipeline.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            for one in (*node.args.args, *node.args.kwonlyargs):
                if one.arg.removesuffix("_2") in DENOISERS and one.annotation is not None:
                    yield one.arg, one.annotation


if __name__ == "__main__":
    data = {"diffusers": version("diffusers"), "classes": read_pipelines()}
    Path(PATH).write_text(json.dumps(data, indent=1) + "\n", "utf-8")
