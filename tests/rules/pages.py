"""A rule's page taken apart: its headings and its examples.

A line such as "With `--serve vllm==0.11`:" or "With `--peft 0.17`:" before an example gives the
options of `loracheck check` that it is meant for. A block of the language `weights` after an
example is what adapter_model.safetensors beside it holds: a tensor a line, name, type and shape.
"""

from __future__ import annotations

import re
from typing import NamedTuple

HEADINGS = ["What", "Why", "Bad", "Good", "Fix", "Source"]
NAMES = {
    "json": "adapter_config.json",
    "yaml": "lora.yaml",
    "python": "train.py",
    "sh": "run.sh",
}
PART = re.compile(r"```(\w+)\n(.*?)```|^With `(--[^`]+)`:$", re.DOTALL | re.MULTILINE)


class Example(NamedTuple):
    """One fenced example: the name of a file that would hold it, its text, the engines that it is
    to be served by, the lines that describe the weights beside it, and the PEFT release.
    """

    file: str
    text: str
    serve: tuple[str, ...] = ()
    weights: str | None = None
    peft: str | None = None


def sections(page: str) -> dict[str, str]:
    """The page's text by heading, in order."""
    parts = re.split(r"^## (\w+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples(page: str, heading: str) -> list[Example]:
    """The examples below one heading."""
    return examples_of(sections(page)[heading])


def examples_of(part: str) -> list[Example]:
    """The examples in a part of a page."""
    found: list[Example] = []
    serve: tuple[str, ...] = ()
    peft: str | None = None
    for language, text, options in PART.findall(part):
        if options:
            serve = tuple(re.findall(r"--serve (\S+)", options))
            peft = next(iter(re.findall(r"--peft (\S+)", options)), None)
        elif language == "weights":
            found[-1] = found[-1]._replace(weights=text)
        else:
            found.append(Example(NAMES[language], text, serve, peft=peft))
    return found
