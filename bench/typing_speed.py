"""`python -m bench.typing_speed FOLDER`: how long the language server's work takes, key by key.

The files of a folder are typed at random places: a piece is taken out and typed again, character by
character. Told are the times of one judgement and of one completion in processor time, which does
not hang on what else the machine does, and how often an unfinished text could be read.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import quantiles

from loracheck.documents import FORMATS
from loracheck.lsp.analysis import analyse
from loracheck.lsp.completion import complete
from loracheck.lsp.half_typed import find_cursor
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.tools.core.lora_keywords import seems_to_set_lora

LONGEST = 24
"""Characters that are typed at one place."""


def find_texts(
    folder: Path, most: int, rng: random.Random, suffixes: list[str] | None = None
) -> list[tuple[str, str]]:
    """Path and text of files that speak of LoRA."""
    kinds = suffixes or list(FORMATS)
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in kinds]
    rng.shuffle(paths)
    found: list[tuple[str, str]] = []
    for path in paths:
        if len(found) < most and path.is_file() and path.suffix != ".ipynb":
            content = path.read_bytes()
            if seems_to_set_lora(content):
                found.append((str(path), content.decode("utf-8", "replace")))
    return found


def main() -> int:
    """Type, and print one line for each kind of work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--places", type=int, default=3, help="places of each file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suffix", nargs="*", help="files of these kinds alone, as .py")
    parser.add_argument("--unread", action="store_true", help="print what could not be read")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    settings = resolve_settings(RunOptions(isolated=True), ()).for_path("a.json")
    times: dict[str, list[float]] = {"judge": [], "complete": []}
    read: Counter[tuple[str, str]] = Counter()
    for path, text in find_texts(options.folder, options.files, rng, options.suffix):
        suffix = os.path.splitext(path)[1]
        analyse(path, text, settings)  # the first one reads the bundle
        for _ in range(options.places):
            start = rng.randrange(max(len(text), 1))
            piece = text[start : start + rng.randint(1, LONGEST)]
            rest = text[start + len(piece) :] if rng.random() < 0.8 else "\n" + text[start:]
            before = text[:start] + rest
            for typed in range(1, len(piece) + 1):
                new = text[:start] + piece[:typed] + rest
                at = find_cursor(before, new)
                begin = time.process_time()
                found = analyse(path, new, settings, at)
                middle = time.process_time()
                complete(path, new, at, settings)
                times["judge"].append(middle - begin)
                times["complete"].append(time.process_time() - middle)
                kind = "whole" if found.readable else "mended" if found.document else "unread"
                read[suffix, kind] += 1
                if kind == "unread" and options.unread:
                    sys.stdout.write(
                        f"{path}: {new[max(0, at - 40) : at]!r} | {new[at : at + 30]!r}\n"
                    )
                before = new
    for name, each in times.items():
        cuts = quantiles(each, n=100)
        sys.stdout.write(
            f"{name}: {len(each)} keys, half in {cuts[49] * 1000:.1f} ms, 95 of 100 in "
            f"{cuts[94] * 1000:.1f} ms, the longest {max(each) * 1000:.0f} ms\n"
        )
    for suffix in sorted({suffix for suffix, _ in read}):
        row = {kind: read[suffix, kind] for kind in ("whole", "mended", "unread")}
        sys.stdout.write(f"{suffix}: {row}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
