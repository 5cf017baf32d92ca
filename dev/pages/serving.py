"""docs/serving.md: what is known of every serving engine, from the data that `--serve` reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from loracheck.engines import list_engine_names
from loracheck.engines.read import FOLDER, LORA_FILES, list_lora_file_engines

from .markdown import join_blocks, make_table

INITS = "pissa, olora, corda or loftq"
EFFECTS = {
    "refused": "refused",
    "limited": "needs an option of the server",
    "wrong": "computes something else",
    "ignored": "left out in silence",
    "unsupported": "no code for it; how it fails was not read",
    "taken": "as PEFT",
}
INTRO = """# Serving engines

`loracheck check --serve vllm==0.11 --serve llama.cpp` says before the training what a server or a
converter will not do with the adapter; `serve = ["vllm==0.11"]` in [the settings](settings.md) asks
it always. Without a version the newest known release judges, a release that was not read is judged
by the one before it, and a newer one than all that are known is said to be.

`--serve all` prints a table below the report, of what every known engine makes of each adapter and
why; it changes no exit status. `loracheck explain FILE` has the same table, as data with
`--format json`. Beside an adapter_config.json the weights count too, by the names and shapes in
their header, also where an index lists several files: ranks, whole embeddings, biases, magnitudes,
layers; and so does added_tokens.json. A pickle (`.bin`) is named and never opened.

A processor (preprocessor_config.json, processor_config.json) beside an adapter, or none, is no
finding: vLLM reads the base model's (`transformers_utils/processor.py`,
cached_processor_from_config) and SGLang that of `--tokenizer-path`, by default the base model's
(`get_processor(server_args.tokenizer_path)`). Nothing is lost where the adapter has none; one with
other values than the base model's is not read by them, and is not compared here.

Where the file itself uses an engine for the adapter it is asked without the option: the rollout of
verl (`actor_rollout_ref.rollout.name`), and the server that a script starts with `--lora-modules`
or `--lora-paths` for the folder that it trains into, with its `--max-lora-rank`. A script, a docker
compose file or a Kubernetes manifest whose server takes an adapter that lies in the repository, and
a program with `LLM(enable_lora=True, max_lora_rank=...)` and `LoRARequest(name, id, folder)`, are
held against that adapter: the release is that of the image's tag, without an image that of an exact
pin (`vllm==0.10.2`), a compose file's `volumes` say which folder is meant. A command that Python
starts (`subprocess`, `os.system`) is read as one of a script. TRL's `use_vllm` asks no engine: it
merges the adapter into the model before vLLM gets the weights (`grpo_trainer.py`, merge_adapter).

`--serve peft==0.18` says what that PEFT release makes of a saved adapter: fields that it does not
know, weights that have no layer on this model, the sides of experts' matrices. It was measured with
adapters that PEFT 0.12 to 0.21 saved, each loaded by each (`python -m bench.oracle.release_pairs`).

NVIDIA NIM (`--serve nim`) is judged as the vLLM inside of it. A server that a file starts with
options which it refuses is told by [LC718](rules/LC718.md), whatever adapter it takes.

What stands here was read in the engines' sources, release by release. What was not read is not
here, and nothing is said about it: `loracheck explain` says "yes" of an engine only where every
part of the adapter stands here for the model's class and the release, otherwise "nothing known
against it", with what was not checked. The rules are [LC501](rules/LC501.md) to
[LC509](rules/LC509.md)."""
PROGRAMS = """# Programs that load LoRA files

What these make of a LoRA file of a diffusion model (`loracheck check x.safetensors --serve
comfyui`); [LoRA files](lora-files.md) says how it is found out."""
ADD = """## Add an engine or a release

An engine is one file in `loracheck/engines/data/`, a release a number in its `releases` and the
facts that changed with it: `since` is the first release of which a fact holds, `before` the first
of which it does not. The tests hold every file against its schema, and every fact must be told by
exactly one rule. `make release-engine ENGINE=vllm VERSION=X.Y.Z` reads a release of vLLM, SGLang,
LMDeploy, mlx-lm, llama.cpp (gguf), transformers or PEFT without running it: ranks, fields that are
read and refused, options, layers, models. It prints what changed, and tests hold what stands here
against it."""


def make_pages() -> dict[str, str]:
    """The page below docs/."""
    engines = [_engine_section(name, FOLDER) for name in list_engine_names()]
    programs = [_engine_section(name, LORA_FILES) for name in list_lora_file_engines()]
    return {"serving.md": join_blocks(INTRO, *engines, PROGRAMS, *programs, ADD)}


def _engine_section(name: str, folder: str) -> str:
    data: dict[str, Any] = json.loads(Path(folder, f"{name}.json").read_text("utf-8"))
    called = ", ".join(f"`{n}`" for n in (name, *data.get("aliases", ())))
    rows = [
        (row["what"], _release_range(row), EFFECTS[row["effect"]], _row_text(row), row["source"])
        for row in data["facts"]
    ]
    ranks = [
        f"Ranks {_release_range(row) or 'of every release'}: {_steps_text(row)}."
        for row in data.get("ranks", ())
    ]
    head = f"## {data['title']}\n\n`--serve` {called}. Known: {data['state']}."
    facts = make_table(("What", "Releases", "Effect", "In words", "Read in"), rows)
    blocks = [head, "\n".join(f"- {line}" for line in ranks), facts, _models_text(data)]
    return "\n\n".join(block for block in blocks if block)


def _release_range(row: dict[str, Any]) -> str:
    since, before = row.get("since"), row.get("before")
    return " ".join(
        words
        for words in (f"since {since}" if since else "", f"before {before}" if before else "")
        if words
    )


def _steps_text(row: dict[str, Any]) -> str:
    steps = ", ".join(map(str, row["steps"]))
    taken = f" takes {steps}" if steps else ""
    return f"`{row['flag']}`{taken}, {row['default']} by default"


def _row_text(row: dict[str, Any]) -> str:
    text = re.sub(r",? (\(`?\{value\}`?\)|not `\{value\}`)", "", row["text"])
    text = text.replace("init_lora_weights: {value}", f"init_lora_weights: {INITS}")
    text = text.replace("`{value}`", "the layer").replace("{value}", "the model")
    return text + (f" (of {', '.join(row['only'])})" if "only" in row else "")


def _models_text(data: dict[str, Any]) -> str:
    """How many architectures the newest release adapts."""
    if "models" not in data:
        return ""
    table_: dict[str, Any] = json.loads(Path(FOLDER, f"{data['models']}.json").read_text("utf-8"))
    newest = [rows[-1][1] for rows in table_["architectures"].values()]
    adapted = sum(status.startswith("lora") for status in newest)
    return (
        f"Of {len(newest)} architectures that the releases name, the newest adapts {adapted}; "
        f"of {sum(status == '?' for status in newest)} the sources do not show it."
    )
