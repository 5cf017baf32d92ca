"""The several adapters that a script puts on one model, with those that lie in folders of the
repository.
"""

from __future__ import annotations

from functools import cache, partial
from os.path import dirname

from loracheck.config.joining.adapter import Adapter
from loracheck.plan.config.releases import NEWEST
from loracheck.releases.peft import choose_peft_release
from loracheck.releases.release_table import parse_version_number
from loracheck.rules.adapters_context import AdaptersContext
from loracheck.type_checking import TYPE_CHECKING

from .adapter_folders import read_adapter_settings
from .contexts import build_context
from .own_pins import add_own_pins

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext

CALLS = (
    "add_weighted_adapter(",
    "hotswap_adapter(",
    "prepare_model_for_compiled_hotswap(",
    *("load_adapter(", "set_adapter(", "delete_adapter("),
)


def joins_adapters(document: Document) -> bool:
    """Whether a script may load, combine or activate adapters, or swap one for another."""
    return any(call in document.source for call in CALLS)


def build_adapters_context(
    document: Document, settings: LintSettings, on_disk: bool
) -> AdaptersContext:
    """The context of a document; its folders are read where it is a file's content."""
    folder = dirname(document.path) or "."
    trees = add_own_pins(settings, document).trees
    peft = choose_peft_release(folder, settings.peft, trees.python, trees.own_pins).to_follow
    read_folder = (
        cache(partial(_read_folder, document.path, settings)) if on_disk else _read_nothing
    )
    return AdaptersContext(
        document, parse_version_number(peft)[:2] if peft else NEWEST, read_folder
    )


def _read_nothing(_: str) -> Adapter | None:
    return None


def _read_folder(script: str, settings: LintSettings, folder: str) -> Adapter | None:
    for setting in read_adapter_settings(script, folder):
        if setting.method is None:
            return make_adapter(build_context(setting, settings, on_disk=True), folder)
    return None


def make_adapter(context: RuleContext, name: str) -> Adapter:
    """The saved adapter of a setting, called `name`."""
    setting = context.setting
    return Adapter(name, setting.fields, setting.complete, _read_ranks(context))


def _read_ranks(context: RuleContext) -> dict[str, int] | None:
    """Module -> rank, from the weights beside the config, else as PEFT would wrap the model."""
    weights, plan = context.weights, context.plan
    if weights is not None and weights.layers and not weights.fault:
        return {
            name: layer.a.shape[1 if layer.embedding else 0]
            for name, layer in weights.layers.items()
            if layer.a is not None and len(layer.a.shape) == 2
        }
    if plan is None or plan.error is not None:
        return None
    return {
        name: wrapped.rank
        for wrapped in plan.wrapped
        if wrapped.parameter is None
        for name in wrapped.group.names()
    }
