"""Rebuild the bundled trees: `python -m bench.bundle [--configs DIR] [--python PATH --line 4.57]`.

Which checkpoints, and their configs: `bench.bundle_sources`. Each tree is built under its own class
and the usual heads by the stand-in, with the given interpreter's transformers;
`loracheck/trees/data/transformers-LINE{,-types}.{json,bin}` are written anew: the checkpoints, and
the default config of every model type. What is left out, and why, is printed.
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
from loracheck.trees.fold import Encoder, decode
from loracheck.trees.sources.bundle import FOLDER, data_file

CHILD = Path(__file__).parent / "bundle_child.py"
BLOCK = 16
"""Entries compressed together: half the size, and still under a millisecond to unpack."""

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
    parser.add_argument("--only", choices=["checkpoints", "types"])
    options = parser.parse_args()
    if options.only != "types":
        sources = bundle_sources.read(options.configs, options.facts)
        for name, reason in sources.left_out.items():
            print(f"left out: {name}: {reason}")
        write(options.line, False, checkpoints(options.python, sources.configs))
    if options.only != "checkpoints":
        write(options.line, True, build(options.python, {"types": True}))


def checkpoints(python: str, configs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Hub id -> head -> dump; checkpoints of one config are built once."""
    texts = {name: json.dumps(config, sort_keys=True) for name, config in configs.items()}
    first = {text: name for name, text in reversed(texts.items())}
    found = build(python, {"configs": {name: configs[name] for name in first.values()}})
    return {name: found[first[text]] for name, text in texts.items() if first[text] in found}


def build(python: str, request: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Hub id (or "type:NAME") -> head -> dump, for all that could be built; the others are
    printed. The request has "configs", or "types" for every model type's default config, and
    "heads" where not the usual ones are wanted.
    """
    found: dict[str, dict[str, Any]] = {}
    for answer in _answers(python, {"heads": HEADS, **request}):
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


def write(line: str, types: bool, answers: dict[str, dict[str, Any]]) -> None:
    """Write the index and the data file of one line; equal entries are stored once."""
    Path(FOLDER).mkdir(exist_ok=True)
    packed = {name: pack(heads) for name, heads in sorted(answers.items())}
    version = next(iter(packed.values()))[1]
    blocks, places = _blocks(list(dict.fromkeys(text for text, _ in packed.values())))
    rows = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(places[text])}" for name, (text, _) in packed.items()
    )
    Path(data_file(line, types, "json")).write_text(
        f'{{"transformers": "{version}", "entries": {{\n{rows}\n}}}}\n', encoding="utf-8"
    )
    Path(data_file(line, types, "bin")).write_bytes(b"".join(blocks))
    size = sum(map(len, blocks)) / 1e6
    print(f"{len(packed)} trees, {len(places)} distinct, {size:.2f} MB, transformers {version}")


def _blocks(texts: list[bytes]) -> tuple[list[bytes], dict[bytes, list[int]]]:
    """The compressed blocks, and for each text its (offset, length, line)."""
    blocks: list[bytes] = []
    places: dict[bytes, list[int]] = {}
    offset = 0
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        blocks.append(zlib.compress(b"\n".join(block), 9))
        places.update((text, [offset, len(blocks[-1]), i]) for i, text in enumerate(block))
        offset += len(blocks[-1])
    return blocks, places


def pack(heads: dict[str, Any]) -> tuple[bytes, str]:
    """One entry from head -> dump, as one line, and the transformers version that built it."""
    encoder = Encoder()
    facts = {head: encoder.add(decode(dump)) for head, dump in heads.items()}
    same = {facts_key(f): head for head, f in reversed(facts.items())}
    data = {"shared": encoder.shared(), "heads": _unique(facts, same)}
    text = json.dumps(data, separators=(",", ":"))
    return text.encode(), next(iter(facts.values()))["transformers"]


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
