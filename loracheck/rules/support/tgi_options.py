"""What text-generation-inference refuses of the adapters that it is started with. In come a
server's options and environment, out come hits.

text-generation-inference 2.1.1, 2.2.0, 2.3.1 and 3.3.7: `launcher/src/main.rs` (lora_adapters, by
`--lora-adapters` or LORA_ADAPTERS), `server/text_generation_server/utils/adapter.py`
(parse_lora_adapters, load_module_map, get_attn_weights), `utils/hub.py` (_cached_weight_files),
`layers/attention/__init__.py` (USE_FLASH_ATTENTION), `models/__init__.py` (CausalLM.fallback).
"""

from __future__ import annotations

from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.server_options import ServerOptions

OPTION, VARIABLE = "lora-adapters", "LORA_ADAPTERS"
FLASH = "USE_FLASH_ATTENTION"
_LOCAL = ("/", "./", "../", "~")
"""How a path begins that cannot be an id of the Hub."""


def check_tgi(server: ServerOptions) -> Iterator[Hit]:
    """One hit for every adapter that is not found, and one where the server has no layers for
    adapters.
    """
    name = OPTION if OPTION in server.values else VARIABLE
    text = server.values.get(OPTION) or server.environment.get(VARIABLE, "")
    adapters = [one.strip() for one in text.split(",") if one.strip()]
    if not adapters or UNKNOWN_MARK in text or "$" in text:
        return
    for one in adapters:
        if one.startswith(_LOCAL) and "=" not in one:
            folder = one.rstrip("/")
            yield Hit(
                f"text-generation-inference takes `{one}` for an id of the Hub, looks for its "
                "weights in the Hub's cache alone, and stops: No adapter weights found",
                server.place(name),
                help=f"write {folder.rpartition('/')[2]}={folder}, a name and the folder, which "
                "releases since 2.3 take",
            )
    if server.environment.get(FLASH, "").lower() == "false":
        yield Hit(
            f"{FLASH}=false and adapters: only the models of flash attention have layers for "
            "adapters, and text-generation-inference stops when it loads one",
            server.place(FLASH),
            help=f"leave {FLASH} out, or merge the adapter into the model and serve that",
        )
