"""What is wrong with a server's options about LoRA, whatever the engine: names that it does not
have, an option that is given again and so replaces what it had, and two adapters of one name. In
come a server's options, out come hits.

vLLM 0.33.0 `vllm/entrypoints/common/cli_args.py` (LoRAParserAction sets the list anew each time),
`vllm/entrypoints/openai/models/serving.py` (`_check_load_lora_adapter_request`: "has already been
loaded"); SGLang 0.5.23 `arg_groups/argparse_actions.py` (LoRAPathAction, likewise),
`lora/lora_manager.py` (validate_new_adapter), `lora/lora_registry.py`.
"""

from __future__ import annotations

from itertools import pairwise

from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.tools.core.lora_options import find_unknown_options
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.server_options import ServerOptions

_LISTS = {"vllm": ("lora-modules",), "sglang": ("lora-paths", "lora-path")}
_TITLES = {"vllm": "vLLM", "sglang": "SGLang"}
_OMNI = "--omni"
"""Makes `vllm serve` another program, vLLM-Omni, with options of its own."""

_LANGUAGE_SERVERS = ("vllm", "vllm.entrypoints.openai.api_server", "sglang.launch_server")
"""Words of commands whose options are all known (`sglang serve` has those of its diffusion server
too).
"""


def check_adapter_options(server: ServerOptions) -> Iterator[Hit]:
    """One hit for every unknown option, for adapters that are not loaded as the option stands
    again, and for two of one name.
    """
    if server.program or server.engine not in _LISTS:
        return
    yield from _check_names(server)
    lists = list(_split_lists(server))
    yield from _check_lists(server, lists)
    yield from _check_twice(server, lists[-1] if lists else [])


def _check_names(server: ServerOptions) -> Iterator[Hit]:
    if _OMNI in server.words:
        return
    usual_only = not any(word in server.words for word in _LANGUAGE_SERVERS)
    for one in find_unknown_options(server.engine, list(server.values), usual_only):
        own = f"--{one.meant}" if one.meant else ""
        own += " NAME=PATH" if one.meant in ("lora-modules", "lora-paths") else ""
        yield Hit(
            f"{_TITLES[server.engine]} has no option --{one.name} and does not start: "
            "unrecognized arguments",
            server.place(one.name),
            help=f"write {own}" if own else "leave it out, or start the build that has it",
            severity=None if own else "note",  # branches of the engine have options of their own
        )


def _split_lists(server: ServerOptions) -> Iterator[list[str]]:
    """The words behind each time that the option with the adapters is given."""
    taking: list[str] | None = None
    for before, word in pairwise(("", *server.words)):
        name, equals, value = word.partition("=")
        if word.startswith("--"):
            if taking is not None:
                yield taking
            own = name.lstrip("-").replace("_", "-") in _LISTS[server.engine]
            taking = ([value] if equals else []) if own else None
        elif taking is not None and before:
            taking.append(word)
    if taking is not None:
        yield taking


def _check_lists(server: ServerOptions, lists: list[list[str]]) -> Iterator[Hit]:
    lost = [value for values in lists[:-1] for value in values]
    lost = [value for value in lost if value not in lists[-1]]
    if not lost or any(map(is_open, lost)):
        return
    name = _LISTS[server.engine][0]
    names = [_get_name(value) for value in lost]
    yield Hit(
        f"--{name} stands {len(lists)} times, and each one replaces the one before: "
        f"{quote_names(names)} {'is' if len(names) == 1 else 'are'} not loaded, and requests for "
        f"{'it' if len(names) == 1 else 'them'} fail",
        server.place(name if name in server.values else _LISTS[server.engine][-1]),
        help=f"write all adapters behind one --{name}: --{name} "
        + " ".join(value for values in lists for value in values),
    )


def _check_twice(server: ServerOptions, values: list[str]) -> Iterator[Hit]:
    names = [_get_name(value) for value in values if not value.startswith(("{", "["))]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if not twice or any(map(is_open, twice)):
        return
    name = _LISTS[server.engine][0]
    yield Hit(
        f"{quote_names(twice)} names two adapters: {_TITLES[server.engine]} stops at the second "
        "one, or older releases answer with one of them",
        server.place(name if name in server.values else _LISTS[server.engine][-1]),
        help="give each adapter a name of its own",
    )


def is_open(value: str) -> bool:
    """Whether a part of a word is only known when the server starts."""
    return not value or any(mark in value for mark in (UNKNOWN_MARK, "$", "{{"))


def _get_name(value: str) -> str:
    return value.partition("=")[0]
