"""Draws pairs of a model and a LoraConfig, and asks PEFT about each; run by an interpreter that has
torch, PEFT and the transformers release in question.

Standard input: what `Request` has. A line on standard output for each pair: what `Row` has.

The models are bundled checkpoints by their ids, and config.json files written to a folder: the
default config of a model type with layers, widths, experts and ties varied. They are built by real
torch on the meta device from that config.json, as `from_pretrained` does.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import transformers
from transformers import CONFIG_MAPPING, AutoConfig

from bench.oracle import models, peft_side
from bench.oracle.differential_run import NO_VALUES, Pair, draw_comparable
from bench.trees.build_attempt import BuildAttempt
from bench.trees.vary_config import vary_config

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADS = (
    *("CausalLM", "CausalLM", "CausalLM", "SequenceClassification", "TokenClassification"),
    *("Seq2SeqLM", "MaskedLM", "ImageTextToText", "ImageClassification", "CTC", ""),
)
"""Ends of the auto classes that a model is loaded by ("" for AutoModel); the usual one is
drawn more often."""

LARGEST = 3_000
"""Modules of a model that is still asked about: PEFT copies and walks all of them for each pair."""

LABELS = (None, 2, 3, 7)
"""Values of num_labels for classification heads; None where the file does not say."""

SECONDS = 120
"""For building a model."""


class Request(NamedTuple):
    """What is to be drawn."""

    checkpoints: list[tuple[str, dict[str, Any]]]
    """Hub ids with their configs."""

    bundled: int
    """Pairs of bundled checkpoints."""

    local: int
    """Pairs of config.json files."""

    each: int
    """Pairs of one model."""

    seed: int
    folder: str
    """Where config.json files are written, each in a folder of its own."""


class Row(NamedTuple):
    """One pair with PEFT's answer."""

    model: str
    """Hub id, or folder of the config.json."""

    head: str
    """End of the auto class that loads it; "" for AutoModel."""

    cls: str
    """The class that this gives."""

    library: str
    """The module of the class."""

    labels: int | None
    """num_labels of the call, where it says so."""

    config: str
    """The keyword arguments of LoraConfig, as a Python literal; 1e999 stands for nan."""

    error: str | None
    """Class of PEFT's exception."""

    wrapped: dict[str, tuple[Any, Any, float]]
    """Module or parameter -> rank, alpha, scaling."""

    saved: int
    tokens: int
    counts: tuple[int, int] | None
    """Trainable parameters and all."""


def main() -> None:
    """Answer the request."""
    request = Request(**json.load(sys.stdin))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    transformers.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    rng = random.Random(request.seed)
    for source, pairs in (
        (_write_checkpoints(request), request.bundled),
        (_write_types(request, rng), request.local),
    ):
        left = pairs
        for name, folder in source:
            if left <= 0:
                break
            for row in _draw_rows(name, folder, rng, min(request.each, left)):
                left -= 1
                print(json.dumps(row._asdict()), file=out, flush=True)


def _write_checkpoints(request: Request) -> Iterator[tuple[str, Path]]:
    """The bundled ids, and where their configs were written."""
    for number, (name, config) in enumerate(request.checkpoints):
        yield name, _write(Path(request.folder) / f"checkpoint{number}", config)


def _write_types(request: Request, rng: random.Random) -> Iterator[tuple[str, Path]]:
    """Varied default configs of model types, in any order."""
    kinds = sorted(CONFIG_MAPPING.keys())
    rng.shuffle(kinds)
    for kind in kinds:
        found: dict[str, Any] = {}
        with BuildAttempt(SECONDS):
            found = json.loads(CONFIG_MAPPING[kind]().to_json_string(use_diff=False))
        if found.get("model_type") == kind:
            settings = vary_config(found, f"{request.seed} {kind}")
            folder = _write(Path(request.folder) / kind, settings)
            yield str(folder), folder


def _write(folder: Path, config: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _draw_rows(name: str, folder: Path, rng: random.Random, pairs: int) -> Iterator[Row]:
    """The pairs of one model; none where transformers cannot build it, or it is too large."""
    pair = None
    with BuildAttempt(SECONDS) as outcome:
        head = _choose_head(folder, rng)
        labels = rng.choice(LABELS) if "Classification" in head else None
        pair = Pair(f"{name}/{head}", _build(folder, head, labels))
    if pair is None:
        sys.stderr.write(f"{name}: {outcome.error}\n")
        return
    if len(pair.names.full) > LARGEST:
        return
    for _ in range(pairs):
        config = draw_comparable(pair, rng)
        found = peft_side.ask_peft(pair.model, config, low_cpu=True)
        if found.error and found.error[0] == NO_VALUES:
            continue  # the meta device's own error
        yield Row(
            *(name, head, type(pair.model).__name__, type(pair.model).__module__),
            *(labels, _write_literal(config)),
            *(found.error[1] if found.error else None, found.wrapped),
            *(len(found.saved), len(found.tokens), found.counts),
        )


def _write_literal(config: dict[str, Any]) -> str:
    return repr(
        {name: math.inf if value != value else value for name, value in config.items()}
    ).replace(": inf", ": 1e999")


def _choose_head(folder: Path, rng: random.Random) -> str:
    """The end of an auto class that knows the config."""
    kind = json.loads((folder / "config.json").read_text("utf-8"))["model_type"]
    known = models.list_classes(kind)
    heads = [head for head in HEADS if (head or "Model") in known]
    return rng.choice(heads) if heads else ""


def _build(folder: Path, head: str, labels: int | None) -> Any:
    """The model of a config.json, on the meta device."""
    settings = {} if labels is None else {"num_labels": labels}
    config = AutoConfig.from_pretrained(str(folder), trust_remote_code=False, **settings)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    auto = getattr(transformers, f"AutoModelFor{head}" if head else "AutoModel")
    with torch.device("meta"):
        return auto.from_config(config)


if __name__ == "__main__":
    main()
