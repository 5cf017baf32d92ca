"""Saved adapters that a script loads out of a folder of the repository, held against the model that
the script puts them on.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from loracheck.documents import read
from loracheck.documents.dependencies import is_file
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import leaves_repository
from loracheck.tools import find_settings
from loracheck.tools.core.loaded_adapters import find_loaded_adapters, put_on_base

from .contexts import build_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import Hit, RuleContext
    from loracheck.tools.core.loaded_adapters import LoadedAdapter

FILE_NAME = "adapter_config.json"
RULES = frozenset({"LC201", "LC202", "LC206", "LC220", "LC401"})
"""Rules that say what of an adapter does not fit the model. PEFT 0.21.2, run: `from_pretrained` and
`load_adapter` raise as `get_peft_model` does, and say nothing of what is left out.
"""


def read_loaded_adapters(
    document: Document, settings: LintSettings
) -> Iterator[tuple[LoadedAdapter, RuleContext]]:
    """Each adapter that the file loads from a folder beside or below it, on the model of the
    file.
    """
    if document.format not in ("python", "notebook"):
        return
    for adapter in find_loaded_adapters(document):
        path = find_config(document.path, adapter.folder)
        if path is None:
            continue
        try:
            found = find_settings(read(path))
        except (DocumentError, OSError):
            continue  # what is wrong with it is said of the file itself
        for setting in found:
            if setting.form == "adapter_config":
                put_on_base(setting, adapter)
                yield adapter, build_context(setting, settings)


def find_config(script: str, folder: str) -> str | None:
    """The adapter's config file, where there is one that no `..`, no link and no absolute path
    leads away to.
    """
    inside = os.path.normpath(folder)
    if os.path.isabs(inside) or inside.split(os.sep)[0] == os.pardir or "\0" in inside:
        return None
    path = os.path.join(os.path.dirname(script), inside, FILE_NAME)
    return path if is_file(path) and not leaves_repository(path) else None


def say_in_script(hit: Hit, adapter: LoadedAdapter, context: RuleContext) -> Hit:
    """The hit at the place in the script that loads the adapter."""
    file = f"{adapter.folder.rstrip('/')}/{FILE_NAME}"
    trained_on = context.setting.document.roots[0].get("base_model_name_or_path")
    here = context.setting.model
    help_text = "load it on the model class that it was trained on"
    if isinstance(trained_on, str) and isinstance(here, str) and trained_on != here:
        help_text = f"load it on {trained_on}, which it was trained on"
    return hit._replace(
        message=f"{file}: {hit.message}",
        at=adapter.place,
        key=False,
        written=None,
        help=help_text,
        related=(),
        spans=(),
        files=(),
        fix=None,
        repeat=None,
    )
