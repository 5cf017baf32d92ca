"""Saved adapters that a file has a server take: `vllm serve` and SGLang's launch_server in a
script (in a notebook's cell, a here-document or `bash -c "..."` too), in a docker compose file and
in a Kubernetes manifest, in a command that Python starts, and `LLM(enable_lora=True)` with
`LoRARequest(name, id, folder)` in Python; ADAPTER of Ollama's Modelfile.

vLLM 0.33.0 `vllm/lora/request.py` (LoRARequest: lora_name, lora_int_id, lora_path),
`vllm/entrypoints/openai/cli_args.py`; SGLang 0.5.23 `python/sglang/srt/server_args.py`; the compose
file reference (services: image, command, entrypoint, volumes) and Kubernetes' PodSpec (containers:
image, command, args); text-generation-inference 3.3.7 `launcher/src/main.rs` (lora_adapters).
"""

from __future__ import annotations

from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .behaviour import Server
from .container_run import read_container_run
from .document_calls import get_calls
from .server_command import ENGINES, find_engine, read_server
from .server_release import find_server_release
from .started_servers import find_started_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.documents.values import Table, Value

IMAGES = {
    "vllm/vllm-openai": ("vllm", "serve"),
    "huggingface/text-generation-inference": ("text-generation-launcher",),
}
"""Images that start a server without being told to, with the words that they start it with."""

SETTLED = ("huggingface/text-generation-inference",)
"""Images that take every option by a variable too, and so need no word behind them."""

RUN_IMAGES = (*IMAGES, "lmsysorg/sglang")
"""Images of servers that a script may run."""

OWN_NAMES = {"tgi": "text-generation-inference"}
"""What an engine's image is called where that is not the engine's name."""

MAX_DEPTH = 12
"""Levels of a manifest that are searched for containers."""

LAST_OLLAMA = "0.33.0"
"""The last known release of Ollama that takes ADAPTER in a Modelfile: whoever writes one has that
or an older one (ollama/ollama pull request 14969).
"""

SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")
TAG = compile_when_used(r"v?(\d+(?:\.\d+)+)")


class ServedAdapter(NamedTuple):
    """An adapter folder as the file names it, the server that takes it, and where it stands."""

    folder: str
    server: Server
    place: Path | Span


def find_served_adapters(document: Document) -> Iterator[ServedAdapter]:
    """The adapters whose folder and server are written out, in the order of the text."""
    if document.format == "yaml":
        for index, root in enumerate(document.roots):
            for place, container, volumes in _find_containers(root, (index,), 0):
                yield from _read_container(place, container, volumes)
    elif document.format == "shell":
        yield from _read_commands(document)
    elif document.format in ("python", "notebook"):
        yield from _read_python(document)
    elif document.format == "modelfile":
        yield from _read_modelfile(document)
    for inner in getattr(document, "embedded", ()):  # here-documents, `bash -c`, cells
        yield from _read_commands(inner)


def _read_modelfile(document: Document) -> Iterator[ServedAdapter]:
    """The adapter that a Modelfile names, for the newest Ollama that takes one."""
    from loracheck.documents.modelfile.document import get_modelfile

    modelfile = get_modelfile(document)
    for one in modelfile.instructions if modelfile is not None else ():
        if one.name == "adapter" and modelfile is not None:
            folder, _, file = one.value.rpartition("/")
            folder = (folder or ".") if file.endswith(".safetensors") else one.value
            server = Server("ollama", version=LAST_OLLAMA)
            yield ServedAdapter(folder, server, modelfile.place(one))


def _read_commands(document: Document) -> Iterator[ServedAdapter]:
    """The adapters that the commands of a script give to a server."""
    for command in getattr(document, "commands", ()):
        words, image, volumes = list_started_words(command.words)
        server, folders = _read_server(words, image)
        if image is None and server.engine:
            server = server._replace(version=find_server_release(document, server.engine))
        for folder in folders:
            on_host = _on_host(folder, volumes) if image else folder
            word = next((one for one in command.words if folder in one.text), command.words[0])
            place = document.script_span(word.start, word.end)  # type: ignore[attr-defined]
            if on_host is not None:
                yield ServedAdapter(on_host, server, place)


