"""What servers and converters make of a LoRA adapter, as data: one JSON file an engine in `data/`,
one reader.

An engine is added by a file, a release by its number and the facts that changed with it. Each fact
names the source file that it was read in. What was not read is not in the data: nothing is guessed.
"""

from __future__ import annotations

from .judge import find_unchecked, judge, knows
from .model import Engine, Fact, Ranks, Refusal, Trait
from .read import UnknownEngineError, list_engine_names, list_lora_file_engines, load, parse_engine

__all__ = [
    "Engine",
    "Fact",
    "Ranks",
    "Refusal",
    "Trait",
    "UnknownEngineError",
    "find_unchecked",
    "judge",
    "knows",
    "list_engine_names",
    "list_lora_file_engines",
    "load",
    "parse_engine",
]
