"""The same mistakes before PEFT itself, guardtower, peft-doctor, a JSON Schema, and loracheck.

`python -m bench.peers [--bin FOLDER]` prints a table; tools that are not in FOLDER, on the PATH or
installed are left out. PEFT is run on a small Llama on the meta device, and so is guardtower;
check-jsonschema with loracheck's own schema, loracheck on the bundled Llama 2.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BASE: dict[str, Any] = {
    "peft_type": "LORA",
    "task_type": "CAUSAL_LM",
    "base_model_name_or_path": "NousResearch/Llama-2-7b-hf",
    "r": 16,
    "lora_alpha": 32,
    "lora_dropout": 0.05,
    "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
}
MISTAKES: dict[str, dict[str, Any]] = {
    "(no mistake)": {},
    "one of two target names misspelt": {"target_modules": ["q_proj", "v_prj"]},
    "all target names of another architecture": {"target_modules": ["query_key_value"]},
    "a pattern inside a list": {"target_modules": ["q_proj", ".*v_proj"]},
    "an unfinished regular expression": {"target_modules": "(.*q_proj"},
    "a layer that does not exist": {"layers_to_transform": [0, 99]},
    "layers beside a regular expression": {
        "target_modules": ".*q_proj",
        "layers_to_transform": [0],
    },
    "a head that does not exist": {"modules_to_save": ["score"]},
    "a module targeted and saved in full": {"modules_to_save": ["q_proj"]},
    "a rank for modules that are not wrapped": {"rank_pattern": {"gate_proj": 8}},
    "an unknown key": {"lora_aplha": 32},
    "a negative rank": {"r": -1},
    "a rank in quotes": {"r": "16"},
    "true for a rank": {"r": True},
    "an unknown bias": {"bias": "lora"},
    "an unknown task": {"task_type": "CAUSAL"},
    "a misspelt initialisation": {"init_lora_weights": "guassian"},
}
SCHEMA = Path(__file__).parents[1] / "schemas" / "adapter_config.schema.json"


ERRORS = (ValueError, TypeError, NotImplementedError, re.error)
"""What PEFT raises for a config."""


def wrap(config: dict[str, Any]) -> Any:
    """A small Llama on the meta device, wrapped by PEFT. Raises ERRORS."""
    import torch
    from peft import PeftConfig, get_peft_model
    from transformers import AutoModelForCausalLM, LlamaConfig

    small = LlamaConfig(
        num_hidden_layers=2, hidden_size=64, intermediate_size=128, num_attention_heads=4
    )
    config = {key: value for key, value in config.items() if key != "base_model_name_or_path"}
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(small)
    return get_peft_model(model, PeftConfig.from_peft_type(**config))


def peft_says(config: dict[str, Any], _: Path) -> str:
    """The error where making or wrapping fails, "a warning", or "nothing"."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            wrap(config)
        except ERRORS as error:
            return "re.error" if isinstance(error, re.error) else type(error).__name__
    told = [w for w in heard if issubclass(w.category, (UserWarning, RuntimeWarning))]
    return "a warning" if told else "nothing"


def guardtower_says(config: dict[str, Any], _: Path) -> str:
    """guardtower's look at the wrapped model, without a step of training; it sees no model where
    PEFT raises.
    """
    import guardtower  # type: ignore[import-not-found]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = wrap(config)
        except ERRORS:
            return "not reached"
    report = guardtower.lora_summary(model)
    if report.errors:
        return "error"
    return "a warning" if report.warnings else "nothing"


def doctor_says(program: str) -> Callable[[dict[str, Any], Path], str]:
    """peft-doctor's findings, and its exit status."""

    def says(_: dict[str, Any], file: Path) -> str:
        done = run_command([program, "lora-config-check", str(file), "-o", "json"])
        issues = json.loads(done.stdout)["issues"]
        found = [issue["severity"] for issue in issues if issue["severity"] != "ok"]
        return f"{found[0] if found else 'nothing'}, exit {done.returncode}"

    return says


def schema_says(program: str) -> Callable[[dict[str, Any], Path], str]:
    """check-jsonschema with the schema that loracheck ships."""

    def says(_: dict[str, Any], file: Path) -> str:
        done = run_command([program, "--schemafile", str(SCHEMA), str(file)])
        return f"{'error' if done.returncode else 'nothing'}, exit {done.returncode}"

    return says


def loracheck_says(_: dict[str, Any], file: Path) -> str:
    """The codes, and the exit status."""
    command = ("loracheck", "check", "--isolated", "--format", "json", str(file))
    done = run_command([sys.executable, "-m", *command])
    found = [f"{f['code']} {f['severity']}" for f in json.loads(done.stdout)["findings"]]
    return f"{', '.join(found) or 'nothing'}, exit {done.returncode}"


def run_command(command: list[str]) -> subprocess.CompletedProcess[str]:
    """The command's output as text."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", default="", help="folder of the other tools")
    search = os.pathsep.join([parser.parse_args().bin, os.environ["PATH"]])
    columns: dict[str, Callable[[dict[str, Any], Path], str]] = {"PEFT, model loaded": peft_says}
    if find_spec("guardtower"):
        columns["guardtower"] = guardtower_says
    for name, make in (("peft-doctor", doctor_says), ("check-jsonschema", schema_says)):
        program = shutil.which(name, path=search)
        if program:
            columns[name] = make(program)
    columns["loracheck"] = loracheck_says
    print(f"| mistake | {' | '.join(columns)} |\n| --- |{' --- |' * len(columns)}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "adapter_config.json")
        for title, change in MISTAKES.items():
            config = {**BASE, **change}
            file.write_text(json.dumps(config, indent=1))
            print(f"| {title} | {' | '.join(says(config, file) for says in columns.values())} |")


if __name__ == "__main__":
    main()
