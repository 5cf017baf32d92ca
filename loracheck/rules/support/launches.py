"""How a Python script is started: the shell scripts beside it that name it, and the configuration
of accelerate and DeepSpeed that their commands name. In comes the script, out come the number of
processes, and whether DeepSpeed's ZeRO stage 3 or FSDP splits the model.

Options: accelerate 1.15.0 `commands/launch.py`, torch 2.13.0 `distributed/run.py`, DeepSpeed's
launcher (`deepspeed --num_gpus`). Keys: accelerate `commands/config/config_args.py`, DeepSpeed's
`zero_optimization.stage`.
"""

from __future__ import annotations

from os.path import basename, dirname, join

from loracheck.documents import read
from loracheck.documents.dependencies import list_names
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import find_repository, join_below
from loracheck.documents.shell.script import expand_commands
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document

MAX_SCRIPTS = 50
"""Most shell scripts of a folder that are looked through."""

_STAGE = 3
_COUNTS = ("--num_processes", "--num-processes", "--nproc_per_node", "--nproc-per-node")
_COUNTS_OF_DEEPSPEED = ("--num_gpus",)
_CONFIGS = ("--config_file", "--config-file")
_DEEPSPEED_CONFIGS = ("--deepspeed_config_file", "--deepspeed-config-file", "--deepspeed")
_STAGES = ("--zero_stage", "--zero-stage")
_LAUNCHERS = frozenset({"accelerate", "torchrun", "deepspeed", "python", "python3"})


class Launch(NamedTuple):
    """How a command starts a script."""

    processes: int = 0
    """How many processes; 0 where that is not known."""

    splits: bool = False
    """Whether ZeRO stage 3 splits the model, for certain."""

    file: str = ""
    """The name of the file that says so."""

    flattens: bool = False
    """Whether the first FSDP makes one flat tensor of each layer's weights, for certain."""


def find_launch(document: Document) -> Launch:
    """What is the same in all commands beside a script that start it."""
    launches = list(_find_launches(document))
    first = launches[0] if launches else Launch()
    return Launch(
        first.processes if all(one.processes == first.processes for one in launches) else 0,
        bool(launches) and all(one.splits for one in launches),
        first.file,
        bool(launches) and all(one.flattens for one in launches),
    )


def splits_model(document: Document, value: object) -> bool:
    """Whether DeepSpeed's configuration, a mapping or the path of a file beside the script, has
    ZeRO stage 3.
    """
    config = _read_config((document.path,), value) if isinstance(value, str) else value
    return _has_stage(config)


def _has_stage(config: object) -> bool:
    """Whether a configuration of DeepSpeed has ZeRO stage 3."""
    zero = config.get("zero_optimization") if isinstance(config, dict) else None
    return isinstance(zero, dict) and zero.get("stage") == _STAGE


def _find_launches(document: Document) -> Iterator[Launch]:
    """How each command starts the script, in the folder of the script and the one above."""
    folder, name = dirname(document.path), basename(document.path)
    root = find_repository(folder)
    above = dirname(folder) if root is not None and folder not in ("", root) else None
    for place in (folder, above) if above is not None else (folder,):
        try:
            files = list_names(place, "*.sh")[:MAX_SCRIPTS]
        except OSError:
            continue
        for file in files:
            for words in _list_commands(join(place, file), name):
                yield _read_command((document.path, join(place, file)), words, name)


def _list_commands(file: str, name: str) -> Iterator[list[str]]:
    """The words of the commands of a shell script that start the Python script of a name."""
    try:
        text = read(file).text
    except (OSError, DocumentError):
        return
    if name not in text:
        return
    for command in expand_commands(text):
        words = [word.text for word in command.words]
        if any(basename(word) == name for word in words) and _LAUNCHERS & set(words):
            yield words


def _read_command(paths: tuple[str, ...], words: list[str], name: str) -> Launch:
    """What one command says: the launcher's options, the files that they name, the script's own
    `--deepspeed`. `paths` are those of the script and of the shell script, beside which the files
    lie.
    """
    at = next(number for number, word in enumerate(words) if basename(word) == name)
    before, behind = words[:at], words[at + 1 :]
    counts = _COUNTS_OF_DEEPSPEED if "deepspeed" in before else _COUNTS
    count = _find_option(before, counts)
    config = _read_config(paths, _find_option(before, _CONFIGS))
    processes = int(count) if count.isdecimal() else 0
    if not count and isinstance(config.get("num_processes"), int):
        processes = int(str(config["num_processes"]))
    splits = _splits(paths, before) or _splits(paths, behind) or _splits_by_config(paths, config)
    return Launch(processes, splits, basename(paths[-1]), _flattens(config))


def _splits(paths: tuple[str, ...], words: list[str]) -> bool:
    """Whether options of a command ask for ZeRO stage 3."""
    by_option = "--use_deepspeed" in words and _find_option(words, _STAGES) == str(_STAGE)
    return by_option or _has_stage(_read_config(paths, _find_option(words, _DEEPSPEED_CONFIGS)))


def _splits_by_config(paths: tuple[str, ...], config: dict[object, object]) -> bool:
    """Whether a configuration of accelerate asks for ZeRO stage 3."""
    deepspeed = config.get("deepspeed_config")
    if config.get("distributed_type") != "DEEPSPEED" or not isinstance(deepspeed, dict):
        return False
    file = deepspeed.get("deepspeed_config_file")
    return deepspeed.get("zero_stage") == _STAGE or _has_stage(_read_config(paths, file))


def _flattens(config: dict[object, object]) -> bool:
    """Whether a configuration of accelerate asks for the first FSDP, which it takes without a
    `fsdp_version`.
    """
    fsdp = config.get("fsdp_config")
    if config.get("distributed_type") != "FSDP" or not isinstance(fsdp, dict):
        return False
    version = fsdp.get("fsdp_version", 1)
    return type(version) is int and version == 1


def _find_option(words: list[str], names: tuple[str, ...]) -> str:
    """The value of an option, as `--name value` or `--name=value`; "" where it is not given."""
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            following = words[number + 1] if number + 1 < len(words) else ""
            return value if equals else following
    return ""


def _read_config(paths: tuple[str, ...], file: object) -> dict[object, object]:
    """The mapping in a file beside or below one of others; an empty one where there is none."""
    for path in paths:
        full = join_below(path, file) if isinstance(file, str) and file else None
        if full is None or not full.endswith((".json", ".yaml", ".yml")):
            continue
        try:
            roots = read(full).roots
        except (OSError, DocumentError):
            continue
        top = roots[0] if roots else None
        if isinstance(top, dict):
            return dict(top)
    return {}
