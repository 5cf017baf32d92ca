"""Whether the weights beside a config are a pickle, which is never opened."""

from __future__ import annotations

from os.path import dirname, join

from loracheck.documents.dependencies import is_file
from loracheck.type_checking import TYPE_CHECKING

from .adapter_weights import PICKLE_NAME

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def has_only_pickle(context: RuleContext) -> bool:
    """Whether there is an adapter_model.bin, and no safetensors file."""
    path = context.document.path
    return (
        context.setting.form == "adapter_config"
        and context.on_disk
        and context.weights is None
        and path.endswith("adapter_config.json")
        and is_file(join(dirname(path), PICKLE_NAME))
    )
