"""The keys that TRL's parser takes, over many releases: fields of its dataclasses.

    python -m bench.files.trl_keys FOLDER

FOLDER has wheels of trl and transformers (`pip download --no-deps trl==1.16.0`) and a clone of
huggingface/alignment-handbook. Their files are parsed, never run: every field of a class whose name
ends in Config or Arguments counts, whichever release has it.
"""

from __future__ import annotations

import ast
import json
import sys
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZipFile

from loracheck.tools.trl import KEYS

FILES = (
    "transformers/training_args*.py",
    *("trl/*_config.py", "trl/trainer/utils.py", "trl/scripts/*.py", "trl/experimental/*.py"),
)


def main() -> None:
    """Write the table."""
    (folder,) = (Path(argument) for argument in sys.argv[1:])
    names: set[str] = set()
    for wheel in folder.glob("*.whl"):
        with ZipFile(wheel) as archive:
            for name in archive.namelist():
                if any(fnmatch(name, pattern) for pattern in FILES):
                    names |= set(list_fields(archive.read(name)))
    for file in folder.glob("*/src/alignment/*.py"):
        names |= set(list_fields(file.read_bytes()))
    Path(KEYS).write_text(json.dumps(sorted(names), separators=(",", ":")) + "\n", "utf-8")
    print(f"{len(names)} names")


def list_fields(source: bytes) -> list[str]:
    """The fields of the classes of a file that hold arguments."""
    return [
        line.target.id
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Config", "Arguments"))
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    ]


if __name__ == "__main__":
    main()
