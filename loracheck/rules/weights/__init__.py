"""Family LC6, the weights beside a saved adapter_config.json: do their names and shapes fit the
config and the model. `support/adapter_weights.py` reads them by their header alone; out come
`Hit`s. Begin with LC603.
"""

from __future__ import annotations

from os.path import dirname

from loracheck.documents.dependencies import list_names
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.context import RuleContext


def applies(context: RuleContext) -> bool:
    """Whether weights of any kind (`adapter_model.safetensors`, `.bin`) lie beside the config."""
    if context.setting.form != "adapter_config" or not context.on_disk:
        return False
    try:
        return bool(list_names(dirname(context.document.path), "adapter_model.*"))
    except OSError:
        return False
