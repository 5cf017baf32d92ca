"""The options for LoRA that SGLang refuses. In come a server's options, out come hits.

SGLang 0.5.23 `python/sglang/srt/arg_groups/lora_hook.py` (check_lora_server_args; until 0.5.19 in
`server_args.py`), `arg_groups/fields/lora.py`, `arg_groups/argparse_actions.py` (LoRAPathAction);
0.3.4, 0.4.3, 0.4.6,
0.4.6.post5, 0.4.10, 0.5.0 and 0.5.1 of the same file for the caches.
"""

from __future__ import annotations

import loracheck.quick_json as json
from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.rules.types import Hit
from loracheck.tools.core.server_command import list_option_values
from loracheck.tools.core.server_options import SWITCH
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.server_options import ServerOptions

LOADED, PER_BATCH, ADAPTERS = "max-loaded-loras", "max-loras-per-batch", "lora-paths"

RANK, TARGETS, BACKEND = "max-lora-rank", "lora-target-modules", "lora-backend"

BACKENDS = frozenset(
    {"triton", "csgmv", "ascend", "torch_native", "triton_v2", "flashinfer", "chunked"}
)
"""What `--lora-backend` takes in one release or another."""

DEFAULT_PER_BATCH = 8
"""SGLang's `--max-loras-per-batch`."""

_CACHES = (("disable-cuda-graph", (0, 4, 6)), ("disable-radix-cache", (0, 4, 10)))
"""What has to be switched off beside adapters, and the last release that asks for it."""


def check_sglang(server: ServerOptions) -> Iterator[Hit]:
    """One hit for every option, or missing one, with which SGLang does not start."""
    yield from check_room(
        server, LOADED, server.get_number(PER_BATCH, DEFAULT_PER_BATCH), PER_BATCH
    )
    room, adapters = server.get_number(LOADED), len(server.adapters)
    if room is not None and adapters > room and server.complete:
        yield Hit(
            f"{adapters} adapters and {LOADED} {room}: SGLang does not start",
            server.place(LOADED),
            help=f"write {adapters} or more",
        )
    yield from _check_caches(server)
    yield from _check_shapes(server)
    yield from _check_objects(server)


def _check_shapes(server: ServerOptions) -> Iterator[Hit]:
    """What SGLang has to know of adapters that come later, and choices that it does not have."""
    missing = [name for name in (RANK, TARGETS) if name not in server.values]
    alone = server.values.get("enable-lora") == SWITCH and ADAPTERS not in server.values
    if alone and missing and server.complete and not {"lora-path", "config"} & server.values.keys():
        yield Hit(
            f"--enable-lora without --{ADAPTERS}, {' and '.join(f'--{name}' for name in missing)}: "
            "SGLang does not know the size of the adapters and does not start (AssertionError)",
            server.place("enable-lora"),
            help=f"add --{RANK} and --{TARGETS} (all for every layer), or --{ADAPTERS} NAME=PATH",
        )
    targets = list(
        list_option_values(list(server.words), (f"--{TARGETS}", "--lora_target_modules"))
    )
    if "all" in targets and len(targets) > 1:
        yield Hit(
            f"--{TARGETS} all and further names: SGLang does not start (AssertionError)",
            server.place(TARGETS),
            help="write all alone",
        )
    backend = server.values.get(BACKEND, "")
    if backend and backend.isidentifier() and backend not in BACKENDS:
        yield Hit(
            f"SGLang has no --{BACKEND} {backend}: it does not start",
            server.place(BACKEND),
            help="write csgmv, which newer releases take by default, or triton",
        )


def _check_objects(server: ServerOptions) -> Iterator[Hit]:
    """Adapters as objects of JSON with vLLM's keys, and in brackets."""
    for value in server.adapters:
        wrong = ""
        if value.startswith("{") and value.endswith("}") and not _has_keys(value):
            wrong = "is an object without lora_name and lora_path: SGLang does not start"
        elif value.startswith("[") or (value.endswith("]") and "[" not in value):
            wrong = "has a bracket, which SGLang takes for a part of the name or the path"
        if wrong and not any(mark in value for mark in (UNKNOWN_MARK, "$", "{{")):
            yield Hit(
                f"`{value}` {wrong}",
                server.place(ADAPTERS if ADAPTERS in server.values else "lora-path"),
                help=f"write each adapter as a word of its own: --{ADAPTERS} NAME=PATH NAME=PATH",
            )


def _has_keys(value: str) -> bool:
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and {"lora_name", "lora_path"} <= data.keys()


def _check_caches(server: ServerOptions) -> Iterator[Hit]:
    """The caches that an older release cannot have beside adapters."""
    if server.version is None or ADAPTERS not in server.values or not server.complete:
        return
    release = tuple(int(part) for part in server.version.split(".")[:3])
    missing = [name for name, last in _CACHES if release <= last and name not in server.values]
    if missing:
        yield Hit(
            f"SGLang {server.version} starts with adapters only beside {' and '.join(missing)}: "
            'AssertionError ("compatibility of lora and cuda graph and radix attention is in '
            'progress")',
            server.place(ADAPTERS),
            help=f"add {' '.join(f'--{name}' for name in missing)}, or use 0.5.0 or newer",
        )


def check_room(server: ServerOptions, name: str, least: int | None, other: str) -> Iterator[Hit]:
    """An option that must not be below another one."""
    room = server.get_number(name)
    if room is not None and least is not None and room < least:
        origin = "" if other in server.values else ", its default"
        yield Hit(
            f"{name} {room} is below {other} {least}{origin}: the server does not start",
            server.place(name),
            help=f"write {least} or more, or lower {other}",
        )
