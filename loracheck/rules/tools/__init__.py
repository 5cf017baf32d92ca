"""Family LC7, the traps of one fine-tuning tool: keys that it does not know, values that its parser
refuses, settings that it reads otherwise than PEFT. In comes a `RuleContext` whose setting names
the tool; out come `Hit`s in the tool's own keys. Begin with LC701.
"""

from __future__ import annotations

from functools import cache

from loracheck.tools.core.index import load_index
from loracheck.tools.core.started_servers import names_server
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.setting import Setting

FORMATS = {
    "LC718": ("shell", "notebook", "cell", "python", "yaml"),
    "LC720": ("shell",),
    "LC721": ("shell", "cell"),
    "LC726": ("shell", "notebook", "cell", "python", "yaml"),
    "LC727": ("shell", "notebook", "cell"),
    "LC710": ("yaml",),
    "LC722": ("yaml",),
    "LC716": ("shell",),
    "LC717": ("shell", "notebook", "cell", "python"),
    "LC732": ("modelfile",),
    "LC724": ("shell", "notebook", "cell"),
    "LC733": ("shell", "notebook", "cell"),
}
"""Rules that speak of files of one format."""

TRAPS = {
    "LC703": "one-name-is-a-regex",
    "LC704": "mlx-keys",
    "LC705": "axolotl-adapter",
    "LC706": "all-beside-names",
    "LC707": "automodel-matcher",
    "LC708": "torchtune-modules",
    "LC712": "megatron-names",
    "LC731": "lycoris-file",
}
"""Rules about one trap, as `Tool.traps` names it: they speak where the setting's tool has it."""

SETTING_RULES = frozenset(
    {"LC701", "LC702", "LC710", "LC711", "LC713", "LC715", "LC716", "LC719", "LC721", "LC722"}
    | {"LC723", *TRAPS}
)
"""Rules about a setting; those that are not listed are loaded for files without one too."""

SERVER_RULES = frozenset({"LC717", "LC718"})
"""The rules about servers, which a YAML file starts in a service or a container."""

MERGE_RULE = "LC726"
"""The rule about folders taken for models, which a YAML file names in a merge of mergekit."""


NETWORK_RULE = "LC715"
"""The rule about arguments of network modules, which some tools' settings have."""


def applies(context: RuleContext) -> bool:
    """Whether a tool may have a say: PEFT's own adapter_config.json is read by PEFT alone."""
    return context.setting.form != "adapter_config"


def list_silent_rules(document: Document, setting: Setting | None) -> frozenset[str]:
    """The rules that have nothing to say of a document and its setting (None: it has none)."""
    traps = setting.traps if setting is not None else ()
    networks = setting is not None and setting.tool_name in load_index().networks
    server = names_server(document) and "lora" in document.source.lower()
    if server and document.format == "yaml":
        server = any(word in document.source for word in ("services", "containers"))
    silent = _list_silent_rules(document.format, traps, server, networks)
    if document.format == "yaml" and "merge_method" not in document.source:
        silent |= {MERGE_RULE}
    return silent if setting is not None else silent | SETTING_RULES


@cache
def _list_silent_rules(
    format: str, traps: tuple[str, ...], server: bool, networks: bool
) -> frozenset[str]:
    silent = {code for code, formats in FORMATS.items() if format not in formats}
    silent |= {code for code, trap in TRAPS.items() if trap not in traps}
    silent |= set() if server else SERVER_RULES
    return frozenset(silent if networks else silent | {NETWORK_RULE})
