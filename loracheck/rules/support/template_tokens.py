"""The calls of TRL that give a model a chat template and the tokens of it. In come a script's calls
and the base model's id, out comes the call that certainly adds tokens which the model has not.

TRL 1.16.0 chat_template_utils.py (clone_chat_template), 0.25.1 models/utils.py (setup_chat_format).
"""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .script_adapters import get_text

if TYPE_CHECKING:
    from loracheck.documents.python.uses import Script, Use

_FAMILIES = {
    "qwen": r"qwen|qwq",
    "llama 3": r"llama-?3",
    "llama 2": r"llama-?2|codellama|tinyllama",
    "gemma": r"gemma",
    "mistral": r"mistral|mixtral",
    "phi": r"\bphi-?[2-4]",
    "smollm 3": r"smollm3",
    "smollm 2": r"smollm(?:2|-\d)",
    "gpt": r"\bgpt2|\bopt-\d|pythia|gpt-neo|\bbloom",
}
"""What the ids of models with one vocabulary have in common."""

_SOURCES = ("qwen", "llama 3", "gemma", "phi", "smollm 3")
"""Families with tokens in their templates that no other one has; but SmolLM 3 has Llama 3's."""

_SAME = {("llama 3", "smollm 3")}

_WITHOUT_CHATML = re.compile(
    r"(?:meta-llama|codellama|google|mistralai|TinyLlama|facebook|openai-community|EleutherAI|"
    r"bigscience)/"
)
"""Publishers whose models have no <|im_start|>, which setup_chat_format adds."""


def find_template_call(script: Script, model: object) -> Use | None:
    """The first call that adds tokens of a chat template to a model of this id, for certain."""
    if not isinstance(model, str):
        return None
    for use in script.by_name.get("clone_chat_template", ()):
        source = get_text(use, "source_tokenizer_path", 2)
        if not use.fails and source is not None and _adds_tokens(source, model):
            return use
    for use in script.by_name.get("setup_chat_format", ()):
        if not use.fails and _WITHOUT_CHATML.match(model):
            return use
    return None


def _adds_tokens(source: str, model: str) -> bool:
    """Whether one model's tokenizer has tokens that the other one's certainly has not."""
    pair = _find_family(source), _find_family(model)
    known = pair[0] in _SOURCES and pair[1] is not None
    return known and pair[0] != pair[1] and pair not in _SAME


def _find_family(model: str) -> str | None:
    """The family that an id tells; None where it tells none, or several."""
    found = [name for name, words in _FAMILIES.items() if re.search(words, model.lower())]
    return found[0] if len(found) == 1 else None
