"""`python -m bench.model_ids FOLDER`: writes `loracheck/trees/data/model-ids.bin`. FOLDER holds git
directories or bare clones as OWNER+NAME/repo, or plain files as OWNER+NAME/files (an unpacked wheel
as "NAME VERSION"/files). Of a registry
that FOLDER does not hold the rows stay as the table has them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from bench.model_ids import (
    authors,
    axolotl,
    llama_factory,
    llama_factory_0_9,
    ms_swift,
    ms_swift_2,
    nemo_automodel,
    openvino_genai,
    transformer_lens,
    transformers_code,
    transformers_js,
    trl,
    unsloth,
    vllm,
    xinference,
)
from bench.model_ids.merge import merge
from bench.model_ids.pack import pack
from loracheck.trees.model_ids import PATH, ModelId, iter_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

REGISTRIES = (transformer_lens, unsloth, ms_swift, llama_factory)
ENGINES = (vllm,)
FURTHER = (xinference, nemo_automodel, trl, axolotl)
LAST = (openvino_genai, ms_swift_2, llama_factory_0_9, transformers_js, *authors.REGISTRIES)
"""Registries of engines, then catalogues and examples, then other engines' tables and old releases:
they count where none before says more.
"""


def main(folder: str) -> None:
    """Read the registries, write the table, say how large it is."""
    every = [
        [row for registry in registries for row in _read(Path(folder), registry)]
        for registries in (REGISTRIES, ENGINES, FURTHER, LAST)
    ]
    examples = list(_read(Path(folder), transformers_code))
    rows = merge(*every, [*examples, *transformers_code.join_statements()])
    data = pack(rows)
    Path(PATH).write_bytes(data)
    copies = sum(row.copy_of is not None for row in rows)
    sys.stdout.write(f"{len(rows)} ids, {copies} of them copies, {len(data)} bytes\n")


def _read(folder: Path, registry: object) -> Iterator[ModelId]:
    repository: str = vars(registry)["REPOSITORY"]
    clone = folder / repository.replace("/", "+") / "repo"
    files = clone.with_name("files")
    if not clone.is_dir() and not files.is_dir():
        yield from (row for row in iter_ids() if re.match(rf"{repository}\b", row.source))
        return
    if files.is_dir():
        for pattern in vars(registry)["FILES"]:
            for path in sorted(files.glob(pattern)):
                name = path.relative_to(files).as_posix()
                text = path.read_text("utf-8")
                yield from vars(registry)["read_ids"](text, f"{repository}: {name}")
        return
    names = _git(clone, "ls-tree", "-r", "--name-only", "HEAD").splitlines()
    for pattern in vars(registry)["FILES"]:
        for name in (name for name in names if fnmatchcase(name, pattern)):
            text = _git(clone, "show", f"HEAD:{name}")
            yield from vars(registry)["read_ids"](text, f"{repository}: {name}")


def _git(clone: Path, *arguments: str) -> str:
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(sys.argv[1])
