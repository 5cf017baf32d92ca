"""Which parser reads which file, by the suffix of its name.

A leaf, so that a format whose files hold files of other formats (a script, a notebook) can parse
those too.
"""

from __future__ import annotations

from importlib import import_module

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Document

FORMATS = {
    ".json": "json.document",
    ".yaml": "yaml.document",
    ".yml": "yaml.document",
    ".toml": "toml.document",
    ".py": "python.document",
    ".ipynb": "notebook.document",
    ".sh": "shell.document",
    ".bash": "shell.document",
    ".zsh": "shell.document",
    ".slurm": "shell.document",
    ".sbatch": "shell.document",
}
"""Suffix -> module of this package with `parse(path, text)`."""

EMBEDDED = frozenset({".yaml", ".yml", ".json", ".toml", ".py", ".sh"})
"""Suffixes of the files that are read out of scripts and notebooks."""


def parse_as(suffix: str, path: str, text: str) -> Document:
    """The document of a text in the format of a suffix of FORMATS. The format's module is imported
    when it is first needed. Raises DocumentError where the text is not of that format.
    """
    module = import_module(f"{__package__}.{FORMATS[suffix]}")
    parse: Callable[[str, str], Document] = module.parse
    return parse(path, text)
