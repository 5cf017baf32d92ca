"""Which layers a LoRA file reaches in diffusers, answered by diffusers' own loaders: they run on
the stand-in for torch, in the child process of `trees/child.py`, as the names are a stranger's.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from math import prod

from loracheck.named_tuple import NamedTuple
from loracheck.trees.build_error import BuildError
from loracheck.trees.child import Limits, ask
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from loracheck.trees.model import ModuleTree, Node

    from .model import LoraFile
    from .sides import Sides

MOST = 20_000
"""Tensors of a file that are given to the loaders; the largest published ones have some 6,000."""

HIGHEST = 2_000
"""Highest number in a name: diffusers' converters count up to the highest number of a layer."""

LIMITS = Limits(processor=20, wall=600)
"""What one file may take; a usual one takes a second or two."""

MOST_LATE = 3
"""Files that may take too long before no further one is given to the loaders."""

_NUMBERS = re.compile(r"(?:(?<=\.)|^)\d[\d_]*(?=\.|$)|\d+")
"""Numbers in a name; between dots with underscores, which `int` passes over."""
LORA_KINDS = frozenset({"Linear", "Embedding", "Conv1d", "Conv2d", "Conv3d", "Conv1D"})
"""Kinds of modules that PEFT wraps (PEFT 0.21.2 `tuners/lora/layer.py`)."""


class Names(NamedTuple):
    """What a loader made of the names of a file."""

    loader: str
    version: str
    """The release of diffusers."""

    layers: dict[str, Sides]
    """Layer of the denoiser -> its inputs and outputs by the file."""

    texts: dict[str, int]
    """Text encoder -> number of layers that it gets."""

    error: str | None = None
    """What the loader raises, whatever the values are."""

    unsure: tuple[str, ...] = ()
    """Layers, or the error, that depend on the values of tensors, which are not read."""


class Fit(NamedTuple):
    """The layers of a file held against a model."""

    reached: tuple[str, ...]
    missing: tuple[str, ...]
    """Names that are no layer of the model."""

    misfits: dict[str, tuple[Sides, Sides]]
    """Layer -> its sides by the file and by the model, where they differ."""

    @property
    def whole(self) -> bool:
        """Whether all layers are there with their sizes."""
        return bool(self.reached) and not self.missing and not self.misfits


def find_loader(tree: ModuleTree) -> str | None:
    """The LoRA loader of diffusers' pipelines for a model; None where they have none."""
    names = _read_loaders().get(tree.cls or "", [])
    if len(names) > 1 and tree.find("add_embedding") is not None:  # SDXL's size and crop
        return next((name for name in names if "XL" in name), names[0])
    return names[0] if names else None


@cache
def _read_loaders() -> dict[str, list[str]]:
    """Model class -> its loaders, from the generated table."""
    path = os.path.join(os.path.dirname(__file__), "loaders.json")
    with open(path, encoding="utf-8") as file:
        loaders: dict[str, list[str]] = json.load(file)["loaders"]
    return loaders


def convert_names(
    file: LoraFile, loaders: Sequence[str], python: str | None = None
) -> dict[str, Names]:
    """What each of the loaders makes of the file's names, by the diffusers of `python` (None: this
    interpreter). A loader that this release does not have is left out. Raises BuildError where
    diffusers is not installed, gives no answer in its bounds, or the file has over MOST tensors.
    """
    return convert_rows(
        [
            [name, list(tensor.shape), file.numbers.get(name)]
            for name, tensor in file.tensors.items()
        ],
        loaders,
        python,
    )


def convert_rows(
    rows: list[list[Any]], loaders: Sequence[str], python: str | None = None
) -> dict[str, Names]:
    """As `convert_names`, of rows of a tensor's name, its shape, and its value or None."""
    _check_bounds([str(row[0]) for row in rows])
    answer = _ask_in_time({"loaders": list(loaders), "tensors": rows}, python)
    if not answer["ok"]:
        raise BuildError(str(answer["kind"]), str(answer["reason"]))
    version = str(answer["version"])
    return {
        name: _join_runs(name, version, runs) for name, runs in answer["loaders"].items() if runs
    }


def _check_bounds(names: list[str]) -> None:
    """Raises BuildError (`too-large`) for more tensors, and for a higher number, than any model's
    layers have.
    """
    if len(names) > MOST:
        raise BuildError("too-large", f"it has over {MOST:,} tensors")
    for name in names:
        for number in _NUMBERS.findall(name):
            digits = number.replace("_", "")
            if len(digits) > 100 or int(digits) > HIGHEST:
                reason = f"a name has the number {digits[:20]}, and no model so many layers"
                raise BuildError("too-large", reason)


class _Late:
    """How many files have taken too long in this process."""

    files = 0


