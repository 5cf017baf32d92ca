"""Rebuild the bundled trees: `python -m bench.bundle --configs DIR [--python PATH --line 4.57] ...`.

`--configs` is a folder of `owner__name/config.json` (names with an @ are variants and left out). Each
checkpoint's tree is built under its own class and the usual heads by the stand-in, with the given
interpreter's transformers; `loracheck/trees/data/transformers-LINE.{json,bin}` are written anew.
What transformers does not know is listed and left out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

from loracheck.trees.bundle import FOLDER
from loracheck.trees.fold import Encoder, decode

CHILD = Path(__file__).parent / "bundle_child.py"
HEADS = (
    "CausalLM",
    "Seq2SeqLM",
    "MaskedLM",
    "SequenceClassification",
    "TokenClassification",
    "QuestionAnswering",
    "Model",
)


def main() -> None:
    """Build and write one line's bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configs", type=Path, required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--line", default="5")
    options = parser.parse_args()
    paths = sorted(p for p in options.configs.glob("*/config.json") if "@" not in p.parent.name)
    answers = build(options.python, paths)
    write(options.line, answers)


def build(python: str, paths: list[Path]) -> dict[str, dict[str, Any]]:
    """Hub id -> head -> dump, for all that could be built."""
    request = json.dumps({"paths": [str(p) for p in paths], "heads": HEADS})
    done = subprocess.run(
        [python, str(CHILD)], input=request, capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, Any]] = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        name = Path(answer["path"]).parent.name.replace("__", "/", 1)
        if "tree" in answer:
            found.setdefault(name, {})[answer["head"]] = answer["tree"]
        elif answer["head"] == "":
            print(f"left out: {name}: {answer['reason']}")
    return found


def write(line: str, answers: dict[str, dict[str, Any]]) -> None:
    """Write the index and the data file of one line."""
    folder = Path(FOLDER)
    folder.mkdir(exist_ok=True)
    entries: dict[str, list[int]] = {}
    blobs: list[bytes] = []
    offset, version = 0, ""
    for name, heads in sorted(answers.items()):
        encoder = Encoder()
        facts = {head: encoder.add(decode(dump)) for head, dump in heads.items()}
        version = next(iter(facts.values()))["transformers"]
        same = {facts_key(f): head for head, f in reversed(facts.items())}
        data = {"shared": encoder.shared(), "heads": _unique(facts, same)}
        blob = zlib.compress(json.dumps(data, separators=(",", ":")).encode(), 9)
        entries[name] = [offset, len(blob)]
        offset += len(blob)
        blobs.append(blob)
    rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in entries.items())
    text = f'{{"transformers": "{version}", "entries": {{\n{rows}\n}}}}\n'
    (folder / f"transformers-{line}.json").write_text(text, encoding="utf-8")
    (folder / f"transformers-{line}.bin").write_bytes(b"".join(blobs))
    print(f"{len(entries)} checkpoints, {offset / 1e6:.2f} MB, transformers {version}")


def facts_key(facts: dict[str, Any]) -> str:
    """Equal keys: the same tree."""
    return json.dumps(facts, sort_keys=True)


def _unique(facts: dict[str, Any], same: dict[str, str]) -> dict[str, Any]:
    """Heads that give one and the same tree point at the first of them by name."""
    return {
        head: own if same[facts_key(own)] == head else same[facts_key(own)]
        for head, own in facts.items()
    }


if __name__ == "__main__":
    main()
