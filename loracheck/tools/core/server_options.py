"""The options that a file starts a server with: `vllm serve` and SGLang's launch_server in a
script (in a notebook's cell, a here-document or `bash -c "..."` too), in a command that Python
starts, in a docker compose file and in a Kubernetes manifest, `LLM(enable_lora=True)` and
`EngineArgs(enable_lora=True)` in Python.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from loracheck.documents.model import Span
from loracheck.documents.shell.commands import find_command_documents
from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .container_run import read_container_run
from .document_calls import get_calls
from .served_adapters import (
    RUN_IMAGES,
    find_started_containers,
    get_image_version,
    list_started_words,
    split_volumes,
)
from .server_command import ADAPTERS, ENGINES, find_engine, list_option_values
from .server_release import find_server_release
from .started_servers import find_started_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from loracheck.documents.model import Document, Path
    from loracheck.documents.shell.commands import CommandDocument

    from .served_adapters import StartedContainer

SWITCH = "true"
"""The value of an option that stands alone."""


class ServerOptions(NamedTuple):
    """The literal options of one server: name (with dashes, without the leading ones) -> text."""

    engine: str
    version: str | None
    """The engine's release, where the file tells it."""

    values: dict[str, str]
    adapters: tuple[str, ...]
    """The adapters that it is given, as they are written."""

    complete: bool
    """Whether every word is known, so that it has no further options."""

    program: bool
    """Whether the options are arguments of a Python call."""

    place: Callable[[str], Path | Span]
    """Where an option, or a variable, stands."""

    environment: Mapping[str, str] = MappingProxyType({})
    """The texts of the variables that a container gets, by their names."""

    words: tuple[str, ...] = ()
    """The words of its command; none of a Python call."""

    volumes: tuple[tuple[str, str], ...] = ()
    """The folders of the host that its container gets, each with where it gets it."""

    def spell(self, name: str) -> str:
        """An option as the file writes it."""
        return name.replace("-", "_") if self.program else name

    def get_number(self, name: str, default: int | None = None) -> int | None:
        """The whole number that an option has; the default where it is not given, None where it is
        given and not known, or may be given.
        """
        if name not in self.values:
            return default if self.complete else None
        text = self.values[name]
        return int(text) if text.isdecimal() and len(text) < 10 else None


def find_server_options(document: Document) -> Iterator[ServerOptions]:
    """The servers that a document starts."""
    if "lora" not in document.source.lower():
        return
    if document.format == "yaml":
        for one in find_started_containers(document):
            engine = find_engine(one.words)
            if engine is not None:
                version = get_image_version(one.image, engine)
                whole = not any("$" in word or "{{" in word for word in one.words)
                built = _build(engine, version, one.words, whole, partial(_find_in_container, one))
                given = {name: text for name, (text, _) in one.environment.items()}
                yield built._replace(environment=given, volumes=one.volumes)
    elif document.format in ("python", "notebook"):
        yield from _read_python(document)
        for command in find_started_words(document):
            engine = find_engine(command.words)
            if engine is not None:
                version = find_server_release(document, engine)
                at = partial(_stay_at, command.place)
                yield _build(engine, version, command.words, command.complete, at)
    for script in find_command_documents(document):
        yield from _read_script(script)


def _read_script(script: CommandDocument) -> Iterator[ServerOptions]:
    for command in script.commands:
        run = read_container_run(command.words, RUN_IMAGES)
        words_outside = run.words if run is not None else command.words
        words, image, volumes = list_started_words(command.words)
        engine = find_engine(words)
        if engine is None:
            continue
        written = script.script[command.words[0].start : command.words[-1].end]
        own = any(mark in written for mark in ("$@", "$*", "${@", "${*"))  # the script's own words
        whole = command.complete and not own and not any(word.many for word in words_outside)
        spans = {_get_name(word.text): (word.start, word.end) for word in words_outside}
        variables = run.environment if run is not None else {}
        spans |= {name: (word.start, word.end) for name, word in variables.items()}
        place = partial(_find_word, script, spans)
        version = get_image_version(image, engine)
        if version is None and image is None:
            version = find_server_release(script, engine)
        given = {name: word.text.partition(f"{name}=")[2] for name, word in variables.items()}
        built = _build(engine, version, words, whole, place)
        yield built._replace(environment=given, volumes=tuple(split_volumes(volumes)))


def _find_word(script: CommandDocument, spans: dict[str, tuple[int, int]], name: str) -> Span:
    return script.script_span(*spans[name])


def _read_python(document: Document) -> Iterator[ServerOptions]:
    for root, call in enumerate(get_calls(document)):
        arguments = document.roots[root]
        if call.name.rpartition(".")[2] not in ENGINES or arguments.get("enable_lora") is not True:
            continue
        if call.fails or not call.complete:
            continue
        values = {str(key).replace("_", "-"): str(value) for key, value in arguments.items()}
        values = {key: SWITCH if value == "True" else value for key, value in values.items()}
        version = find_server_release(document, "vllm")
        yield ServerOptions("vllm", version, values, (), True, True, partial(_find_keyword, root))


def _find_in_container(container: StartedContainer, name: str) -> Path:
    return container.environment[name][1] if name in container.environment else container.place


def _stay_at(place: Path | Span, _: str) -> Path | Span:
    return place


def _find_keyword(root: int, name: str) -> Path:
    return root, name.replace("-", "_")


def _build(
    engine: str,
    version: str | None,
    words: list[str],
    whole: bool,
    place: Callable[[str], Path | Span],
) -> ServerOptions:
    values: dict[str, str] = {}
    for number, word in enumerate(words):
        if word.startswith("--"):
            _, equals, value = word.partition("=")
            after = words[number + 1] if number + 1 < len(words) else "--"
            values[_get_name(word)] = (
                value if equals else SWITCH if after.startswith("--") else after
            )
    adapters = tuple(list_option_values(words, ADAPTERS))
    complete = whole and not any(UNKNOWN_MARK in word for word in words)
    given = tuple(words)
    return ServerOptions(engine, version, values, adapters, complete, False, place, words=given)


def _get_name(word: str) -> str:
    return word.partition("=")[0].lstrip("-").replace("_", "-")
