"""A server that does not start with its LoRA options.

## What
vLLM or SGLang is started, by a script, a notebook's cell, a compose file, a manifest or
`LLM(enable_lora=True)`, with options for LoRA that it refuses: a `--max-lora-rank` that is none of
vLLM's, fewer `--max-cpu-loras` than `--max-loras`, fewer `--max-loaded-loras` than
`--max-loras-per-batch` or than adapters, a rank that `--fully-sharded-loras` cannot divide among
the GPUs, another engine's name for the adapters (`--lora-path` for vLLM's `--lora-modules`).

## Why
The server ends before it has loaded the model: vLLM's argument has a list of choices, and the rest
are checks of the two engines' configs. Seen in vllm-project/vllm issue 13669.

## Bad
```sh
vllm serve Qwen/Qwen2.5-7B --enable-lora --max-lora-rank 48 --lora-modules style=./style
```

## Good
```sh
vllm serve Qwen/Qwen2.5-7B --enable-lora --max-lora-rank 64 --lora-modules style=./style
```

## Fix
Write the next rank above, which costs memory and nothing else, and at least as many places as the
help says.

## Source
vLLM 0.33.0 `vllm/config/lora.py` (MaxLoRARanks, `_validate_lora_config`),
`vllm/lora/layers/base_linear.py` (divide); SGLang `python/sglang/srt/server_args.py`
(`check_lora_server_args`: max_loaded_loras, lora_paths); vLLM `vllm/utils/argparse_utils.py`
(FlexibleArgumentParser).
"""

from __future__ import annotations

from loracheck.engines import UnknownEngineError, parse_engine
from loracheck.rules.types import Hit
from loracheck.tools.core.server_options import SWITCH, find_server_options
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.server_options import ServerOptions

CODE = "LC718"
NAME = "server-refuses-options"
SEVERITY = "error"

RANK, GPUS, SHARDED = "max-lora-rank", "tensor-parallel-size", "fully-sharded-loras"
ROOM, BATCH = "max-cpu-loras", "max-loras"
LOADED, PER_BATCH = "max-loaded-loras", "max-loras-per-batch"
OTHER_NAMES = {
    "vllm": (("lora-path", "lora-paths", "lora-adapters"), "--lora-modules NAME=PATH"),
    "sglang": (("lora-modules", "lora-adapters"), "--lora-paths NAME=PATH"),
}
"""Engine -> the names that others have for the option with the adapters, and its own. None of them
is the start of an option of the engine, which argparse would take for it.
"""

DEFAULT_PER_BATCH = 8
"""SGLang's `--max-loras-per-batch`."""


def check(context: RuleContext) -> Iterator[Hit]:
    """The hits of the file; its first setting speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every option that a server of the file refuses."""
    for server in find_server_options(document):
        if document.format not in ("python", "notebook"):  # arguments of LLM are no options
            yield from _check_names(server)
        if server.engine == "vllm":
            yield from _check_vllm(server)
        elif server.engine == "sglang":
            yield from _check_sglang(server)


def _check_names(server: ServerOptions) -> Iterator[Hit]:
    names, own = OTHER_NAMES.get(server.engine, ((), ""))
    engine = "vLLM" if server.engine == "vllm" else "SGLang"
    for name in names:
        if name in server.values:
            yield Hit(
                f"{engine} has no option --{name} and does not start: unrecognized arguments",
                server.place(name),
                help=f"write {own}",
            )


def _check_vllm(server: ServerOptions) -> Iterator[Hit]:
    steps, default = _get_ranks(server)
    rank = server.get_number(RANK, default)
    if rank is None or not steps:
        return
    if rank not in steps:
        above = next((step for step in steps if step >= rank), steps[-1])
        yield Hit(
            f"vLLM takes no {RANK} {rank}, only {', '.join(map(str, steps))}: it does not start",
            server.place(RANK),
            help=f"write {above}" + ("" if above >= rank else ", and train with that rank at most"),
        )
    gpus = server.get_number(GPUS, 1)
    if server.values.get(SHARDED) == SWITCH and gpus and rank in steps and rank % gpus:
        yield Hit(
            f"{SHARDED} divides the rank {rank} among {gpus} GPUs, which does not come out even: "
            "vLLM does not start",
            server.place(SHARDED),
            help=f"write a {RANK} that {gpus} divides, or leave {SHARDED} out",
        )
    yield from _check_room(server, ROOM, server.get_number(BATCH, 1), BATCH)


def _get_ranks(server: ServerOptions) -> tuple[tuple[int, ...], int | None]:
    """The ranks of the release, or of the newest, which has all of the older ones."""
    try:
        ranks = parse_engine(f"vllm=={server.version or ''}").ranks
    except UnknownEngineError:
        ranks = parse_engine("vllm").ranks
    return (ranks.steps, ranks.default) if ranks is not None else ((), None)


def _check_sglang(server: ServerOptions) -> Iterator[Hit]:
    yield from _check_room(
        server, LOADED, server.get_number(PER_BATCH, DEFAULT_PER_BATCH), PER_BATCH
    )
    room = server.get_number(LOADED)
    if room is not None and server.adapters > room:
        yield Hit(
            f"{server.adapters} adapters and {LOADED} {room}: SGLang does not start",
            server.place(LOADED),
            help=f"write {server.adapters} or more",
        )


def _check_room(server: ServerOptions, name: str, least: int | None, other: str) -> Iterator[Hit]:
    """An option that must not be below another one."""
    room = server.get_number(name)
    if room is not None and least is not None and room < least:
        origin = "" if other in server.values else ", its default"
        yield Hit(
            f"{name} {room} is below {other} {least}{origin}: the server does not start",
            server.place(name),
            help=f"write {least} or more, or lower {other}",
        )
