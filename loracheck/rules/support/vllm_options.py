"""The options for LoRA that vLLM refuses. In come a server's options, out come hits.

vLLM 0.33.0 `vllm/config/lora.py` (MaxLoRARanks, `_validate_lora_config`),
`vllm/lora/layers/base_linear.py` (divide), `vllm/entrypoints/common/cli_args.py`
(LoRAParserAction); 0.6.3 to 0.9.2 `vllm/worker/multi_step_model_runner.py` for several steps at a
time; `vllm/config` of 0.4.3 to 0.11.2 for further tokens.
"""

from __future__ import annotations

import loracheck.quick_json as json
from loracheck.engines import UnknownEngineError, parse_engine
from loracheck.engines.read import parse_engine_version
from loracheck.rules.support.server_adapters import is_open
from loracheck.rules.support.sglang_options import check_room
from loracheck.rules.types import Hit
from loracheck.tools.core.lora_options import REMOVED
from loracheck.tools.core.server_command import PLAIN_SERVER, list_option_values
from loracheck.tools.core.server_options import SWITCH
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.server_options import ServerOptions

RANK, GPUS, SHARDED = "max-lora-rank", "tensor-parallel-size", "fully-sharded-loras"
ROOM, BATCH, ADAPTERS = "max-cpu-loras", "max-loras", "lora-modules"
STEPS, TOKENS, ENABLE = "num-scheduler-steps", "lora-extra-vocab-size", "enable-lora"


def check_vllm(server: ServerOptions) -> Iterator[Hit]:
    """One hit for every option, or missing one, with which vLLM does not start."""
    yield from _check_rank(server)
    yield from check_room(server, ROOM, server.get_number(BATCH, 1), BATCH)
    yield from _check_removed(server)
    if ENABLE in server.values or ADAPTERS in server.values or server.program:
        yield from _check_steps(server)
        yield from _check_tokens(server)
    if ADAPTERS in server.values and PLAIN_SERVER in server.words:
        yield Hit(
            f"{PLAIN_SERVER} has no option --{ADAPTERS} and does not start: unrecognized arguments",
            server.place(ADAPTERS),
            help="start vllm serve, or vllm.entrypoints.openai.api_server, which have it",
        )
    elif ADAPTERS in server.values:
        yield from _check_adapters(server)
        yield from _check_served_name(server)


def _check_rank(server: ServerOptions) -> Iterator[Hit]:
    steps, default = _get_ranks(server)
    rank = server.get_number(RANK, default)
    if rank is None or not steps:
        return
    if rank not in steps:
        above = next((step for step in steps if step >= rank), steps[-1])
        known = ", ".join(map(str, steps))
        yield Hit(
            f"vLLM takes no {server.spell(RANK)} {rank}, only {known}: it does not start",
            server.place(RANK),
            help=f"write {above}" + ("" if above >= rank else ", and train with that rank at most"),
        )
    gpus = server.get_number(GPUS, 1)
    if server.values.get(SHARDED) == SWITCH and gpus and rank in steps and rank % gpus:
        yield Hit(
            f"{server.spell(SHARDED)} divides the rank {rank} among {gpus} GPUs, which does not "
            "come out even: vLLM does not start",
            server.place(SHARDED),
            help=f"write a {server.spell(RANK)} that {gpus} divides, or leave "
            f"{server.spell(SHARDED)} out",
        )


def _get_ranks(server: ServerOptions) -> tuple[tuple[int, ...], int | None]:
    """The ranks of the release, or of the newest, which has all of the older ones."""
    try:
        ranks = parse_engine(f"vllm=={server.version or ''}").ranks
    except UnknownEngineError:
        ranks = parse_engine("vllm").ranks
    return (ranks.steps, ranks.default) if ranks is not None else ((), None)


