"""The paths of the layers that mlx-lm's own modules have inside a block, by mlx-lm itself.

    ENVIRONMENT/bin/python bench/oracle/mlx_paths.py CLONE > tests/tools/mlx_lm_paths.json

ENVIRONMENT has mlx and mlx-lm; CLONE is a clone of mlx-lm, whose `tests/test_models.py` has a small
config of most models. `tests/tools/test_mlx_names.py` holds `loracheck/tools/mlx_lm_names.json`
against what comes out: no layer that mlx-lm has may be called one that is not there.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Print model type -> paths."""
    found: dict[str, set[str]] = {}
    for config in read_configs(Path(sys.argv[1]) / "tests" / "test_models.py"):
        try:
            with contextlib.redirect_stdout(sys.stderr):  # some models print as they are imported
                paths = list_paths(config)
        except (Exception, SystemExit) as error:  # noqa: BLE001 whatever a stranger's model raises
            print(f"{config['model_type']}: {error!r}"[:100], file=sys.stderr)
        else:
            found.setdefault(config["model_type"], set()).update(paths)
    print(json.dumps({kind: sorted(paths) for kind, paths in sorted(found.items())}, indent=0))


def read_configs(path: Path) -> list[dict[str, Any]]:
    """The configs that stand in the tests, as dicts and as calls of ModelArgs."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        pairs: list[tuple[Any, ast.expr]] = []
        if isinstance(node, ast.Dict):
            pairs = [
                (getattr(k, "value", None), v) for k, v in zip(node.keys, node.values, strict=True)
            ]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "ModelArgs":
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        try:
            config = {key: ast.literal_eval(value) for key, value in pairs}
        except ValueError:
            continue
        if "model_type" in config and len(config) > 4:
            found.append(config)
    return found


def list_paths(config: dict[str, Any]) -> set[str]:
    """The layers inside the blocks of a model, as `linear_to_lora_layers` names them."""
    nn: Any = importlib.import_module("mlx.nn")
    switch: Any = importlib.import_module("mlx_lm.models.switch_layers")
    renamed: Any = importlib.import_module("mlx_lm.utils").MODEL_REMAPPING
    kind = config["model_type"]
    module: Any = importlib.import_module(f"mlx_lm.models.{renamed.get(kind, kind)}")
    model = module.Model(module.ModelArgs.from_dict(config))
    layers = (nn.Linear, nn.Embedding, switch.SwitchLinear)
    return {
        path
        for block in model.layers
        for path, layer in block.named_modules()
        if isinstance(layer, layers)
    }


if __name__ == "__main__":
    main()
