"""What LMDeploy makes of the adapters that its server is given. In come a server's options, out
come hits.

LMDeploy 0.16.0 `lmdeploy/cli/serve.py` (api_server: the adapters go to PytorchEngineConfig alone),
`lmdeploy/archs.py` (autoget_backend), `lmdeploy/cli/utils.py` (backend: turbomind by default).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.server_options import ServerOptions


def check_lmdeploy(server: ServerOptions) -> Iterator[Hit]:
    """One hit for adapters without the engine that has them."""
    backend = server.values.get("backend")
    if "adapters" not in server.values or (backend is None and not server.complete):
        return
    if backend in (None, "turbomind"):
        yield Hit(
            "without --backend pytorch LMDeploy serves every model that turbomind knows with "
            "turbomind, which has no adapters: --adapters is passed over without a word",
            server.place("adapters"),
            severity="warning",
            help="add --backend pytorch",
        )
