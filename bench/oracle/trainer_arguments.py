"""Hold the table of arguments that trainers do not take any more against the libraries themselves.

`python -m bench.oracle.trainer_arguments`, with an interpreter that has TRL and transformers, calls
nothing: it reads the signatures, and prints each argument of the table that is taken all the same,
and each that the table says to write and that does not exist. Exit status 1 where there is any.
"""

from __future__ import annotations

import inspect
import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from loracheck.rules.support.trainer_arguments import TRANSFORMERS, TRL

if TYPE_CHECKING:
    from collections.abc import Iterator

MOVED = re.compile(r"(\w+)\((\w+)=\.\.\.\)")
"""What to write for an argument that is another class's now."""

RENAMED = re.compile(r"(\w+)(?:=\S+)? for \w+$")
"""What to write for an argument with another name now."""


def list_parameters(package: str, name: str) -> set[str]:
    """The arguments that a class of a package takes."""
    return set(inspect.signature(getattr(import_module(package), name).__init__).parameters)


def compare(package: str, name: str, argument: str, mend: str) -> Iterator[str]:
    """What is not as the table says of one argument of a class, which a release may not have."""
    if not hasattr(import_module(package), name):
        return
    taken = list_parameters(package, name)
    if argument in taken:
        yield f"{package}.{name} takes {argument}"
    moved, renamed = MOVED.match(mend), RENAMED.match(mend)
    if moved and moved[2] not in list_parameters(package, moved[1]):
        yield f"{package}.{moved[1]} has no {moved[2]}"
    if renamed and renamed[1] not in taken:
        yield f"{package}.{name} has no {renamed[1]}"


def main() -> int:
    """Print what differs. Returns the exit status."""
    wrong = [
        line
        for package, table in (("trl", TRL), ("transformers", TRANSFORMERS))
        for name, arguments in table.items()
        for argument, gone in arguments.items()
        for line in compare(package, name, argument, gone.mend)
    ]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