def _ask_in_time(request: dict[str, Any], python: str | None) -> dict[str, Any]:
    """The loaders' answer. Raises BuildError, without asking once MOST_LATE files were too slow."""
    if _Late.files >= MOST_LATE:
        raise BuildError("out-of-time", f"{MOST_LATE} files before it took too long to look at")
    try:
        return ask(request, python, LIMITS, "diffusers")
    except BuildError as error:
        _Late.files += error.kind == "out-of-time"
        raise


def _join_runs(loader: str, version: str, runs: list[dict[str, Any]]) -> Names:
    """The layers of all runs; what only some of them have depends on values."""
    each = [_collect_layers(run["calls"]) for run in runs]
    errors = [run["error"] for run in runs]
    if all(errors):
        return Names(loader, version, {}, {}, errors[0])
    whole = [layers for layers, error in zip(each, errors, strict=True) if not error]
    common = set.intersection(*(set(layers) for layers, _ in whole))
    unsure = {name for layers, _ in whole for name in layers} - common
    messages = [error for error in errors if error]
    return Names(
        loader,
        version,
        {name: sides for name, sides in whole[0][0].items() if name in common},
        whole[0][1],
        None,
        (*messages, *sorted(unsure)),
    )


def _collect_layers(calls: list[Any]) -> tuple[dict[str, Sides], dict[str, int]]:
    """The layers of the denoiser with their sides, and the number of those of each text encoder."""
    layers: dict[str, Sides] = {}
    texts: dict[str, int] = {}
    for part, keys in calls:
        if part.startswith("text_encoder"):
            texts[part] = len({name.split(".lora")[0] for name, _ in keys})
            continue
        for name, shape in keys:
            layer, _, role = _split_target(name)
            inputs, outputs = layers.get(layer, (None, None))
            if role == "A":
                inputs = shape[1] if len(shape) > 1 else None
            elif role == "B":
                outputs = shape[0] if len(shape) > 1 else None
            layers[layer] = (inputs, outputs)
    return layers, texts


def _split_target(name: str) -> tuple[str, str, str]:
    """A name that PEFT gets: layer, method, and which matrix ("A", "B" or something else)."""
    for mark in (".lora_", ".lokr_"):
        layer, separator, rest = name.rpartition(mark)
        if separator:
            role = rest.removesuffix(".weight") if mark == ".lora_" else ""
            return layer, mark.strip("._"), role
    return name.rpartition(".")[0], "", ""


def find_error(names: Names, tree: ModuleTree) -> str | None:
    """What diffusers raises as it loads the file into the model, sizes left out of account; None
    where it raises nothing.
    """
    if names.error is not None:
        return names.error
    nodes = {name: tree.find(name) for name in names.layers if name}
    if names.loader == WIDENING:
        for name, node in sorted(nodes.items(), key=lambda pair: pair[0]):
            if node is not None and node.parameter("weight") is None:
                return f"KeyError: '{name}.weight'"
    if nodes and all(node is None or node.kind not in LORA_KINDS for node in nodes.values()):
        return "NoMatchingPeftModuleError: none of the target modules is in the model"
    return None


WIDENING = "FluxLoraLoaderMixin"
"""The loader that looks up the weight of each layer, to widen it where the file's is wider
(diffusers 0.42.1 `loaders/lora_pipeline.py`, _maybe_expand_lora_state_dict).
"""


def hold_against(layers: dict[str, Sides], tree: ModuleTree) -> Fit:
    """Which of the layers the model has, in the sizes that the file has them."""
    reached, missing = [], []
    misfits: dict[str, tuple[Sides, Sides]] = {}
    for name, sides in layers.items():
        node = tree.find(name) if name else None
        if node is None or node.kind not in LORA_KINDS:
            missing.append(name)
            continue
        shape = get_node_sides(node)
        if _differs(sides, shape) and _differs(sides, _flatten(node, shape)):
            misfits[name] = (sides, shape)
        else:
            reached.append(name)
    return Fit(tuple(reached), tuple(missing), misfits)


def get_node_sides(node: Node) -> Sides:
    """Inputs and outputs of a layer, by its weight."""
    weight = node.parameter("weight")
    if weight is None or len(weight.shape) < 2:
        return None, None
    outputs, inputs = weight.shape[:2]
    if node.kind in ("Embedding", "Conv1D"):  # these keep their weights the other way round
        return outputs, inputs
    if node.kind == "Linear":
        return node.attribute("in_features", inputs), node.attribute("out_features", outputs)
    return inputs * node.attribute("groups", 1), outputs


def _flatten(node: Node, sides: Sides) -> Sides:
    """The sides of a convolution whose kernel is written as further inputs, as LoHa and LoKr do."""
    weight = node.parameter("weight")
    if weight is None or sides[0] is None:
        return sides
    return sides[0] * prod(weight.shape[2:]), sides[1]


def _differs(one: Iterable[int | None], other: Iterable[int | None]) -> bool:
    return any(a != b for a, b in zip(one, other, strict=True) if a is not None and b is not None)
