"""A rule's page taken apart: its headings and its examples.

A line such as "With `--serve vllm==0.11`:", "With `--peft 0.17`:" or "With `--transformers 4.57`:"
before an example gives the options of `loracheck check` that it is meant for. A block of the
language `weights` after an example is what adapter_model.safetensors beside it holds: a tensor a
line, name, type and shape; one of the language `policy` is the policy that it is held against. One
of the language `lora` is a LoRA file by itself: its lines are those of `weights`, with `= 8` behind
a tensor of one element for its value, and `metadata KEY TEXT`; one of the language `adapter` is
style/adapter_config.json beside the example, one of the language `lycoris` lycoris_config.json.
"""

from __future__ import annotations

import re
from typing import NamedTuple

HEADINGS = ["What", "Why", "Bad", "Good", "Fix", "Source"]
FILES = {
    "json": "adapter_config.json",
    "yaml": "lora.yaml",
    "toml": "lora.toml",
    "python": "train.py",
    "sh": "run.sh",
    "modelfile": "Modelfile",
}
"""Language of a fenced block -> the name of the file that it is written to."""

LORA = "lora"
LORA_FILE = "lora.safetensors"
WEIGHTS = "weights"
POLICY = "policy"
ADAPTER = "adapter"
LYCORIS = "lycoris"
TOKENIZER = "tokenizer"
BLOCK = re.compile(
    r"^```(?P<language>[^\n`]*)\n(?P<text>.*?)^```[ \t]*$|^With `(?P<options>--[^`]+)`:$",
    re.DOTALL | re.MULTILINE,
)


class BlockError(Exception):
    """A fenced block that no file can be made of, with its place and the languages that can."""


class Example(NamedTuple):
    """One fenced example."""

    file: str
    """The name of a file that would hold it."""
    text: str
    serve: tuple[str, ...] = ()
    """The engines that it is to be served by."""
    weights: str | None = None
    """The lines that describe the weights beside it."""
    peft: str | None = None
    """The PEFT release that it is judged by."""
    policy: str | None = None
    """The text of the policy that it is held against."""
    model: str | None = None
    """The base model that stands in for its own."""
    transformers: str | None = None
    """The transformers release that it is judged by."""
    adapter: str | None = None
    """The text of style/adapter_config.json beside it."""
    lycoris: str | None = None
    """The text of lycoris_config.json beside it."""
    tokenizer: str | None = None
    """The text of style/tokenizer_config.json beside that."""


def sections(page: str) -> dict[str, str]:
    """The page's text by heading, in order."""
    parts = re.split(r"^## (\w+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples(page: str, heading: str, source: str = "page") -> list[Example]:
    """The examples below one heading; `source` is the page's name in errors."""
    part = sections(page)[heading]
    first_line = page[: page.index(part, page.index(f"## {heading}\n"))].count("\n") + 1
    return examples_of(part, source, first_line)


def examples_of(part: str, source: str, first_line: int) -> list[Example]:
    """The examples in a part of a page or of a file of cases that begins at `first_line` of
    `source`. Raises BlockError for a block that cannot be one.
    """
    found: list[Example] = []
    serve: tuple[str, ...] = ()
    peft: str | None = None
    model: str | None = None
    transformers: str | None = None
    for match in BLOCK.finditer(part):
        language, text, options = match.group("language", "text", "options")
        place = f"{source}:{first_line + part[: match.start()].count(chr(10))}"
        if options:
            serve = tuple(re.findall(r"--serve (\S+)", options))
            peft = next(iter(re.findall(r"--peft (\S+)", options)), None)
            model = next(iter(re.findall(r"--model (\S+)", options)), None)
            transformers = next(iter(re.findall(r"--transformers (\S+)", options)), None)
        elif language == WEIGHTS:
            if not found:
                raise BlockError(
                    f"{place}: a block of `{WEIGHTS}` stands behind the block of a config"
                )
            found[-1] = found[-1]._replace(weights=text)
        elif language == POLICY and found:
            found[-1] = found[-1]._replace(policy=text)
        elif language == ADAPTER and found:
            found[-1] = found[-1]._replace(adapter=text)
        elif language == LYCORIS and found:
            found[-1] = found[-1]._replace(lycoris=text)
        elif language == TOKENIZER and found:
            found[-1] = found[-1]._replace(tokenizer=text)
        elif language == LORA or language in FILES:
            name = FILES.get(language, LORA_FILE)
            found.append(
                Example(name, text, serve, peft=peft, model=model, transformers=transformers)
            )
        else:
            known = ", ".join(f"```{name}" for name in (*FILES, WEIGHTS, LORA))
            raise BlockError(f"{place}: a block ```{language} is no file; known are {known}")
    rest = BLOCK.sub(lambda match: "\n" * match[0].count("\n"), part)
    if "```" in rest:
        line = first_line + rest[: rest.index("```")].count("\n")
        raise BlockError(f"{source}:{line}: this block has no closing line ```")
    return found
