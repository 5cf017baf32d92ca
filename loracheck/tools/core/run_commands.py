"""The model that the repository's own shell scripts run a Python script with.

A script that takes its model from an option (`args.model_name_or_path`) leaves it open; the command
beside it that runs the script with `--model_name_or_path MODEL` tells one that it is meant for.
Only commands that name the script's file count, and only where all of them name one model.
"""

from __future__ import annotations

import os

from loracheck.documents import read
from loracheck.documents.dependencies import is_file, list_names
from loracheck.documents.model import DocumentError, Unknown
from loracheck.documents.repository import list_folders_above
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document

    from .setting import Setting

MAX_SCRIPTS = 20
"""Most shell scripts that are looked through for one Python script."""

MAX_ABOVE = 3
"""Folders above the script's own that are looked through."""

_FOLDERS = ("", "scripts", "examples", "bash", "shell")
_OPTION = compile_when_used(r"(?:\w+\.)?\w*args\w*\.(\w+)|(?:opt|flags|config)\.(\w+)")


def fill_in_run_model(setting: Setting) -> None:
    """Give a setting whose model is an option of the script the model that the repository's shell
    scripts run it with, as an assumed one.
    """
    model = setting.model
    match = _OPTION.fullmatch(model.text) if isinstance(model, Unknown) else None
    if match is None or not is_file(setting.document.path):
        return
    given = list(_list_models(setting.document.path, match[1] or match[2]))
    if len({name for name, _ in given}) == 1 and given[0][0]:
        setting.model, setting.run_by = given[0]
        setting.assumed = True


def _list_models(path: str, option: str) -> Iterator[tuple[str, str]]:
    """The models that shell scripts run a Python script with, each with the script's name; a value
    that is not known stands as an empty name.
    """
    for script in _list_scripts(path):
        try:
            document = read(script)
        except (OSError, DocumentError):
            continue
        if os.path.basename(path) in document.text and option in document.text:
            for value in _list_values(document, path, option):
                yield (value, os.path.basename(script)) if isinstance(value, str) else ("", "")


def _list_scripts(path: str) -> list[str]:
    """The shell scripts beside a file, in the folders above it up to the repository's root, and in
    the usual folders below these.
    """
    own = os.path.dirname(os.path.abspath(path))
    found: list[str] = []
    for folder in [own, *list_folders_above(own)][: MAX_ABOVE + 1]:
        for name in _FOLDERS:
            inner = os.path.join(folder, name) if name else folder
            try:
                names = list_names(inner, "*.sh")
            except OSError:
                continue
            found += [os.path.join(inner, one) for one in names]
    return list(dict.fromkeys(found))[:MAX_SCRIPTS]


def _list_values(document: Document, path: str, option: str) -> Iterator[object]:
    """What the commands of a shell script that run a file give one of its options."""
    whole = os.path.abspath(path)
    for root, command in zip(document.roots, getattr(document, "commands", ()), strict=False):
        programs = [word.text for word in command.words[:12] if word.text.endswith(".py")]
        runs = any(whole.endswith("/" + one.removeprefix("./")) for one in programs[:1])
        if runs and isinstance(root, dict):
            yield from (value for key, value in root.items() if str(key) == option)
