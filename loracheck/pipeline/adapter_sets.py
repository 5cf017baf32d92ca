"""The saved adapters in a folder, of which each has a folder of its own: what a program loads on
one model, combines, or swaps for each other.
"""

from __future__ import annotations

from os.path import basename, dirname, join

from loracheck.documents.dependencies import is_file, list_names
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import leaves_repository
from loracheck.plan.config.releases import NEWEST
from loracheck.releases.peft import choose_peft_release
from loracheck.releases.release_table import parse_version_number
from loracheck.type_checking import TYPE_CHECKING

from .adapter_folders import FILE_NAME
from .contexts import read_contexts
from .joined_adapters import make_adapter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.config.joining.adapter import Adapter
    from loracheck.options.lint_settings import LintSettings

MOST = 50
"""Adapters of a folder that are held against each other."""


def list_adapter_files(folder: str) -> list[str]:
    """The config files of the adapters right below a folder, by name; those that a link leads out
    of the repository for are left out. Raises OSError.
    """
    paths = (join(folder, name, FILE_NAME) for name in list_names(folder, "*"))
    return [path for path in paths if is_file(path) and not leaves_repository(path)]


def read_adapter_set(
    files: Iterable[str], settings: LintSettings
) -> Iterator[tuple[Adapter, str | None]]:
    """Each LoRA adapter of the config files, called by its folder, and the model that it was made
    for. What cannot be read, or is no LoRA, is left out.
    """
    for file in files:
        try:
            contexts = read_contexts(file, settings)
        except (DocumentError, OSError):
            continue
        for context in contexts:
            setting = context.setting
            if setting.form == "adapter_config" and setting.method is None:
                model = setting.model if isinstance(setting.model, str) else None
                yield make_adapter(context, basename(dirname(file))), model


def choose_release(folder: str, settings: LintSettings) -> tuple[int, ...]:
    """The number of the PEFT release that judges a folder, major and minor."""
    release = choose_peft_release(folder, settings.peft, settings.trees.python).to_follow
    return parse_version_number(release)[:2] if release else NEWEST
