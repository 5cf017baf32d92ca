"""How long a thousand files take, against check-jsonschema, yamllint, ruff and ripgrep.

`python -m bench.many [--files 1000] [--kept 10000] [--search 20000] [--growth 10000] [--runs 5]`
writes adapter configs (JSON, of known models and of a local folder), LLaMA-Factory configs (YAML,
alike and varied) and Python modules into a temporary folder, one config in ten with a fault. It
prints the medians of fresh processes, one of each in turn: processor time, and its ratio to the
yardstick beside the one that is aimed at; a second run over files whose results are kept, against
ruff's; what `bench.monorepo` prints; and how time and memory grow. check-jsonschema checks its
files against a schema alone: `schemas/adapter_config.schema.json` for JSON, the dialect's for YAML;
loracheck holds them against the module trees too. `pip install '.[bench]'` brings the yardsticks;
one that is not there or fails is said, and the status is 1 then. Without transformers the local
model's tree cannot be built, and is looked for all the same.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from .configs import make_adapter_config, make_recipe, make_varied_recipe
from .monorepo import print_searches
from .speed import Yardstick, measure_once, print_table

SCHEMAS = Path(__file__).parents[1] / "schemas"
LOCAL_MODEL = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 896,
    "intermediate_size": 4864, "num_attention_heads": 14, "num_hidden_layers": 24,
    "num_key_value_heads": 2, "tie_word_embeddings": True, "vocab_size": 151936,
}  # fmt: skip
"""config.json of a model in a folder, of the size of Qwen2.5-0.5B."""


def write_files(folder: Path, files: int) -> None:
    """Write adapter configs and recipes, the same each time."""
    write_kinds(folder, files, {"json": make_adapter_config, "yaml": make_recipe})


def write_every_kind(folder: Path, files: int) -> None:
    """Write all that is measured here."""
    model = folder / "model"
    model.mkdir()
    (model / "config.json").write_text(json.dumps(LOCAL_MODEL), encoding="utf-8")

    def make_local(draw: random.Random, faulty: bool) -> str:
        values = json.loads(make_adapter_config(draw, faulty))
        return json.dumps({**values, "base_model_name_or_path": str(model)}, indent=2) + "\n"

    def make_module(draw: random.Random, faulty: bool) -> str:
        return f"def f(a, b):\n    return a + {draw.random()}\n\n\n" * 9

    write_files(folder, files)
    more = {"varied": make_varied_recipe, "local": make_local, "python": make_module}
    write_kinds(folder, files, more)


def write_kinds(
    folder: Path, files: int, kinds: Mapping[str, Callable[[random.Random, bool], str]]
) -> None:
    """Write so many files of each kind, one in ten with a fault."""
    for kind, made in kinds.items():
        suffix = {"python": "py", "yaml": "yaml", "varied": "yaml"}.get(kind, "json")
        (folder / kind).mkdir()
        draw = random.Random(1)
        for number in range(files):
            path = folder / kind / f"config_{number:06}.{suffix}"
            path.write_text(made(draw, number % 10 == 9), encoding="utf-8")


def own(name: str, folder: Path, *more: str, goal: float | None = None) -> Yardstick:
    """loracheck over a folder."""
    command = [sys.executable, "-m", "loracheck", "check", "--isolated", *more, str(folder)]
    return Yardstick(f"loracheck check {name}", command, (0, 1), " files, ", goal)


def list_kinds(folder: Path) -> dict[str, list[Yardstick]]:
    """By kind of file: the yardsticks first, loracheck after."""
    python, found = sys.executable, {}
    goals = {"varied": 0.25, "local": 0.85, "json": 0.85, "yaml": None}
    for kind, goal in goals.items():
        paths = sorted(str(path) for path in (folder / kind).iterdir())
        schema = SCHEMAS / "adapter_config.schema.json"
        if kind in ("yaml", "varied"):
            schema = SCHEMAS / "dialects" / "llamafactory.schema.json"
        command = [python, "-m", "check_jsonschema", "--schemafile", str(schema), *paths]
        rows = [Yardstick("check-jsonschema", command, says="ok -- validation done")]
        if kind in ("yaml", "varied"):
            # its default rules want `---`, which recipes do not have
            lint = [python, "-m", "yamllint", "-f", "parsable", str(folder / kind)]
            rows.append(Yardstick("yamllint", lint, (0, 1), "(document-start)"))
        rows.append(own("-j 1 --no-cache", folder / kind, "-j", "1", "--no-cache", goal=goal))
        rows.append(own("-j 2 --no-cache", folder / kind, "-j", "2", "--no-cache", goal=goal))
        rows.append(own("-j 1, results kept", folder / kind, "-j", "1"))
        found[kind] = rows
    return found


def list_kept(folder: Path) -> list[Yardstick]:
    """A second run of ruff over as many files, and one of loracheck."""
    ruff = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    command = [ruff, "check", "--isolated", "--cache-dir", str(folder / "ruff"),
               str(folder / "python")]  # fmt: skip
    return [
        Yardstick("ruff check, results kept", command, (0, 1)),
        own("-j 1, results kept", folder / "json", "-j", "1", goal=3.0),
        own("results kept", folder / "json", goal=3.0),
    ]


def print_growth(most: int) -> None:
    """Processor time and memory for ten times as many files each."""
    print("\nfiles     CPU s   ms a file   peak MB   (adapter configs, -j 1 --no-cache)")
    count = 100
    while count <= most:
        with tempfile.TemporaryDirectory() as place:
            draw = random.Random(1)
            for number in range(count):
                below = Path(place, f"{number // 1000:03}")
                below.mkdir(exist_ok=True)
                text = make_adapter_config(draw, number % 10 == 9)
                (below / f"config_{number:06}.json").write_text(text, encoding="utf-8")
            row = measure_once(
                own("growth", Path(place), "-j", "1", "--no-cache", "--format", "concise")
            )
        print(
            f"{count:<9,}{row.cpu / 1000:6.1f}{row.cpu / count:12.2f}{row.memory:10.1f}", flush=True
        )
        count *= 10


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kept", type=int, default=10_000, help="files of the second run; 0: none")
    parser.add_argument("--search", type=int, default=20_000, help="files of a search; 0: none")
    parser.add_argument("--growth", type=int, default=10_000, help="most files of the curve")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as place:
        os.environ["PYTHONPYCACHEPREFIX"] = os.environ["LORACHECK_CACHE"] = cache
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        folder, good = Path(place), True
        write_every_kind(folder, options.files)
        for kind, rows in list_kinds(folder).items():
            good &= print_table(f"{options.files} {kind} files", rows, options.runs)
        if options.kept:
            more = folder / "kept"
            more.mkdir()
            write_every_kind(more, options.kept)
            good &= print_table(f"{options.kept} files again", list_kept(more), options.runs)
        if options.search:
            good &= print_searches(folder / "search", options.search, options.runs)
        print_growth(options.growth)
    sys.exit(not good)


if __name__ == "__main__":
    main()
