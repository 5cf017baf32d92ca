"""Does loracheck say of LoRA files what real diffusers does with them?

`python -m bench.lora_files [NAME]...` makes a file of each model and layout, has real diffusers
load it (`real.py`), and holds the layers that it reaches against those that loracheck names. Exits
with 1 where they differ.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from loracheck.lora_files.reach import convert_names, find_error, find_loader, hold_against
from loracheck.lora_files.read import read_lora_file
from loracheck.trees.model import ModuleTree
from loracheck.trees.sources.diffusers_bundle import find_pipeline

from .layouts import LAYOUTS, TREE_LAYOUTS, Shapes, name_tensors, read_headers, tree_modules
from .real import Loaded, load_with_diffusers


class Case(NamedTuple):
    """A file to load into a model."""

    title: str
    model: str
    tensors: Shapes


def list_cases() -> Iterator[Case]:
    """Every model of `headers.json` in every layout, and on a model of another family."""
    for name, (model, modules) in read_headers().items():
        tree = _pipeline(model)[1]
        part = "unet" if "UNet" in (tree.cls or "") else "transformer"
        for title, layout in LAYOUTS.items():
            yield Case(f"{name} {title}", model, name_tensors(modules, layout))
        own = tree_modules(tree)
        for title, layout in TREE_LAYOUTS.items():
            yield Case(f"{name} {title}", model, name_tensors(own, layout, part))


def compare(case: Case) -> tuple[Loaded, Loaded]:
    """What diffusers does with a case, and what loracheck says."""
    config, tree = _pipeline(case.model)
    loader = find_loader(tree)
    assert loader is not None
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "lora.safetensors")
        write_file(path, case.tensors)
        real = load_with_diffusers(path, config, loader)
        names = convert_names(read_lora_file(path), [loader])[loader]
    fit = hold_against(names.layers, tree)
    error = find_error(names, tree)
    if error or fit.misfits:
        return real, Loaded(frozenset(), error or f"sizes of {list(fit.misfits)[:2]}")
    return real, Loaded(frozenset(fit.reached))


def write_file(path: str, tensors: Shapes) -> None:
    """A file with these tensors, of ones."""
    torch = import_module("torch")
    made = {name: torch.ones(shape, dtype=torch.float16) for name, shape in tensors.items()}
    import_module("safetensors.torch").save_file(made, path)


def _pipeline(model: str) -> tuple[dict[str, object], ModuleTree]:
    found = find_pipeline(model)
    assert found is not None, model
    return found.config, found.tree


def main() -> int:
    """Print a line for each case; the number of those that differ."""
    wanted = sys.argv[1:]
    different = 0
    for case in list_cases():
        if wanted and case.title.split()[0] not in wanted:
            continue
        real, told = compare(case)
        same = real.layers == told.layers and (real.error is None) == (told.error is None)
        different += not same
        what = real.error.splitlines()[0][:70] if real.error else f"{len(real.layers)} layers"
        print(f"{'equal' if same else 'DIFFERS'}  {case.title}: {what}", flush=True)
        if not same:
            print(f"   loracheck: {told.error or len(told.layers)}")
    print(f"{different} differ")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
