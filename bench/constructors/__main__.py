"""`python -m bench.constructors`: does the field check refuse just what each release refuses?

Draws keyword arguments for LoraConfig, asks the constructor of every release in its own
environment, and compares with `check(values, peft=release)`: the two must refuse the same configs.
"""

from __future__ import annotations

import argparse
import pickle
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.oracle.environments import EARLIER, RELEASES, find_python
from bench.oracle.releases import child_environment
from loracheck.config import field_table
from loracheck.config.check import check
from loracheck.config.release_values import parse_release_number
from tests.config.values import GOOD, ODD

CHILD = Path(__file__).with_name("child.py")
MAX_SHOWN = 10


def main() -> int:
    """Ask every release and print the table; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.constructors", description=__doc__)
    parser.add_argument("--values", type=int, default=4_000, help="configs for each release")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--releases", help="e.g. 0.10,0.14; all if left out")
    parser.add_argument("--environments", help="folder of the environments, made with pip")
    parser.add_argument("--table", type=Path, help="write the table here")
    options = parser.parse_args()
    every = [*EARLIER, *RELEASES]
    chosen = options.releases.split(",") if options.releases else every
    lines = [
        "# The field check against LoraConfig's constructor",
        "",
        "Drawn keyword arguments of every field and type: the check must call refused what the "
        "release's own constructor refuses, and nothing else.",
        "",
        f"Made by `python -m bench.constructors --values {options.values} --seed {options.seed}`.",
        "",
        "| PEFT | configs | refused | different |",
        "| --- | ---: | ---: | ---: |",
    ]
    different = 0
    for release in chosen:
        rng = random.Random(f"{options.seed} {release}")
        configs = [draw_config(rng, release) for _ in range(options.values)]
        answers = ask_constructor(find_python(release, options.environments), configs)
        wrong = find_differences(release, configs, answers)
        different += len(wrong)
        refused = sum(answer is not None for answer in answers)
        lines.append(f"| {release} | {len(configs)} | {refused} | {len(wrong)} |")
        for values, answer in wrong[:MAX_SHOWN]:
            sys.stderr.write(f"{release}: {values!r}: {answer}\n")
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    return int(bool(different))


def draw_config(rng: random.Random, release: str) -> dict[str, Any]:
    """One config: up to six fields, each with a good value or any; now and then a later field."""
    fields = field_table.get_lora_fields()
    number = parse_release_number(release)
    had = sorted(name for name in fields if parse_release_number(fields[name].since) <= number)
    later = sorted(fields.keys() - set(had))
    names = rng.sample(had, rng.randint(1, 6))
    if later and rng.random() < 0.1:
        names.append(rng.choice(later))
    return {name: _draw_value(rng, name) for name in names}


def _draw_value(rng: random.Random, name: str) -> Any:
    field = field_table.get_lora_fields()[name]
    if rng.random() < 0.25:
        return rng.choice(ODD)
    if field.config and rng.random() < 0.7:
        known = field_table.get_sub_config_fields(field.config)
        some = rng.sample(sorted(known), rng.randint(0, min(3, len(known))))
        return {sub: rng.choice([known[sub].default, *known[sub].choices, *ODD]) for sub in some}
    return rng.choice([field.default, *GOOD.get(name, ())])


def ask_constructor(interpreter: Path, configs: list[dict[str, Any]]) -> list[str | None]:
    """What the constructor of that environment's PEFT raises for each config."""
    with tempfile.TemporaryDirectory() as made:
        files = [str(Path(made) / name) for name in ("configs", "answers")]
        with open(files[0], "wb") as file:
            pickle.dump(configs, file)
        subprocess.run([str(interpreter), str(CHILD), *files], env=child_environment(), check=True)
        with open(files[1], "rb") as file:
            found: list[str | None] = pickle.load(file)
        return found


def find_differences(
    release: str, configs: list[dict[str, Any]], answers: list[str | None]
) -> list[tuple[dict[str, Any], str | None]]:
    """The configs on which the check and the constructor differ."""
    wrong = []
    for values, answer in zip(configs, answers, strict=True):
        raises = any(issue.effect == "raises" for issue in check(values, peft=release))
        if raises != (answer is not None):
            wrong.append((values, answer))
    return wrong


if __name__ == "__main__":
    sys.exit(main())