def _check_removed(server: ServerOptions) -> Iterator[Hit]:
    """Options that the release no longer has; the newest one where none is named."""
    for name, first in REMOVED["vllm"].items():
        older = server.version is not None and (
            parse_engine_version(server.version) < parse_engine_version(first)
        )
        other = name == TOKENS and server.get_number(TOKENS) not in (256, 512)  # told apart
        if name in server.values and not older and not other:
            release = f"vLLM {server.version}" if server.version else f"vLLM since {first}"
            refuses = "TypeError" if server.program else "unrecognized arguments"
            yield Hit(
                f"{release} has no {'argument' if server.program else 'option'} "
                f"{server.spell(name)}: it does not start ({refuses})",
                server.place(name),
                help=f"leave {server.spell(name)} out, or pin an older vLLM",
                severity=None if server.version else "note",
            )


def _check_served_name(server: ServerOptions) -> Iterator[Hit]:
    """An adapter that has the name of the base model, which requests reach under it."""
    words = list(server.words)
    served = list(list_option_values(words, ("--served-model-name", "--served_model_name")))
    for at, word in enumerate(words[:-2]) if not served else ():
        if word == "vllm" and words[at + 1] == "serve":
            served = [words[at + 2]]
    served = served or list(list_option_values(words, ("--model",)))
    for value in server.adapters:
        name, equals, _ = value.partition("=")
        if equals and name in served and not is_open(name):
            yield Hit(
                f"the adapter `{name}` has the name of the served model: vLLM 0.33 does not start "
                "(conflicts with a served base model), and older releases answer with the base "
                "model",
                server.place(ADAPTERS),
                help="give the adapter a name of its own, and name it in the requests",
            )


def _check_steps(server: ServerOptions) -> Iterator[Hit]:
    """Several steps at a time, which no release that has them runs with adapters."""
    steps = server.get_number(STEPS)
    if steps is not None and steps > 1:
        yield Hit(
            f"{server.spell(STEPS)} {steps} and LoRA: releases of vLLM that have the option answer "
            "without the adapter, or stop at the first request for it (LoRA is not enabled), and "
            "newer ones do not know the option",
            server.place(STEPS),
            help=f"leave {server.spell(STEPS)} out",
        )


def _check_tokens(server: ServerOptions) -> Iterator[Hit]:
    """Room for another number of further tokens than vLLM takes."""
    tokens = server.get_number(TOKENS)
    if tokens is not None and tokens not in (256, 512):
        zero = " (0, which older ones took, ends with a mismatch of sizes)" if tokens == 0 else ""
        yield Hit(
            f"vLLM takes no {server.spell(TOKENS)} {tokens}, only 256 and 512{zero}: it does not "
            "start",
            server.place(TOKENS),
            help="leave it out: releases since 0.12 do not have it, and older ones start with 256",
        )


def _check_adapters(server: ServerOptions) -> Iterator[Hit]:
    """The adapters' words, and whether LoRA is switched on for them."""
    if server.complete and ENABLE not in server.values and "config" not in server.values:
        yield Hit(
            f"--{ADAPTERS} without --{ENABLE}: vLLM has no LoRA and refuses the adapters (LoRA is "
            "not enabled. Use --enable-lora)",
            server.place(ADAPTERS),
            help=f"add --{ENABLE}",
        )
    for value in server.adapters:
        wrong = "" if is_open(value) else _judge_adapter(value)
        if wrong:
            yield Hit(
                wrong,
                server.place(ADAPTERS),
                help=f"write each adapter as a word of its own: --{ADAPTERS} NAME=PATH NAME=PATH",
            )


def _judge_adapter(value: str) -> str:
    """What is wrong with one word of `--lora-modules`; "" for one that vLLM reads."""
    name, equals, path = value.partition("=")
    if equals and "," not in value:
        if not value.startswith("{") and (name[0:1] in ("[", '"', "'") or path.endswith("]")):
            return (
                "vLLM takes brackets and quotes for a part of the adapter's name and path: "
                f"`{name}` in the folder `{path}`, where it finds none"
            )
        return ""
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        several = value.count("=") > 1 and not value.startswith(("{", "["))
        what = "several adapters in one word" if several else "neither NAME=PATH nor JSON"
        return f"`{value}` is {what}: vLLM does not start (Invalid JSON format for --{ADAPTERS})"
    if isinstance(data, dict) and {"name", "path"} <= data.keys():
        return ""
    return (
        f"`{value}` is no JSON object with `name` and `path`: vLLM does not start (Invalid fields "
        f"for --{ADAPTERS})"
    )
