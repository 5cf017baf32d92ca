"""The server that a script starts for the adapter that it has just trained.

vLLM takes adapters as `vllm serve BASE --lora-modules NAME=PATH` (or as JSON with `path`), SGLang
as `python -m sglang.launch_server --lora-paths NAME=PATH`: vLLM 0.33.0
`vllm/entrypoints/openai/cli_args.py` (LoRAParserAction), SGLang 0.5.23
`python/sglang/srt/server_args.py` (LoRAPathAction). A training command is served by it where PATH
is one of the command's own words, or lies below one: its output folder.

Two programs start vLLM themselves: lm_eval 0.4.13 with `--model vllm --model_args
lora_local_path=PATH,max_lora_rank=N` (lm_eval/models/vllm_causallms.py), and ms-swift 4.6.0 with
`swift infer --infer_backend vllm --adapters PATH --vllm_max_lora_rank N`
(swift/arguments/deploy_args.py, swift/infer_engine/vllm_engine.py). Both take rank 16 by default.
LLaMA-Factory 0.9.6.dev0 does so with `llamafactory-cli api` and `chat --infer_backend vllm
--adapter_name_or_path PATH --vllm_max_lora_rank N`, 32 by default (hparams/model_args.py,
chat/vllm_engine.py), and with `scripts/vllm_infer.py --adapter_name_or_path PATH --vllm_config
'{"max_lora_rank": N}'`, 16 by default.

`trtllm-build --lora_dir PATH --max_lora_rank N` builds an engine of TensorRT-LLM, 64 by default
(tensorrt_llm/commands/build.py); `lmdeploy serve api_server --adapters NAME=PATH` serves with
LMDeploy (lmdeploy/cli/utils.py).
"""

from __future__ import annotations

import loracheck.quick_json as json
from loracheck.documents.shell.commands import find_command_documents
from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .behaviour import Server
from .started_servers import find_started_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from loracheck.documents.model import Document, Span
    from loracheck.documents.shell.commands import Command, CommandDocument

    from .setting import Setting

PLAIN_SERVER = "vllm.entrypoints.api_server"
"""vLLM's plain server, without the names of models."""

STARTS = {
    "vllm": (("vllm", "serve"), ("vllm.entrypoints.openai.api_server",), (PLAIN_SERVER,)),
    "sglang": (("sglang.launch_server",), ("sglang", "serve")),
    "tgi": (("text-generation-launcher",),),
    "tensorrt-llm": (("trtllm-build",),),
    "lmdeploy": (("lmdeploy", "serve", "api_server"),),
}
"""Engine -> the words that start its server."""

_EVALUATIONS = (("lm_eval",), ("lm-eval",))
_INFERENCES = (("swift", "infer"), ("swift", "deploy"))
_CHATS = tuple(("llamafactory-cli", name) for name in ("api", "chat", "webchat"))
_BATCHES = "vllm_infer.py"
"""LLaMA-Factory's script for a whole data set."""

ENGINES = frozenset({"LLM", "EngineArgs", "AsyncEngineArgs"})
"""vLLM's classes that take the server's options as arguments."""

ADAPTERS = ("--lora-modules", "--lora_modules", "--lora-paths", "--lora_paths")
OWN_ADAPTERS = {"tensorrt-llm": ("--lora_dir",), "lmdeploy": ("--adapters",)}
"""Engine -> its own option with the adapters."""
TARGETS = ("--lora-target-modules", "--lora_target_modules")
LISTS = ("--lora-adapters",)
"""Options with all adapters in one word: `ID,NAME=PATH,ID@REVISION` (text-generation-inference
3.3.7 `utils/adapter.py`, parse_lora_adapters).
"""
RANKS = ("--max-lora-rank", "--max_lora_rank")


def add_servers(document: Document, settings: list[Setting]) -> None:
    """Give each setting of a script's commands the server that the script starts for it."""
    commands: list[Command] = getattr(document, "commands", [])
    read = [read_server([word.text for word in command.words]) for command in commands]
    served = [(server, paths) for server, paths in read if paths]
    for setting in settings if served else ():
        step = setting.path[0] if setting.path else None
        if type(step) is not int or setting.document is not document or step >= len(commands):
            continue
        setting_paths = {word.text.rstrip("/") for word in commands[step].words[1:]}
        setting_paths |= {text.partition("=")[2] for text in setting_paths if "=" in text}
        for server, paths in served:
            if any(_is_below(path, setting_paths) for path in paths):
                setting.behaviour.server = server


class ServedModules(NamedTuple):
    """The modules that a server is started to adapt, and the adapters that it is given."""

    engine: str
    modules: tuple[str, ...]
    """The values of `--lora-target-modules`."""
    adapters: tuple[str, ...]
    """The adapters' folders."""
    place: Span
    """Where the option stands."""


def read_served_modules(document: Document) -> Iterator[ServedModules]:
    """The server commands of a script, of a notebook's cells or of a Python file, that name the
    modules to adapt, and adapters; only those whose words are all known.
    """
    for script in find_command_documents(document):
        yield from _read_script(script)
    for command in find_started_words(document):
        if command.complete and not any(UNKNOWN_MARK in word for word in command.words):
            yield from _read_modules(command.words, command.place)


