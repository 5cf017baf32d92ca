"""Saved adapters that a script loads out of a folder of the repository, held against the model that
the script puts them on.
"""

from __future__ import annotations

from loracheck.tools.core.loaded_adapters import find_loaded_adapters, put_on_base
from loracheck.type_checking import TYPE_CHECKING

from .adapter_folders import move_hit, read_adapter_settings
from .contexts import build_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import Hit, RuleContext
    from loracheck.tools.core.loaded_adapters import LoadedAdapter

RULES = frozenset({"LC150", "LC201", "LC202", "LC206", "LC220", "LC401"})
"""Rules that say what of an adapter does not fit the model. PEFT 0.21.2, run: `from_pretrained` and
`load_adapter` raise as `get_peft_model` does, and say nothing of what is left out.
"""


_TOLERATES = "ignore_mismatched_sizes"
"""An argument that lets layers of other sizes be."""


def read_loaded_adapters(
    document: Document, settings: LintSettings
) -> Iterator[tuple[LoadedAdapter, RuleContext]]:
    """Each adapter that the file loads from a folder beside or below it, on the model of the
    file.
    """
    for adapter in find_loaded_adapters(document):
        for setting in read_adapter_settings(document.path, adapter.folder):
            put_on_base(setting, adapter)
            context = build_context(setting, settings)
            if setting.trained_on is not None and _TOLERATES not in document.source:
                context.trained_on = _build_own_context(document, adapter, settings)
            yield adapter, context


def _build_own_context(
    document: Document, adapter: LoadedAdapter, settings: LintSettings
) -> RuleContext | None:
    """The adapter on the model that its own config names."""
    own = read_adapter_settings(document.path, adapter.folder)
    return build_context(own[0], settings) if own and settings.model is None else None


def move_hit_to_script(hit: Hit, adapter: LoadedAdapter, context: RuleContext) -> Hit:
    """The hit at the place in the script that loads the adapter."""
    trained_on = context.setting.document.roots[0].get("base_model_name_or_path")
    here = context.setting.model
    help_text = "load it on the model class that it was trained on"
    if isinstance(trained_on, str) and isinstance(here, str) and trained_on != here:
        help_text = f"load it on {trained_on}, which it was trained on"
    return move_hit(hit, adapter.folder, adapter.place)._replace(help=help_text)
