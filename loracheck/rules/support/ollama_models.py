"""Which model a name means, of those that Ollama's library and the Hub call by like names."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple

_FAMILIES = r"llama-?(?:2|3|3\.[123])|qwen-?(?:2|2\.5|3)|gemma-?[23]?|mistral"
_HUB = compile_when_used(
    rf"(?i)(?:meta-)?(?P<family>{_FAMILIES})-(?P<size>\d+(?:\.\d+)?)b"
    r"(?:-(?:instruct|it|chat|hf|base|v0\.\d|bnb|unsloth|4bit|gguf))*(?::[\w.]+)?"
)
"""The last part of a Hub id that is the model itself and no other one made of it."""
_LIBRARY = compile_when_used(rf"(?i)(?P<family>{_FAMILIES})(?::(?P<tag>[\w.-]+))?")
_SIZE = compile_when_used(r"(?i)(?P<size>\d+(?:\.\d+)?)b(?:-.*)?")
_HUB_MARKS = ("hf.co/", "huggingface.co/")


class OllamaModel(NamedTuple):
    """A family of Ollama's library and a size in billions, "" where that is not said."""

    family: str
    size: str

    @property
    def tag(self) -> str:
        """The model as FROM names it."""
        return f"{self.family}:{self.size}b" if self.size else self.family

    def may_be(self, other: OllamaModel) -> bool:
        """Whether both may be one model: bases and chat models of one size are taken for one."""
        same_size = "" in (self.size, other.size) or self.size == other.size
        return self.family == other.family and same_size


def name_model(name: str) -> OllamaModel | None:
    """The model of a Hub id (`meta-llama/Llama-3.1-8B-Instruct`), or of a name of Ollama's library
    (`llama3.1:8b-instruct-q4_0`); None where the name is not certain to mean one.
    """
    if "/" in name:
        local = name.startswith((".", "/", "~")) or "\\" in name
        parts = name.split("/")
        on_hub = len(parts) == 2 or name.startswith(_HUB_MARKS)
        match = _HUB.fullmatch(parts[-1]) if on_hub and not local else None
        return OllamaModel(_spell(match["family"]), match["size"]) if match is not None else None
    match = _LIBRARY.fullmatch(name)
    if match is None:
        return None
    size = _SIZE.fullmatch(match["tag"] or "")
    return OllamaModel(_spell(match["family"]), size["size"] if size is not None else "")


def _spell(family: str) -> str:
    return family.lower().replace("-", "")