def _read_script(script: CommandDocument) -> Iterator[ServedModules]:
    for command in script.commands:
        option = next((w for w in command.words if w.text.partition("=")[0] in TARGETS), None)
        complete = all(isinstance(word.value, str) for word in command.words)
        if option is not None and command.complete and complete:
            place = script.script_span(option.start, option.end)
            yield from _read_modules([word.text for word in command.words], place)


def _read_modules(words: list[str], place: Span) -> Iterator[ServedModules]:
    engine = find_engine(words)
    modules, paths = (
        list(list_option_values(words, TARGETS)),
        list(list_option_values(words, ADAPTERS)),
    )
    if engine is not None and modules and paths:
        adapters = tuple(filter(None, map(_parse_adapter_path, paths)))
        yield ServedModules(engine, tuple(modules), adapters, place)


def read_server(words: list[str]) -> tuple[Server, list[str]]:
    """The server that the words of a command start, with the folders of its adapters; a server
    without a name and no folder for another command.
    """
    engine = find_engine(words)
    inner = _read_inner_server(words) if engine is None else None
    if inner is not None:
        engine, values = "vllm", [inner.rank] if inner.rank is not None else []
        folders: Iterable[str] = inner.folders
    elif engine is not None:
        values = list(list_option_values(words, RANKS))
        listed = ",".join(list_option_values(words, LISTS)).split(",")
        folders = [
            *list_option_values(words, OWN_ADAPTERS.get(engine, ADAPTERS)),
            *(one.strip().partition("@")[0] for one in listed),
        ]
    else:
        return Server(""), []
    literal = values[-1].isdecimal() if values else True
    rank = int(values[-1]) if values and literal else None
    paths = [_parse_adapter_path(value) for value in folders]
    option = inner.rank_option if inner is not None else None
    server = Server(engine, rank, not literal, rank_option=option)
    return server, [path for path in paths if path]


class _Inner(NamedTuple):
    """How a program that starts vLLM itself is told of adapters and rank."""

    rank: str | None
    folders: tuple[str, ...]
    rank_option: str


def _read_inner_server(words: list[str]) -> _Inner | None:
    """What a program is told of the vLLM that it starts; None for any other."""
    if _starts(words, _EVALUATIONS) and "vllm" in list_option_values(words, ("--model", "-m")):
        arguments = list(list_option_values(words, ("--model_args", "-a")))
        parts = (part for one in arguments for part in one.split(","))
        pairs = dict(part.split("=", 1) for part in parts if "=" in part)
        folder = pairs.get("lora_local_path", "")
        return _Inner(pairs.get("max_lora_rank"), (folder,), "max_lora_rank")
    if _starts(words, _INFERENCES) and "vllm" in list_option_values(words, ("--infer_backend",)):
        ranks = list(list_option_values(words, ("--vllm_max_lora_rank",)))
        folders = tuple(list_option_values(words, ("--adapters",)))
        return _Inner(ranks[-1] if ranks else None, folders, "--vllm_max_lora_rank")
    return _read_llamafactory(words)


def _read_llamafactory(words: list[str]) -> _Inner | None:
    """What LLaMA-Factory is told of the vLLM that it starts."""
    folders = tuple(list_option_values(words, ("--adapter_name_or_path",)))
    if _starts(words, _CHATS) and "vllm" in list_option_values(words, ("--infer_backend",)):
        ranks = list(list_option_values(words, ("--vllm_max_lora_rank",)))
        return _Inner(ranks[-1] if ranks else "32", folders, "--vllm_max_lora_rank")
    if any(word.endswith(_BATCHES) for word in words[:4]):
        configs = list(list_option_values(words, ("--vllm_config",)))
        rank = _read_json_rank(configs[-1]) if configs else None
        return _Inner(rank, folders, "--vllm_config with max_lora_rank")
    return None


def _read_json_rank(text: str) -> str | None:
    """`max_lora_rank` of an object of JSON, as text; None where it has none, and what is no number
    for what cannot be read.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return text
    rank = data.get("max_lora_rank") if isinstance(data, dict) else None
    return None if rank is None else str(rank)


def find_engine(words: list[str]) -> str | None:
    """The engine whose server the words of a command start; None for another command."""
    return next((name for name, starts in STARTS.items() if _starts(words, starts)), None)


def _starts(words: list[str], starts: Sequence[tuple[str, ...]]) -> bool:
    return any(
        tuple(words[at : at + len(start)]) == start
        for start in starts
        for at in range(min(len(words), 8))
    )


def list_option_values(words: list[str], options: tuple[str, ...]) -> Iterator[str]:
    """The words after the options, up to the next option."""
    taking = False
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("--"):
            taking = name in options
            if taking and equals:
                yield value
        elif taking:
            yield word


def _parse_adapter_path(value: str) -> str:
    """The folder in `NAME=PATH`, in a plain path, or in a JSON object with `path`."""
    if value.startswith("{"):
        try:
            data = json.loads(value)
        except (ValueError, RecursionError):
            return ""
        path = data.get("path") if isinstance(data, dict) else None
        return path.rstrip("/") if isinstance(path, str) else ""
    name, equals, path = value.partition("=")
    return (path if equals else name).rstrip("/")


def _is_below(path: str, words: set[str]) -> bool:
    """Whether the path is one of the words, or lies in a folder that is one."""
    parts = path.split("/")
    folders = {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return bool((folders - {"", ".", ".."}) & words)
