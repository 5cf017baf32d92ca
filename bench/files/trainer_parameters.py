"""What the trainers of transformers and TRL, and their configs, take in any of several releases.

    python -m bench.files.trainer_parameters FOLDER

FOLDER has wheels of both (`pip download --no-deps transformers==4.57.1 trl==1.16.0`). Their files
are parsed, never run. Writes `loracheck/rules/support/trainer_parameters.json`: the releases, and
for each class its parameters, those of the classes above it included, without those that
TrainingArguments has; a class that takes anything (`**kwargs`) in some release is left out.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from loracheck.releases.release_table import parse_version_number
from loracheck.rules.support.trainer_parameters import PATH

if TYPE_CHECKING:
    from collections.abc import Iterable

CLASSES_WRITTEN = (
    *("TrainingArguments", "Seq2SeqTrainingArguments", "Trainer", "Seq2SeqTrainer", "SFTConfig"),
    *("DPOConfig", "GRPOConfig", "KTOConfig", "RLOOConfig", "RewardConfig", "ORPOConfig"),
    *("CPOConfig", "PPOConfig", "OnlineDPOConfig", "GKDConfig", "PRMConfig", "BCOConfig"),
)
"""Classes that scripts which train adapters use."""

FILES = re.compile(r"transformers/(?:training_args|trainer)(?:_seq2seq)?\.py|trl/.*\.py")
CLASSES = re.compile(r"(?:\w+Config|(?:Seq2Seq)?TrainingArguments|\w*Trainer)$")
OUTSIDE = frozenset({"ABC", "object", "PushToHubMixin", "Generic"})
"""Classes above these that bring no parameters."""


class Table:
    """What is known of each class, over all wheels."""

    def __init__(self) -> None:
        self.parameters: dict[str, set[str]] = {}
        self.bases: dict[str, set[str]] = {}
        self.open: set[str] = set()

    def read(self, source: bytes) -> None:
        """Take the classes of one file into account."""
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and CLASSES.match(node.name):
                self._read_class(node)

    def _read_class(self, node: ast.ClassDef) -> None:
        names = self.parameters.setdefault(node.name, set())
        bases = (ast.unparse(base).rpartition(".")[2] for base in node.bases)
        self.bases.setdefault(node.name, set()).update(bases)
        for part in node.body:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                names.add(part.target.id)
            elif isinstance(part, ast.FunctionDef) and part.name == "__init__":
                arguments = part.args
                names.update(one.arg for one in (*arguments.args, *arguments.kwonlyargs))
                if arguments.kwarg is not None:
                    self.open.add(node.name)

    def collect(self, name: str) -> set[str] | None:
        """The parameters of a class and of those above it; None where one takes anything, or is
        not among the files.
        """
        if name in self.open or name not in self.parameters:
            return None
        found = set(self.parameters[name]) - {"self"}
        for base in self.bases[name] - OUTSIDE - {name}:
            more = self.collect(base)
            if more is None:
                return None
            found |= more
        return found


def main() -> None:
    """Write the table."""
    (folder,) = (Path(argument) for argument in sys.argv[1:])
    table, releases = Table(), {}
    for package in ("transformers", "trl"):
        wheels = {wheel.name.split("-")[1]: wheel for wheel in folder.glob(f"{package}-*.whl")}
        releases[package] = sorted(wheels, key=parse_version_number)
        for release in releases[package]:
            _read_wheel(table, wheels[release])
    common = table.collect("TrainingArguments") or set()
    known = {
        name: sorted(found if name == "TrainingArguments" else found - common)
        for name in CLASSES_WRITTEN
        if (found := table.collect(name)) is not None
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(known[name])}" for name in known)
    text = f'{{"read in": {json.dumps(releases)}, "classes": {{\n{lines}\n}}}}\n'
    Path(PATH).write_text(text, "utf-8")
    print(f"{len(known)} classes")


def _read_wheel(table: Table, wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        for source in _list_sources(archive):
            table.read(source)


def _list_sources(archive: ZipFile) -> Iterable[bytes]:
    names = (name for name in archive.namelist() if FILES.fullmatch(name))
    return (archive.read(name) for name in names)


if __name__ == "__main__":
    main()