def _read_words(words: list[str], document: Document) -> Iterator[tuple[str, Server]]:
    """The folders that a command's words give to a server, with that server."""
    server, folders = read_server(words)
    version = find_server_release(document, server.engine) if folders else None
    for folder in folders:
        yield folder, server._replace(version=version)


def list_started_words(words: Sequence[Word]) -> tuple[list[str], str | None, list[Value]]:
    """The words that a script's command starts a program with; of a container that it runs, these
    are the words inside, and the image and its volumes come with them.
    """
    run = read_container_run(words, RUN_IMAGES)
    if run is None:
        return [word.text for word in words], None, []
    inner = _put_behind_image([word.text for word in run.words], run.image)
    return inner, run.image, [*run.volumes]


def _read_server(words: list[str], image: Value) -> tuple[Server, list[str]]:
    server, folders = read_server(words)
    version = get_image_version(image, server.engine)
    return (server._replace(version=version) if version else server), folders


def _find_containers(
    value: Value, place: Path, depth: int
) -> Iterator[tuple[Path, Table, list[Value]]]:
    """The services of a compose file and the containers of a manifest, with their place and the
    volumes of a service.
    """
    if not isinstance(value, dict) or depth > MAX_DEPTH:
        return
    services = value.get("services")
    for name, service in services.items() if isinstance(services, dict) else ():
        if isinstance(service, dict):
            volumes = service.get("volumes")
            yield (*place, "services", name), service, volumes if isinstance(volumes, list) else []
    containers = value.get("containers")
    for number, one in enumerate(containers if isinstance(containers, list) else ()):
        if isinstance(one, dict):
            yield (*place, "containers", number), one, []
    for key in ("spec", "template", "jobTemplate", "predictor", "worker", "leaderWorkerTemplate"):
        yield from _find_containers(value.get(key), (*place, key), depth + 1)


def _read_container(place: Path, container: Table, volumes: list[Value]) -> Iterator[ServedAdapter]:
    image = container.get("image")
    commands = _list_started(container)
    if not commands:
        return
    server, folders = _read_server(commands, image)
    for folder in folders:
        here = _on_host(folder, volumes)
        if here is not None:
            yield ServedAdapter(here, server, (*place, *_step_to(container, folder)))


def _list_started(container: Table) -> list[str]:
    """The words that a container starts with: its own, behind those of an image that starts a
    server without being told to.
    """
    words = [
        word for key in ("entrypoint", "command", "args") for word in _split_command(container, key)
    ]
    if len(words) > 2 and words[0] in SHELLS and words[1].startswith("-"):
        words = _split_text(words[2])
    return _put_behind_image(words, container.get("image"))


def _put_behind_image(started: list[str], image: Value) -> list[str]:
    """The words, behind those that the image starts a server with where they start none."""
    name, _ = _split_image(image)
    if (started or name in SETTLED) and find_engine(started) is None and name in IMAGES:
        return [*IMAGES[name], *started]
    return started


def get_image_version(image: Value, engine: str) -> str | None:
    """The release of the engine that an image's tag tells."""
    name, tag = _split_image(image)
    version = TAG.fullmatch(tag)
    official = name.rpartition("/")[2].startswith(
        (OWN_NAMES.get(engine, engine), f"{engine}-openai")
    )
    return version[1] if version and official and engine else None


class StartedContainer(NamedTuple):
    """A container of a compose file or a manifest: where its command stands, the words of that, the
    image, and the texts of its variables with their places.
    """

    place: Path
    words: list[str]
    image: Value
    environment: dict[str, tuple[str, Path]]
    volumes: tuple[tuple[str, str], ...] = ()


def find_started_containers(document: Document) -> Iterator[StartedContainer]:
    """The services of a compose file and the containers of a manifest that start something."""
    for index, root in enumerate(document.roots):
        for place, container, volumes in _find_containers(root, (index,), 0):
            words = _list_started(container)
            keys = [key for key in ("args", "command", "entrypoint") if container.get(key)]
            at = (*place, *(keys[:1] or ["image"]))
            if words:
                environment = dict(_read_environment(container, place))
                mounted = tuple(split_volumes(volumes))
                yield StartedContainer(at, words, container.get("image"), environment, mounted)


