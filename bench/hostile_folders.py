"""Hostile repositories of this program's own before `loracheck check`, as a CI job would run it.

`python -m bench.hostile_folders [--limit SECONDS]` makes each in a temporary folder, checks it from
inside, and prints a table: seconds of processor time, megabytes, exit status, TB where a traceback
was printed, and whether a file was touched. Each holds one door at the edge of its bounds:
config.json, lock file, settings, baseline, .gitignore, weight index, weights, notebook, scripts,
long names, deep nesting. The status is 1 where one of them hangs, prints a traceback, exits with
anything but 0 to 3, or changes a file.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .hostile import measure

if TYPE_CHECKING:
    from collections.abc import Callable

    Files = dict[str, bytes]

SECONDS, MEGABYTES = 2.0, 80.0
"""What a run may take; more is marked with `!`, and depends on the machine."""

MIB = 1 << 20
ADAPTER = {"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"]}
QWEN = {**ADAPTER, "base_model_name_or_path": "Qwen/Qwen2.5-7B", "task_type": "CAUSAL_LM"}


def _adapter(**fields: object) -> Files:
    return {"adapter_config.json": json.dumps({**QWEN, **fields}).encode()}


def _model(**config: object) -> Files:
    """An adapter of a local model with this config.json."""
    base = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
    adapter = {**ADAPTER, "base_model_name_or_path": "model"}
    return {
        "adapter_config.json": json.dumps(adapter).encode(),
        "model/config.json": json.dumps({**base, **config}).encode(),
    }


def _beside(name: str, text: bytes | str) -> Files:
    return {**_adapter(), name: text.encode() if isinstance(text, str) else text}


_WIDGET = {"_model_module": "@jupyter-widgets/base", "value": 1.0, "layout": ["a", "b"]}


def _notebook(cells: int, source: str, widgets: object = None) -> Files:
    made = [{"cell_type": "code", "metadata": {}, "source": [source], "outputs": []}] * cells
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"widgets": widgets}, "cells": made}
    return {"a.ipynb": json.dumps(book).encode()}


def _safetensors(header: bytes, length: int | None = None) -> Files:
    size = len(header) if length is None else length
    return _beside("adapter_model.safetensors", struct.pack("<Q", size) + header)


def _many_tensors(count: int) -> bytes:
    name = "base_model.model.model.layers.{}.self_attn.q_proj.lora_A.weight"
    one = {"dtype": "F32", "shape": [8, 1], "data_offsets": [0, 0]}
    return json.dumps({name.format(n): one for n in range(count)}).encode()


def _vision(kind: str, name: str, **config: object) -> dict[str, object]:
    return {"model_type": kind, "architectures": [f"{name}ForImageClassification"], **config}


_LARGE: dict[str, dict[str, object]] = {
    "10^7 labels to count": {"num_labels": 10**7},
    "resnet of 1,999 blocks a stage": _vision("resnet", "ResNet", depths=[1_999] * 4),
    "swin of 1,999 blocks a stage": _vision("swin", "Swin", depths=[1_999] * 4),
    "maskformer of 1,999 layers": {
        **_vision("maskformer", "MaskFormer"),
        "architectures": ["MaskFormerForInstanceSegmentation"],
        "backbone_config": {"model_type": "swin", "depths": [1_999] * 4},
        "decoder_config": {"model_type": "detr", "decoder_layers": 1_999},
    },
    "wav2vec2 of 1,999 layers": {
        "model_type": "wav2vec2",
        "architectures": ["Wav2Vec2ForCTC"],
        "num_hidden_layers": 1_999,
    },
    "t5 of 1,999 layers": {
        "model_type": "t5",
        "architectures": ["T5ForConditionalGeneration"],
        "num_layers": 1_999,
        "num_decoder_layers": 1_999,
    },
}
"""What config.json may ask for within each single bound."""

PYTHON = "from peft import LoraConfig\n"

FOLDERS: dict[str, Callable[[], Files]] = {
    "rank of 4,000 digits": lambda: {
        "adapter_config.json": b'{"peft_type": "LORA", "target_modules": ["q_proj"], "r": '
        + b"9" * 4_000
        + b"}"
    },
    "alpha beyond float": lambda: {
        "adapter_config.json": b'{"peft_type": "LORA", "lora_alpha": 1e309, "r": -1e999}'
    },
    "rank_pattern of 2,000 keys": lambda: _adapter(
        rank_pattern={f"layers.{n}.self_attn.q_proj": n % 64 + 1 for n in range(2_000)},
        alpha_pattern={f"^model.layers.{n}.*q_proj$": n for n in range(2_000)},
    ),
    "4,000 targets of full names": lambda: _adapter(
        target_modules=[f"model.layers.{n}.self_attn.q_proj" for n in range(4_000)]
    ),
    "one target of a megabyte": lambda: _adapter(target_modules=["a" * MIB]),
    "a regex that backtracks": lambda: _adapter(target_modules="(.*)*(.*)*(.*)*x"),
    "nested repeats in every regex field": lambda: _adapter(
        target_modules="((a*)*)*b",
        exclude_modules="(.*a){30}",
        rank_pattern={"((.*)+)+$": 4},
        layers_pattern="(x+x+)+y",
        layers_to_transform=[0],
    ),
    "a regex of 60,000 alternatives": lambda: _adapter(
        target_modules="|".join(f"m{n}" for n in range(60_000))
    ),
    "layers_to_transform of 100,000 numbers": lambda: _adapter(
        layers_to_transform=list(range(100_000)), layers_pattern="layers"
    ),
    "replication of a billion layers": lambda: _adapter(layer_replication=[[0, 10**9]] * 50),
    "trainable_token_indices of 200,000": lambda: _adapter(
        trainable_token_indices=list(range(200_000))
    ),
    "id with NUL, id with dots, id of a device": lambda: {
        f"{n}/adapter_config.json": json.dumps({**QWEN, "base_model_name_or_path": name}).encode()
        for n, name in enumerate(["a/b\0", "../../../../etc/passwd", "/dev/zero", "/proc/self/mem"])
    },
    "revision of a device": lambda: _adapter(revision="/dev/zero"),
    "lone surrogates and bidi": lambda: {
        "adapter_config.json": b'{"peft_type": "LORA", "target_modules": ["\\ud800", "\\u202eq"]}'
    },
    "config.json of 10^9 layers": lambda: _model(num_hidden_layers=10**9, vocab_size=10**12),
    "config.json of negative and huge sizes": lambda: _model(
        hidden_size=-1, num_hidden_layers=1e308, intermediate_size="x" * 1000
    ),
    "config.json of 10^7 labels": lambda: _model(id2label={str(n): "a" for n in range(100_000)}),
    **{f"config.json of {what}": partial(_model, **config) for what, config in _LARGE.items()},
    "config.json with code of its own": lambda: _model(
        auto_map={"AutoModelForCausalLM": "evil.Evil"}, trust_remote_code=True, backbone="./evil"
    ),
    "config.json of 8 MiB": lambda: _model(pad="x" * (8 * MIB)),
    "config.json nested 50,000 deep": lambda: {
        **_model(),
        "model/config.json": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    },
    "lock of 806 bytes that unfolds": lambda: _beside(
        "loracheck.lock",
        json.dumps(
            {
                "format": 1,
                "models": {
                    "Qwen/Qwen2.5-7B": {
                        "classes": [["torch.nn.Linear", "Linear"]],
                        "nodes": [[0, [], [[f"0-{10**9}", 0]]]] * 20,
                        "root": 19,
                    }
                },
            }
        ),
    ),
    "lock that is no object": lambda: _beside("loracheck.lock", "[[[[]]]]"),
    "lock of NaN and huge numbers": lambda: _beside(
        "loracheck.lock", '{"format": NaN, "models": {"a": ' + "9" * 4_000 + "}}"
    ),
    "settings nested 900 deep": lambda: _beside("loracheck.toml", "[" + "a." * 900 + "b]\nc = 1\n"),
    "settings of 100,000 keys": lambda: _beside(
        "loracheck.toml", "".join(f"k{n} = 1\n" for n in range(100_000))
    ),
    "settings whose globs backtrack": lambda: _beside(
        "loracheck.toml", 'exclude = ["' + "*a" * 300 + 'b"]\n'
    ),
    "settings that go online and name an interpreter": lambda: _beside(
        "loracheck.toml", 'online = true\npython = "./evil.sh"\nbaseline = "/dev/zero"\n'
    ),
    "settings with a number of 4,000 digits": lambda: _beside(
        "loracheck.toml", "[rules.LC302]\nhigh = " + "9" * 4_000 + "\n"
    ),
    "baseline of Infinity": lambda: {
        **_beside("loracheck.toml", 'baseline = "baseline.json"\n'),
        "baseline.json": b'{"version": Infinity, "findings": [{"count": -1e999}]}',
    },
    "baseline of 200,000 entries": lambda: {
        **_beside("loracheck.toml", 'baseline = "baseline.json"\n'),
        "baseline.json": json.dumps({"version": 1, "findings": [{"a": 1}] * 200_000}).encode(),
    },
    ".gitignore of 50,000 patterns": lambda: _beside(
        ".gitignore", "".join(f"**/*a*{n}*b/**\n" for n in range(50_000))
    ),
    ".gitignore whose pattern backtracks": lambda: _beside(".gitignore", "*a" * 4_000 + "b\n"),
    "weight index of 60,000 tensors": lambda: {
        **_model(),
        "model/model.safetensors.index.json": json.dumps(
            {"weight_map": {f"model.layers.{n}.q.weight": "a" for n in range(60_000)}}
        ).encode(),
    },
    "weight index beside a model of no other kind": lambda: {
        "adapter_config.json": json.dumps({**ADAPTER, "base_model_name_or_path": "model"}).encode(),
        "model/model.safetensors.index.json": json.dumps(
            {"weight_map": {f"model.layers.{n}.q.weight": "a" for n in range(60_000)}}
        ).encode(),
    },
    "weight index with long names": lambda: {
        **_adapter(target_modules="(.*a)*b"),
        "model/model.safetensors.index.json": json.dumps(
            {"weight_map": {"a" * 100_000: "a"}}
        ).encode(),
    },
    "weights whose header is 10^18 bytes": lambda: _safetensors(b"{}", 10**18),
    "weights that end in the header": lambda: _safetensors(b'{"a": {"dtype":'),
    "weights of 20,000 tensors": lambda: _safetensors(_many_tensors(20_000)),
    "weights with shapes beyond numbers": lambda: _safetensors(
        b'{"a.lora_A.weight": {"dtype": "F32", "shape": [' + b"9" * 4_000 + b", -1], "
        b'"data_offsets": [0, -5]}}'
    ),
    "pickled weights": lambda: _beside("adapter_model.bin", b"cos\nsystem\n(S'true'\ntR."),
    "notebook of 400 configs": lambda: _notebook(
        400, PYTHON + "LoraConfig(r='8', lora_aplha=16, target_modules=['q_proj'])\n"
    ),
    "notebook of one line of 2 MiB": lambda: _notebook(1, PYTHON + "x = '" + "a" * (2 * MIB) + "'"),
    "script of 4,000 calls": lambda: {
        "a.py": (PYTHON + "LoraConfig(r=8, lora_aplha=1)\n" * 4_000).encode()
    },
    "script of deep calls": lambda: {"a.py": (PYTHON + "f(" * 900 + ")" * 900).encode()},
    "script that folds without end": lambda: {
        "a.py": (PYTHON + "a = 'x' * 10**9\nb = a * 10**9\nLoraConfig(r=2**10**9)\n").encode()
    },
    "script of 3,000 rebindings": lambda: {
        "a.py": (PYTHON + "r = 8\nr = r + r\n" * 3_000 + "LoraConfig(r=r)\n").encode()
    },
    "shell of 3,000 commands": lambda: {
        "a.sh": b"llamafactory-cli train --lora_rank 8 --lora_aplha 16\n" * 3_000
    },
    "shell whose variables multiply": lambda: {
        "a.sh": ("A=lora\n" + "A=$A$A$A$A\n" * 40 + "swift sft --lora_rank $A\n").encode()
    },
    "TOML of 20,000 tables": lambda: {
        "a.toml": "".join(f"[t{n}]\nlora_r = 8\n" for n in range(20_000)).encode()
    },
    "YAML of 3,000 documents": lambda: {"a.yaml": b"---\npeft_type: LORA\nr: '8'\n" * 3_000},
    "YAML of merges": lambda: {
        "a.yaml": b"a0: &a0 {peft_type: LORA}\n"
        + b"".join(b"a%d: &a%d {<<: [*a%d, *a%d]}\n" % (n, n, n - 1, n - 1) for n in range(1, 40))
    },
    "YAML of 60,000 anchors": lambda: {
        "a.yaml": b"peft_type: LORA\n" + b"".join(b"a%d: &a%d 1\n" % (n, n) for n in range(60_000))
    },
    "YAML of 60,000 duplicate keys": lambda: {"a.yaml": b"peft_type: LORA\n" + b"r: 8\n" * 60_000},
    "JSON of 100,000 duplicate keys": lambda: {
        "a.json": b'{"peft_type": "LORA", ' + b", ".join([b'"r": 8'] * 100_000) + b"}"
    },
    "notebook of widget state": lambda: _notebook(
        1, PYTHON + "LoraConfig(r='8')\n", {f"w{n}": {"state": _WIDGET} for n in range(6_000)}
    ),
    "script of 20,000 keywords": lambda: {
        "a.py": (PYTHON + f"LoraConfig({', '.join(f'k{n}=1' for n in range(20_000))})\n").encode()
    },
    "a tool's file with sections of other kinds": lambda: {
        "h2o.yaml": b"llm_backbone: a/b\narchitecture: 3\ntraning: []\ntokenizer: null\n",
        "axolotl.yml": b"base_model: [1]\nadapter: {a: b}\ndatasets: 7\nlora_r: {}\n",
        "ludwig.yaml": b"model_type: llm\nadapter: [lora]\ntrainer: 5\nbase_model: {}\n",
    },
    "a path of 240 letters and 30 folders": lambda: {
        "/".join(["d" * 7] * 30) + "/" + "n" * 200 + ".json": json.dumps(QWEN).encode()
    },
    "names that are commands": lambda: {
        "::error file=x::y.json": b'{"peft_type": "LORA", "r": "8"}',
        "\x1b]52;c;eA==\x07.json": b'{"peft_type": "LORA", "r": "8"}',
        "-rf.json": b'{"peft_type": "LORA", "r": "8"}',
    },
}
"""What it is -> its files. Each is made when its turn comes."""


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("only", nargs="?", default="")
    known = parser.parse_args()
    faults = 0
    print("| repository | s | MB | status | |\n| --- | --- | --- | --- | --- |")
    for name, make in FOLDERS.items():
        if known.only in name:
            faults += _run(name, make(), known.limit)
    return int(faults > 0)


def _run(name: str, files: Files, limit: float) -> bool:
    """Check one repository and print its row; whether something is wrong with it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "repository")
        (folder / ".git").mkdir(parents=True)
        for file, data in files.items():
            (path := folder / file).parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        before = _list(folder)
        command = [sys.executable, "-P", "-m", "loracheck", "check", str(folder)]
        one = measure(command, limit, Path(place))
        touched = _list(folder) != before
    wrong = one.status is None or not 0 <= one.status <= 3 or one.traceback or touched
    marks = ["TB"] * one.traceback + ["touched"] * touched
    seconds = f"{one.processor:.2f}" + "!" * (one.processor > SECONDS)
    memory = f"{one.megabytes:.0f}" + "!" * (one.megabytes > MEGABYTES)
    status = "HANG" if one.status is None else str(one.status)
    print(f"| {name} | {seconds} | {memory} | {status} | {' '.join(marks)} |", flush=True)
    return wrong


def _list(folder: Path) -> list[tuple[str, int, int]]:
    """The files of a folder with their sizes and times."""
    found = ((path, path.lstat()) for path in sorted(folder.rglob("*")))
    return [(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found]


if __name__ == "__main__":
    sys.exit(main())
