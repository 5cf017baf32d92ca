"""Which parser reads which file, by the suffix of its name.

A leaf, so that a format whose files hold files of other formats (a script, a notebook) can parse
those too.
"""

from __future__ import annotations

from importlib import import_module
from os.path import basename, splitext

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
    ".modelfile": "modelfile.document",
}
"""Suffix -> module of this package with `parse(path, text)`."""

EMBEDDED = frozenset({".yaml", ".yml", ".json", ".toml", ".py", ".sh"})
"""Suffixes of the files that are read out of scripts and notebooks."""


MODELFILE = "modelfile"
"""Name of the files of Ollama, in small letters, that end in no suffix of FORMATS: `Modelfile`,
`Modelfile.llama`.
"""


def get_suffix(path: str) -> str:
    """The suffix by which a file is read, in small letters: that of its name, or the one that its
    whole name stands for.
    """
    suffix = splitext(path)[1].lower()
    if suffix not in FORMATS and is_modelfile(basename(path).lower()):
        return f".{MODELFILE}"
    return suffix


def is_modelfile(name: str) -> bool:
    """Whether a name in small letters, without folders, is one of Ollama's files."""
    return name == MODELFILE or name.startswith(f"{MODELFILE}.")


def parse_as(suffix: str, path: str, text: str) -> Document:
    """The document of a text in the format of a suffix of FORMATS. The format's module is imported
    when it is first needed. Raises DocumentError where the text is not of that format.
    """
    module = import_module(f"{__package__}.{FORMATS[suffix]}")
    parse: Callable[[str, str], Document] = module.parse
    return parse(path, text)
