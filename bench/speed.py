"""How long one check takes, against `python -c pass` and against asking PEFT itself.

`python -m bench.speed [--runs 15] [--peft]` has a file of each format checked, one that has nothing
to do with LoRA, and other commands, and prints medians of processor and wall time and the peak
memory of fresh processes, one of each in turn, with their ratios to `python -c pass` by processor
time, which a busy machine changes least, and the ratio that is aimed at.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

CONFIG = """{
  "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "Qwen/Qwen2.5-7B",
  "r": 16, "lora_alpha": 32, "lora_dropout": 0.05, "bias": "none",
  "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
}
"""
FILES = {
    "lora.yaml": "model_name: Qwen/Qwen2.5-7B\nlora:\n  r: 16\n  lora_alpha: 32\n"
    "  target_modules: [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]\n",
    "train.py": "from peft import LoraConfig, get_peft_model\n"
    "from transformers import AutoModelForCausalLM\n"
    'model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")\n'
    "config = LoraConfig(r=16, lora_alpha=32, target_modules='all-linear', "
    "task_type='CAUSAL_LM')\nmodel = get_peft_model(model, config)\n",
}
"""Name -> text of files with a setting; the script stands in a notebook too."""

ONE_FILE = 5.5
"""How many times `python -c pass` a check of one file is to take at most."""

HELP = 4.0
"""The same of `--help`, which a file without LoRA is not to exceed."""

MEMORY = 18.0
"""MB of memory that a check of one file is to take at most."""

UNRELATED = "services:\n  web: {image: nginx, ports: ['80:80']}\n"
PEFT = """
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Qwen2Config
config = Qwen2Config(hidden_size=3584, intermediate_size=18944, num_hidden_layers=28)
with torch.device("meta"):
    model = AutoModelForCausalLM.from_config(config)
