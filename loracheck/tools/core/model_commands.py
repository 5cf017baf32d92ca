"""The folders that commands take for whole models and for adapters.

Every program here reads the model's config.json first, and none of them follows an
adapter_config.json to the base model: vLLM `vllm/transformers_utils/config.py` (get_config), SGLang
`python/sglang/srt/utils/hf_transformers_utils.py` (get_config), lmdeploy `lmdeploy/archs.py`
(get_model_arch), lm_eval 0.4.13 `lm_eval/models/huggingface.py` (_get_config), llama.cpp
`conversion/base.py` (load_hparams), CTranslate2 4.6.0 `converters/transformers.py`.
text-generation-inference does, and is not among them.
"""

from __future__ import annotations

from functools import partial

from loracheck.documents.shell.commands import find_command_documents
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .container_run import RUNNERS
from .server_command import list_option_values
from .started_servers import find_started_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.shell.commands import Command, CommandDocument
    from loracheck.documents.values import Value


class GivenFolder(NamedTuple):
    """A folder that a program is given."""

    program: str
    """The program's name for people."""

    folder: str
    help: str
    """What to write where the folder holds an adapter, or, of an adapter's option, none."""

    place: Path | Span


class _Program(NamedTuple):
    """How a program is started and told its model."""

    name: str
    starts: tuple[tuple[str, ...], ...]
    options: tuple[str, ...]
    help: str
    positional: bool = False
    """Whether the model is the first word behind the start."""


_VLLM = "write the base model there, and --enable-lora --lora-modules NAME={folder}"
_MERGE = "merge the adapter into its base model and name the merged model"
_PROGRAMS = (
    _Program("vLLM", (("vllm", "serve"),), ("--model",), _VLLM, True),
    _Program("vLLM", (("vllm.entrypoints.openai.api_server",),), ("--model",), _VLLM),
    _Program(
        "SGLang",
        (("sglang.launch_server",), ("sglang", "serve")),
        ("--model-path", "--model"),
        "write the base model there, and --lora-paths NAME={folder}",
    ),
    _Program(
        "lmdeploy",
        (("lmdeploy", "serve", "api_server"), ("lmdeploy", "chat")),
        (),
        "write the base model there, and --adapters NAME={folder}",
        True,
    ),
    _Program(
        "llama.cpp",
        (("convert_hf_to_gguf.py",), ("convert-hf-to-gguf.py",)),
        (),
        "convert the adapter with convert_lora_to_gguf.py, or merge it into its base model first",
        True,
    ),
    _Program("CTranslate2", (("ct2-transformers-converter",),), ("--model",), _MERGE),
)

_ADAPTER_OPTIONS = ("--peft-model-path", "--peft_model_path", "--lora-modules", "--lora-paths")
_PAIR_OPTIONS = ("--adapter_name_or_path", "--adapters")
"""Options of xinference, vLLM, SGLang, LLaMA-Factory, ms-swift and lmdeploy with an adapter."""


def find_models(document: Document) -> Iterator[GivenFolder]:
    """The folders that commands take for whole models."""
    for script in find_command_documents(document):
        for command in script.commands:
            words = [word.text for word in command.words]
            place = partial(_find_word, script, command)
            yield from _read_command(words, place)
    for started in find_started_words(document):
        yield from _read_command(started.words, partial(_stay_at, started.place))


def find_merged_models(document: Document) -> Iterator[GivenFolder]:
    """The models of mergekit's YAML that are given without an adapter of their own (mergekit 0.1.4
    `mergekit/config.py`: models, slices[].sources, base_model).
    """
    for index, root in enumerate(document.roots):
        if not isinstance(root, dict) or "merge_method" not in root:
            continue
        for path, value in _list_models(root):
            if isinstance(value, str) and "+" not in value:
                help = f"write BASE+{value}, the base model in front"
                yield GivenFolder("mergekit", value, help, (index, *path))


def _list_models(root: dict[str, Value]) -> Iterator[tuple[Path, Value]]:
    yield ("base_model",), root.get("base_model")
    lists: list[tuple[Path, Value]] = [(("models",), root.get("models"))]
    for number, one in enumerate(_as_list(root.get("slices"))):
        if isinstance(one, dict):
            lists.append((("slices", number, "sources"), one.get("sources")))
    for path, entries in lists:
        for number, entry in enumerate(_as_list(entries)):
            if isinstance(entry, dict):
                yield (*path, number, "model"), entry.get("model")


def _as_list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def find_adapters(document: Document) -> Iterator[GivenFolder]:
    """The folders that options of commands take for adapters: a plain path, or NAME=PATH."""
    for script in find_command_documents(document):
        for command in script.commands:
            words = [word.text for word in command.words]
            if any(word in RUNNERS for word in words[:2]):
                continue
            for value in list_option_values(words, (*_ADAPTER_OPTIONS, *_PAIR_OPTIONS)):
                for path in value.split(","):
                    folder = path.partition("=")[2] or path
                    place = _find_word(script, command, value)
                    yield GivenFolder(words[0], folder.rstrip("/"), "", place)


def _read_command(words: list[str], place: Callable[[str], Span]) -> Iterator[GivenFolder]:
    if any(word in RUNNERS for word in words[:2]):
        return  # a container has folders of its own
    names = [word.rpartition("/")[2] if word.endswith(".py") else word for word in words]
    for program in _PROGRAMS:
        for start in program.starts:
            at = next((n for n in range(min(len(names), 8)) if _begins(names, n, start)), None)
            if at is None:
                continue
            behind = words[at + len(start) :]
            values = list(list_option_values(behind, program.options))
            if program.positional and behind and not behind[0].startswith("-"):
                values.append(behind[0])
            for value in values[:1]:
                help = program.help.format(folder=value)
                yield GivenFolder(program.name, value, help, place(value))
    yield from _read_evaluation(words, place)


def _read_evaluation(words: list[str], place: Callable[[str], Span]) -> Iterator[GivenFolder]:
    """The model of `lm_eval --model hf --model_args pretrained=X`."""
    if not {"lm_eval", "lm-eval"} & set(words[:4]):
        return
    for value in list_option_values(words, ("--model_args", "-a")):
        pairs = dict(one.split("=", 1) for one in value.split(",") if "=" in one)
        folder = pairs.get("pretrained")
        if folder is not None and "peft" not in pairs:
            help = f"write pretrained=BASE,peft={folder}"
            yield GivenFolder("lm_eval", folder, help, place(value))


def _stay_at(place: Span, _: str) -> Span:
    return place


def _begins(words: list[str], at: int, start: tuple[str, ...]) -> bool:
    return tuple(words[at : at + len(start)]) == start


def _find_word(script: CommandDocument, command: Command, value: str) -> Span:
    word = next(word for word in command.words if word.text.endswith(value))
    return script.script_span(word.start, word.end)
