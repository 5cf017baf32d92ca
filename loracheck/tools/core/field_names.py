"""LoraConfig's field names, and the model classes that go with a task type."""

from __future__ import annotations

from functools import cache

from loracheck.config.field_table import get_lora_fields
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADS = {
    "SEQ_CLS": ("SequenceClassification",),
    "SEQ_2_SEQ_LM": ("Seq2SeqLM", "SpeechSeq2Seq", "ImageTextToText", "CausalLM"),
    "TOKEN_CLS": ("TokenClassification",),
    "QUESTION_ANS": ("QuestionAnswering",),
    "FEATURE_EXTRACTION": ("Model",),
}
"""PEFT's task types (0.21.2 utils/peft_types.py TaskType) -> `Setting.heads`.

CAUSAL_LM is not here on purpose: the checkpoint's own class is what is loaded. It is the causal
one where there is one, and a vision-language model tuned as CAUSAL_LM is loaded as its own
...ForConditionalGeneration; AutoModelForCausalLM would give another class (Llama 4: the text model
alone, with other module names) or none (Qwen2-VL). A decoder with SEQ_2_SEQ_LM is loaded as one.
"""


MAX_SETTINGS = 500
"""Most settings of one file: an alias can make any number of them out of a few letters."""


@cache
def get_field_names() -> frozenset[str]:
    """Every LoraConfig field of the newest PEFT that is known."""
    return frozenset(get_lora_fields())


def get_heads(task: object) -> tuple[str, ...]:
    """`Setting.heads` for a task type; empty where the checkpoint's own class is meant."""
    return HEADS.get(task.upper(), ()) if isinstance(task, str) else ()


def find_unknown_fields(mapping: Iterable[object]) -> list[str]:
    """The keys that LoraConfig does not have."""
    known = get_field_names()
    if known.issuperset(mapping):
        return []
    return [key for key in mapping if isinstance(key, str) and key not in known]
