"""How long a thousand files take, against check-jsonschema and yamllint on the same files.

`python -m bench.many [--files 1000] [--runs 5]` writes adapter configs (JSON) and LLaMA-Factory
configs (YAML) for bundled models into a temporary folder, one in ten with a fault, and prints the
medians of whole fresh processes. check-jsonschema checks its files against a schema alone:
`schemas/adapter_config.schema.json` for JSON, the dialect's for YAML; loracheck holds them against
the module trees too. `pip install '.[bench]'` brings both yardsticks.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from .speed import Measurement, Yardstick, measure

SCHEMAS = Path(__file__).parents[1] / "schemas"
MODELS = (
    "Qwen/Qwen2.5-7B",
    "Qwen/Qwen3-8B",
    "microsoft/Phi-3-mini-4k-instruct",
    "mistralai/Mistral-7B-v0.1",
    "google/gemma-2-9b-it",
)
NAMES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
PHI = ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]


def make_adapter_config(draw: random.Random, faulty: bool) -> str:
    """An adapter_config.json as PEFT saves it, about 700 bytes."""
    model = draw.choice(MODELS)
    known = PHI if "Phi-3" in model else NAMES
    names = draw.sample(known, draw.randint(2, len(known)))
    values = {
        "alpha_pattern": {},
        "auto_mapping": None,
        "base_model_name_or_path": model,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "layers_pattern": None,
        "layers_to_transform": None,
        "lora_alpha": draw.choice([16, 32, 64]),
        "lora_dropout": draw.choice([0.0, 0.05, 0.1]),
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": draw.choice([8, 16, 32]),
        "rank_pattern": {},
        "revision": None,
        "target_modules": [*names, "no_such_proj"] if faulty else names,
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": False,
    }
    return json.dumps(values, indent=2) + "\n"


def make_recipe(draw: random.Random, faulty: bool) -> str:
    """A LLaMA-Factory configuration, about 500 bytes."""
    model = draw.choice(MODELS)
    target = "q_proj,no_such_proj" if faulty else "all"
    return f"""### model
model_name_or_path: {model}
trust_remote_code: false

### method
stage: sft
do_train: true
finetuning_type: lora
lora_rank: {draw.choice([8, 16, 32])}
lora_alpha: {draw.choice([16, 32, 64])}
lora_dropout: {draw.choice([0.0, 0.05])}
lora_target: {target}

### dataset
dataset: identity,alpaca_en_demo
template: default
cutoff_len: 2048

### train
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 0.0001
num_train_epochs: 3.0
lr_scheduler_type: cosine
bf16: true
"""


def write_files(folder: Path, files: int) -> None:
    """Write the files of both kinds, the same each time."""
    for kind, suffix, made in (
        ("json", "json", make_adapter_config),
        ("yaml", "yaml", make_recipe),
    ):
        (folder / kind).mkdir()
        draw = random.Random(1)
        for number in range(files):
            path = folder / kind / f"config_{number:04}.{suffix}"
            path.write_text(made(draw, number % 10 == 9), encoding="utf-8")


def measure_all(folder: Path, runs: int) -> dict[str, list[Measurement]]:
    """By kind of file: the yardsticks first, loracheck after."""
    python, here = sys.executable, str(folder)
    paths = {
        kind: sorted(str(path) for path in (folder / kind).iterdir()) for kind in ("json", "yaml")
    }
    schemas = {
        "json": SCHEMAS / "adapter_config.schema.json",
        "yaml": SCHEMAS / "dialects" / "llamafactory.schema.json",
    }
    found: dict[str, list[Measurement]] = {}
    for kind, files in paths.items():
        command = [python, "-m", "check_jsonschema", "--schemafile", str(schemas[kind]), *files]
        schema = Yardstick("check-jsonschema", command, says="ok -- validation done")
        found[kind] = [measure(schema, runs)]
        if kind == "yaml":
            lint = [python, "-m", "yamllint", "-f", "parsable", f"{here}/yaml"]
            said = "(document-start)"  # its default rules want `---`, which recipes do not have
            found[kind].append(measure(Yardstick("yamllint", lint, says=said), runs))
        check = [python, "-m", "loracheck", "check", "--isolated"]
        for jobs in ("1", "2"):
            command = [*check, "-j", jobs, f"{here}/{kind}"]
            own = Yardstick(
                f"loracheck check -j {jobs}", command, (0, 1), f"in {len(files)} files, "
            )
            found[kind].append(measure(own, runs))
        few = folder / f"few-{kind}"
        few.mkdir()
        for path in files[: len(files) // 10]:
            (few / Path(path).name).write_bytes(Path(path).read_bytes())
        tenth = Yardstick("loracheck, a tenth of the files", [*check, str(few)], (0, 1))
        found[kind].append(measure(tenth, runs))
    return found


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as place:
        os.environ["PYTHONPYCACHEPREFIX"] = cache
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        folder = Path(place)
        write_files(folder, options.files)
        nothing = measure(
            Yardstick("python -c pass", [sys.executable, "-c", "pass"]), options.runs * 3
        )
        tables = measure_all(folder, options.runs)
    print(f"python -c pass: {nothing.wall:.1f} ms")
    for kind, rows in tables.items():
        print(f"\n{options.files} {kind} files")
        for row in rows:
            ratio, base = row.wall / rows[0].wall, row.wall / nothing.wall
            print(
                f"{row.name:<34}{row.wall:9.1f} ms {ratio:6.2f} of check-jsonschema "
                f"{base:7.1f}x pass {row.memory:7.1f} MB"
            )


if __name__ == "__main__":
    main()
