"""Which LoRA loader of diffusers belongs to which model class, read in the installed diffusers'
pipelines: `python -m bench.lora_files.loaders` writes `loracheck/lora_files/loaders.json`.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

FILE = Path(__file__).parents[2] / "loracheck" / "lora_files" / "loaders.json"
MODELS = ("transformer", "unet", "prior")
"""Arguments of a pipeline that take the model that LoRA is for."""


def read_loaders() -> dict[str, list[str]]:
    """Model class -> its loaders, the one of most pipelines first."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, loader in _pairs():
        found[name][loader] += 1
    return {name: [loader for loader, _ in found[name].most_common()] for name in sorted(found)}


def _pairs() -> Iterator[tuple[str, str]]:
    spec = find_spec("diffusers")
    assert spec is not None and spec.origin is not None
    for path in sorted((Path(spec.origin).parent / "pipelines").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield from _pairs_of(node)


def _pairs_of(pipeline: ast.ClassDef) -> Iterator[tuple[str, str]]:
    bases = [base.id for base in pipeline.bases if isinstance(base, ast.Name)]
    loaders = [name for name in bases if name.endswith("LoraLoaderMixin")]
    for node in pipeline.body:
        if loaders and isinstance(node, ast.FunctionDef) and node.name == "__init__":
            for argument in node.args.args:
                if argument.arg in MODELS and argument.annotation is not None:
                    words = re.findall(r"[A-Z]\w+", ast.unparse(argument.annotation))
                    yield from ((word, loaders[0]) for word in words if word != "None")


if __name__ == "__main__":
    data = {"diffusers": version("diffusers"), "loaders": read_loaders()}
    FILE.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