names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
get_peft_model(model, LoraConfig(r=16, target_modules=names), low_cpu_mem_usage=True)
"""


class Yardstick(NamedTuple):
    """A command to measure, and how a run is known that did its work: a program that is missing or
    that crashes is quick, and no yardstick.
    """

    name: str
    command: list[str]

    statuses: tuple[int, ...] = (0,)
    """The exit statuses of a good run."""

    says: str = ""
    """What stands in the output of a good run."""

    goal: float | None = None
    """How many times the first yardstick's processor time it is to take at most."""

    def try_out(self) -> None:
        """Run once. Raises CrashError for a run that did not do its work."""
        try:
            done = subprocess.run(self.command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise CrashError(f"{self.name}: {error.strerror}") from error
        self.require(done.returncode)
        if self.says not in done.stdout or "Traceback (most recent call last)" in done.stderr:
            raise CrashError(f"{self.name}: {done.stderr.strip()[-500:] or done.stdout[-500:]}")

    def require(self, status: int) -> None:
        """Raises CrashError for a status that no good run has."""
        if status not in self.statuses:
            raise CrashError(f"{self.name} ended with status {status}")


class CrashError(Exception):
    """A yardstick did not do its work, so that its time says nothing."""


class Measurement(NamedTuple):
    """Median wall and processor time in milliseconds and peak resident memory in MB."""

    name: str
    wall: float
    memory: float
    cpu: float = 0.0
    goal: float | None = None


def measure(yardstick: Yardstick, runs: int) -> Measurement:
    """`measure_in_turn` of one yardstick."""
    return measure_in_turn([yardstick], runs)[0]


def measure_in_turn(yardsticks: Sequence[Yardstick], runs: int) -> list[Measurement]:
    """Run each command once to warm up, then all of them in turn in fresh processes, and take
    medians. Raises CrashError where a run does not do its work.
    """
    for yardstick in yardsticks:
        yardstick.try_out()
    return _time(yardsticks, runs)


def print_table(title: str, yardsticks: Sequence[Yardstick], runs: int) -> bool:
    """Measure in turn and print: ratios are to the first one, by processor time. One that does not
    do its work is said, and left out; whether there is none.
    """
    working, failures = [], []
    for yardstick in yardsticks:
        try:
            yardstick.try_out()
            working.append(yardstick)
        except CrashError as error:
            failures.append(f"FAILED, no ratio to it: {error}")
    rows = _time(working, runs)
    base = rows[0].cpu if yardsticks[0] in working else float("nan")
    print(f"\n{title}")
    for row in rows:
        goal = f"   goal {row.goal:g}" if row.goal is not None else ""
        print(
            f"{row.name:<40}{row.cpu:9.0f} ms of CPU {row.wall:9.0f} ms "
            f"{row.cpu / base:6.2f} of the first {row.memory:7.1f} MB{goal}"
        )
    print("\n".join(failures), end="\n" * bool(failures), flush=True)
    return not failures


def _time(yardsticks: Sequence[Yardstick], runs: int) -> list[Measurement]:
    walls: list[list[float]] = [[] for _ in yardsticks]
    times: list[list[float]] = [[] for _ in yardsticks]
    for _ in range(runs):
        for yardstick, wall, used in zip(yardsticks, walls, times, strict=True):
            command, start = yardstick.command, time.perf_counter()
            pid = os.posix_spawn(command[0], command, os.environ, file_actions=_QUIET)
            _, status, usage = os.wait4(pid, 0)
            wall.append((time.perf_counter() - start) * 1000)
            used.append((usage.ru_utime + usage.ru_stime) * 1000)
            yardstick.require(os.waitstatus_to_exitcode(status))
    return [
        Measurement(
            one.name,
            statistics.median(wall),
            measure_peak(one.command),
            statistics.median(used),
            one.goal,
        )
        for one, wall, used in zip(yardsticks, walls, times, strict=True)
    ]


_NULL = os.open(os.devnull, os.O_WRONLY)
_QUIET = [(os.POSIX_SPAWN_DUP2, _NULL, 1), (os.POSIX_SPAWN_DUP2, _NULL, 2)]
_PEAK = """
import atexit, runpy, sys
def tell():
    lines = open("/proc/self/status").read().splitlines()
    print(next(line for line in lines if line.startswith("VmHWM")), file=sys.stderr)
atexit.register(tell)
sys.argv = sys.argv[1:]
if sys.argv[0] == "-m":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    exec(sys.argv[1])
"""


def measure_peak(command: list[str]) -> float:
    """Peak resident memory in MB, told by the process itself: the parent's own would leak into
    wait4's figure. Not a number for a program that is no Python. Raises CrashError for a run that
    did not end well.
    """
    if command[0] != sys.executable:
        return float("nan")
    return _run_for_peak(command)[0]


def measure_once(yardstick: Yardstick) -> Measurement:
    """One run, for what takes minutes: its times, and its memory. Raises CrashError."""
    before, start = os.times(), time.perf_counter()
    peak, printed = _run_for_peak(yardstick.command)
    after, wall = os.times(), time.perf_counter() - start
    if yardstick.says not in printed:
        raise CrashError(f"{yardstick.name}: {printed[-500:]}")
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return Measurement(yardstick.name, wall * 1000, peak, used * 1000, yardstick.goal)


def _run_for_peak(command: list[str]) -> tuple[float, str]:
    """The peak memory of a Python program in MB, and what it printed."""
    wrapped = [command[0], "-c", _PEAK, *command[1:]]
    done = subprocess.run(wrapped, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise CrashError(f"{' '.join(command)}: {done.stderr[-500:]}")
    line = next(line for line in done.stderr.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024, f"{done.stdout}{done.stderr}"


def _command(*words: str, goal: float | None = None) -> Yardstick:
    name = " ".join(["loracheck", *(word.rpartition("/")[2] for word in words)])
    return Yardstick(name, [sys.executable, "-m", "loracheck", *words], goal=goal)


def _check(
    kind: str,
    path: Path,
    *more: str,
    settings: str = "1 LoRA setting",
    goal: float | None = None,
) -> Yardstick:
    command = [sys.executable, "-m", "loracheck", "check", "--isolated", *more, str(path)]
    return Yardstick(f"check, {kind}", command, (0, 1), f"in 1 file, {settings}", goal)


def _checks(folder: Path) -> list[Yardstick]:
    """A check of one file of each other format."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": FILES["train.py"]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "train.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "unrelated").mkdir()
    (folder / "unrelated" / "compose.yaml").write_text(UNRELATED, encoding="utf-8")
    return [
        _check("YAML", folder / "lora.yaml", "--no-cache", goal=ONE_FILE),
        _check("Python", folder / "train.py", "--no-cache", goal=ONE_FILE),
        _check("notebook", folder / "train.ipynb", "--no-cache", goal=ONE_FILE),
        _check(
            "unrelated, named",
            folder / "unrelated" / "compose.yaml",
            "--no-cache",
            settings="0 LoRA settings",
            goal=HELP,
        ),
        _check("the same, kept", folder / "unrelated" / "compose.yaml", settings="0 LoRA settings"),
        _check("unrelated, found", folder / "unrelated", settings="0 LoRA settings", goal=HELP),
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--peft", action="store_true", help="also time PEFT on the meta device")
    options = parser.parse_args()
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        # Bytecode is kept, as an installed package has it, and away from the checkout.
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["LORACHECK_CACHE"] = f"{folder}/cache"
        path = Path(folder) / "adapter_config.json"
        path.write_text(CONFIG, encoding="utf-8")
        yardsticks = [
            Yardstick("python -c pass", [python, "-c", "pass"]),
            Yardstick("import click", [python, "-c", "import click"]),
            _command("--version"),
            _command("--help", goal=HELP),
            _check("JSON", path, "--no-cache", goal=ONE_FILE),
            _check("JSON, kept", path),
            *_checks(Path(folder)),
            _command("explain", str(path), goal=10.0),
            _command("tree", "Qwen/Qwen2.5-7B", goal=10.0),
            _command("init", "--model", "Qwen/Qwen2.5-7B", goal=10.0),
        ]
        rows = measure_in_turn(yardsticks, options.runs)
        if options.peft:
            peft = Yardstick("PEFT on meta", [python, "-c", PEFT])
            rows.append(measure(peft, max(3, options.runs // 5)))
    base = rows[0].cpu
    for row in rows:
        goal = f"   goal {row.goal:g}" if row.goal is not None else ""
        print(
            f"{row.name:<34}{row.cpu:9.1f} ms of CPU {row.wall:9.1f} ms {row.cpu / base:7.2f}x "
            f"{row.memory:8.1f} MB{goal}"
        )
    print(f"goal of a check's memory: {MEMORY:g} MB")


if __name__ == "__main__":
    main()
