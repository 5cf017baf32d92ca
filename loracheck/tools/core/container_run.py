"""What `docker run` in a script starts: the words behind the image, the image, the folders that are
mounted and the variables.

Docker's reference (`docker container run [OPTIONS] IMAGE [COMMAND] [ARG...]`, `--volume
HOST:CONTAINER[:OPTIONS]`); Podman and nerdctl take the same.
"""

from __future__ import annotations

from itertools import pairwise

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.documents.shell.word_expansion import Word

RUNNERS = ("docker", "podman", "nerdctl")
HERE = ("$(pwd)", "`pwd`", "$PWD", "${PWD}")
"""How a script writes the folder that it is started in."""


class ContainerRun(NamedTuple):
    """The image that is run, the words behind it, the volumes as a compose file has them, and the
    variables."""

    image: str
    words: list[Word]
    volumes: list[str]
    environment: dict[str, Word]
    """The word of each variable that it is given a value of (`-e NAME=VALUE`)."""


def read_container_run(words: Sequence[Word], images: Sequence[str]) -> ContainerRun | None:
    """The container that a command runs, where its image is one of `images` by the end of its name;
    None for any other command.
    """
    texts = [word.text for word in words]
    start = next((at for at, text in enumerate(texts[:2]) if text in RUNNERS), None)
    if start is None or "run" not in texts[start + 1 : start + 3]:
        return None
    at = next((n for n, text in enumerate(texts) if n > start and _is_one(text, images)), None)
    if at is None:
        return None
    volumes = [
        _write_volume(words[number + 1].raw if value is None else value)
        for number, value in _find_volumes(texts[:at])
        if number + 1 < at
    ]
    environment = _find_environment(words[:at])
    return ContainerRun(texts[at], list(words[at + 1 :]), volumes, environment)


def _find_environment(words: Sequence[Word]) -> dict[str, Word]:
    """The words of `-e NAME=VALUE`, `--env NAME=VALUE` and `--env=NAME=VALUE`, by the name."""
    found: dict[str, Word] = {}
    for before, word in pairwise(words):
        if before.text in ("-e", "--env") and "=" in word.text:
            found[word.text.partition("=")[0]] = word
    for word in words:
        option, _, rest = word.text.partition("=")
        if option == "--env" and "=" in rest:
            found[rest.partition("=")[0]] = word
    return found


def _is_one(text: str, images: Sequence[str]) -> bool:
    name = text.partition("@")[0]
    head, _, tag = name.rpartition(":")
    name = head if head and "/" not in tag else name
    return "/".join(name.split("/")[-2:]) in images


def _find_volumes(texts: list[str]) -> list[tuple[int, str | None]]:
    """The places of `-v` and `--volume`, with the value that stands in the same word."""
    volumes: list[tuple[int, str | None]] = []
    for number, text in enumerate(texts):
        name, equals, value = text.partition("=")
        if name in ("-v", "--volume"):
            volumes.append((number, value if equals else None))
    return volumes


def _write_volume(raw: str) -> str:
    """The volume with `.` for the folder that the script is started in."""
    plain = raw.replace('"', "").replace("'", "")
    start = next((one for one in HERE if plain.startswith(one)), None)
    return f".{plain.removeprefix(start)}" if start is not None else plain
