"""`python -m bench.tools.diffusers_scripts EXAMPLES`: what diffusers' training scripts say of
themselves, read from their source without running it, into tests/tools/diffusers_scripts.json.

EXAMPLES is the folder `examples` of a clone of huggingface/diffusers. For each script: the options
about LoRA with their defaults, and the targets of its first LoraConfig.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "tests" / "tools" / "diffusers_scripts.json"
FOLDERS = ("dreambooth", "advanced_diffusion_training", "text_to_image", "cogvideo", "flux-control")
_OPTION = re.compile(r"--(rank|lora_\w+|use_dora|use_lora_bias|use_blora)")


def read_script(source: str) -> dict[str, Any]:
    """Options (with defaults), targets of the denoiser, and the names of model classes."""
    tree = ast.parse(source)
    options: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
            name = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
            if found := _OPTION.fullmatch(str(name)):
                default = next((k.value for k in node.keywords if k.arg == "default"), None)
                options[found[1]] = ast.literal_eval(default) if default is not None else None
    classes = sorted(set(re.findall(r"\b\w+Transformer\dDModel\b", source)))
    return {"options": options, "targets": _read_targets(tree), "classes": classes}


def _read_targets(tree: ast.Module) -> list[str]:
    """The first list of literal names that becomes target_modules."""
    for node in ast.walk(tree):
        value = None
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "target_modules":
            value = node.value
        if isinstance(node, ast.keyword) and node.arg == "target_modules":
            value = node.value
        if (
            value is not None
            and not isinstance(value, ast.Name)
            and "args." not in ast.unparse(value)
        ):
            try:
                return list(_evaluate(ast.unparse(value)))
            except (ValueError, SyntaxError):
                continue
    return []


def _evaluate(text: str) -> list[str]:
    """A literal list; `[..] + [.., *[f"a.{i}.b" for i in range(n)]]` is written out."""
    found = re.search(r"\*\[f'([^']*)\{i\}([^']*)' for i in range\((\d+)\)\]", text)
    if found:
        numbered = [f"{found[1]}{i}{found[2]}" for i in range(int(found[3]))]
        text = text.replace(found[0], ", ".join(map(repr, numbered)))
    left, _, right = text.partition("] + [")
    return (
        [*ast.literal_eval(left + "]"), *ast.literal_eval("[" + right)]
        if right
        else (ast.literal_eval(text))
    )


def main(examples: Path) -> None:
    """Write the file."""
    found = {
        path.stem: read_script(path.read_text("utf-8"))
        for folder in FOLDERS
        for path in sorted((examples / folder).glob("train*lora*.py"))
    }
    OUT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
