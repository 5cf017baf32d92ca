"""Rebuild the bundled trees: `python -m bench.bundle [--configs DIR] [--python PATH --line 4.57]`.

Which checkpoints, and their configs: `bench.bundle_sources`. Each tree is built under its own class
and the usual heads by the stand-in, with the given interpreter's transformers;
`loracheck/trees/data/transformers-LINE.{json,bin}` are written anew. What is left out, and why, is
printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import bundle_sources
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
    parser.add_argument("--configs", type=Path)
    parser.add_argument("--facts", type=Path, default=bundle_sources.FACTS)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--line", default="5")
    options = parser.parse_args()
    sources = bundle_sources.read(options.configs, options.facts)
    for name, reason in sources.left_out.items():
        print(f"left out: {name}: {reason}")
    write(options.line, build(options.python, sources.configs))


def build(python: str, configs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Hub id -> head -> dump, for all that could be built; the others are printed."""
    found: dict[str, dict[str, Any]] = {}
    for answer in _answers(python, {"configs": configs, "heads": HEADS}):
        name, head = answer["name"], answer["head"]
        if "tree" in answer:
            found.setdefault(name, {})[head] = answer["tree"]
        elif head == "":
            print(f"left out: {name}: {answer['reason']}")
    return found


def _answers(python: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    done = subprocess.run(
        [python, str(CHILD)],
        input=json.dumps(request),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return (json.loads(line) for line in done.stdout.splitlines())


def write(line: str, answers: dict[str, dict[str, Any]]) -> None:
    """Write the index and the data file of one line; equal entries are stored once."""
    folder = Path(FOLDER)
    folder.mkdir(exist_ok=True)
    places: dict[bytes, list[int]] = {}
    entries: dict[str, list[int]] = {}
    offset, version = 0, ""
    for name, heads in sorted(answers.items()):
        blob, version = pack(heads)
        if blob not in places:
            places[blob] = [offset, len(blob)]
            offset += len(blob)
        entries[name] = places[blob]
    rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in entries.items())
    text = f'{{"transformers": "{version}", "entries": {{\n{rows}\n}}}}\n'
    (folder / f"transformers-{line}.json").write_text(text, encoding="utf-8")
    (folder / f"transformers-{line}.bin").write_bytes(b"".join(places))
    print(f"{len(entries)} checkpoints, {offset / 1e6:.2f} MB, transformers {version}")


def pack(heads: dict[str, Any]) -> tuple[bytes, str]:
    """One checkpoint's entry from head -> dump, and the transformers version that built it."""
    encoder = Encoder()
    facts = {head: encoder.add(decode(dump)) for head, dump in heads.items()}
    same = {facts_key(f): head for head, f in reversed(facts.items())}
    data = {"shared": encoder.shared(), "heads": _unique(facts, same)}
    text = json.dumps(data, separators=(",", ":"))
    return zlib.compress(text.encode(), 9), next(iter(facts.values()))["transformers"]


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