def _read_environment(container: Table, place: Path) -> Iterator[tuple[str, tuple[str, Path]]]:
    """The variables of a service (`environment`, as a mapping or as a list of NAME=VALUE), or of a
    container in a manifest (`env`, a list of name and value).
    """
    given = container.get("environment")
    for name, value in given.items() if isinstance(given, dict) else ():
        if isinstance(value, (str, int)):
            yield str(name), (str(value), (*place, "environment", name))
    for number, one in enumerate(given if isinstance(given, list) else ()):
        if isinstance(one, str) and "=" in one:
            name, _, value = one.partition("=")
            yield name, (value, (*place, "environment", number))
    given = container.get("env")
    for number, one in enumerate(given if isinstance(given, list) else ()):
        if isinstance(one, dict) and isinstance(one.get("value"), (str, int)):
            yield str(one.get("name")), (str(one["value"]), (*place, "env", number, "value"))


def _step_to(container: Table, folder: str) -> Path:
    """The word of the container's command that names the folder, else the command."""
    keys = [key for key in ("args", "command", "entrypoint") if container.get(key)]
    for key in keys:
        words = container[key]
        for number, word in enumerate(words if isinstance(words, list) else ()):
            if folder in str(word):
                return key, number
    return (keys[0],)


def _split_image(value: Value) -> tuple[str, str]:
    """The image's name without a registry in front, and its tag."""
    if not isinstance(value, str):
        return "", ""
    name, _, tag = value.partition("@")[0].rpartition(":")
    name, tag = (name, tag) if name and "/" not in tag else (value, "")
    return "/".join(name.split("/")[-2:]), tag


def _split_command(container: Table, key: str) -> list[str]:
    """The words of a command, in whatever way it is written; none where one is no text."""
    value = container.get(key)
    if isinstance(value, str):
        return _split_text(value)
    words = value if isinstance(value, list) else []
    return [str(word) if isinstance(word, (str, int)) else UNKNOWN_MARK for word in words]


def _split_text(text: str) -> list[str]:
    import shlex

    try:
        return shlex.split(text.replace("\\\n", " "), comments=True)
    except ValueError:
        return []


def _on_host(folder: str, volumes: list[Value]) -> str | None:
    """The folder beside the file that is mounted where the server looks; None where none is."""
    if not folder.startswith("/"):
        return folder
    for source, target in split_volumes(volumes):
        inside = folder.removeprefix(target.rstrip("/"))
        if source.startswith(".") and inside != folder and inside[:1] in ("", "/"):
            return f"{source.rstrip('/')}{inside}"
    return None


def split_volumes(volumes: Sequence[Value]) -> Iterator[tuple[str, str]]:
    """The folder of the host and the one in the container, of each volume that names both."""
    for volume in volumes:
        if isinstance(volume, dict):
            source, target = volume.get("source"), volume.get("target")
        else:
            source, target, *_ = [*str(volume).split(":"), None, None]
        if isinstance(source, str) and isinstance(target, str):
            yield source, target


def _read_python(document: Document) -> Iterator[ServedAdapter]:
    """The requests of a file that makes one vLLM engine with LoRA, and the servers that its
    commands start.
    """
    for command in find_started_words(document):
        for folder, server in _read_words(command.words, document):
            yield ServedAdapter(folder, server, command.place)
    calls = get_calls(document)
    roots: list[Any] = document.roots
    engines = [
        roots[root]
        for root, call in enumerate(calls)
        if call.name.rpartition(".")[2] in ENGINES and roots[root].get("enable_lora") is True
    ]
    if len(engines) != 1:
        return
    rank = engines[0].get("max_lora_rank")
    literal = "max_lora_rank" not in engines[0] or type(rank) is int
    version = find_server_release(document, "vllm")
    server = Server("vllm", rank if type(rank) is int else None, not literal, version)
    for root, call in enumerate(calls):
        if call.name.rpartition(".")[2] == "LoRARequest":
            key = next((k for k in ("lora_path", "lora_local_path", 2) if k in roots[root]), None)
            if key is not None and type(roots[root][key]) is str:
                yield ServedAdapter(roots[root][key], server, (root, key))
