"""Where a config is read from: a file, or a text that stands for what the caller has."""

from __future__ import annotations

import errno
import json
import os

from loracheck.documents import FORMATS
from loracheck.documents.model import DocumentError
from loracheck.named_tuple import NamedTuple
from loracheck.trees.live import find_adapters, is_module
from loracheck.type_checking import TYPE_CHECKING

from .config_text import write_keywords, write_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

ADAPTER = "adapter_config.json"
OBJECT = "LoraConfig.py"
"""The name of an object's text."""

SNIFFED = (".yaml", ".toml", ".py", ".sh")
"""Formats of a text without a name, in the order of trial; JSON is known by its first character."""


class ConfigSource(NamedTuple):
    """A file to read, or its text."""

    path: str
    """The file's path, or the name of the text, whose suffix is the format."""

    text: str | None = None
    """The text; None for what stands in the file."""

    live: bool = False
    """Whether it is an object of the PEFT that is imported here."""


def find_config(config: Any, name: str | None = None) -> ConfigSource:
    """The source of a config: a path, an adapter's folder, a text (with a line break or braces), a
    mapping, an object of PEFT's LoraConfig, or a live model with an adapter.

    `name` gives a text its name and format. Raises OSError for a file that is not there, TypeError
    and ValueError for what is no config of LoRA.
    """
    if isinstance(config, os.PathLike):
        return ConfigSource(_find_file(os.fspath(config)))
    if isinstance(config, str):
        return _find_text(config, name)
    if isinstance(config, dict):
        return _find_mapping(config)
    if hasattr(type(config), "__dataclass_fields__") and hasattr(config, "peft_type"):
        return _find_object(config)
    if is_module(config):
        adapters = find_adapters(config)
        if not adapters:
            raise ValueError(f"the {type(config).__name__} has no adapter to take the config of")
        return _find_object(next(iter(adapters.values())))
    raise TypeError(
        f"a config is a path, a text, a dict or a LoraConfig, and no {type(config).__name__}"
    )


def _find_file(path: str | bytes) -> str:
    """The path of the config's file. Raises OSError where there is none."""
    file = os.fsdecode(path)
    if os.path.isdir(file):
        file = os.path.join(file, ADAPTER)
    if not os.path.exists(file):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
    return file


def _find_text(text: str, name: str | None) -> ConfigSource:
    if name is None and "\n" not in text and not text.lstrip().startswith("{") and "(" not in text:
        return ConfigSource(_find_file(text))
    if name is not None and os.path.splitext(name)[1].lower() not in FORMATS:
        raise ValueError(f"the name {name!r} of the text has none of the suffixes {[*FORMATS]}")
    return ConfigSource(name or f"config{_guess_suffix(text)}", text)


def _guess_suffix(text: str) -> str:
    """The suffix of the format that a text is in."""
    from loracheck.documents.formats import parse_as

    if text.lstrip().startswith("{"):
        return ".json"
    for suffix in SNIFFED:
        try:
            document = parse_as(suffix, f"config{suffix}", text)
        except DocumentError:
            continue
        if suffix == ".toml" or any(isinstance(root, (dict, list)) for root in document.roots):
            return suffix
    return ".yaml"


def _find_mapping(config: Mapping[Any, Any]) -> ConfigSource:
    """A tool's own mapping, or PEFT's, as JSON; what neither knows is LoraConfig's keywords."""
    from loracheck.documents import read
    from loracheck.tools import find_settings

    try:
        text = json.dumps(config, indent=2, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return ConfigSource(OBJECT, write_keywords(config))
    name = ADAPTER if "peft_type" in config else "config.json"
    settings = find_settings(read(name, text))
    return ConfigSource(name, text) if settings else ConfigSource(OBJECT, write_keywords(config))


def _find_object(config: Any) -> ConfigSource:
    kind = getattr(config.peft_type, "value", config.peft_type)
    if kind != "LORA":
        raise ValueError(f"the adapter is {kind}, and loracheck knows LORA alone")
    return ConfigSource(OBJECT, write_object(config), live=True)
