"""The right value for a wrong one, where it is plain what was meant."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from loracheck.documents.values import Value

    from .field_table import Field

LEAVE_OUT = "leave it out"

TASKS: dict[str, str] = {
    "questionanswering": "QUESTION_ANS",
    "questionanswer": "QUESTION_ANS",
    "extractiveqa": "QUESTION_ANS",
    "qa": "QUESTION_ANS",
    "squad": "QUESTION_ANS",
    "causal": "CAUSAL_LM",
    "clm": "CAUSAL_LM",
    "causallanguagemodeling": "CAUSAL_LM",
    "textgeneration": "CAUSAL_LM",
    "seq2seq": "SEQ_2_SEQ_LM",
    "seq2seqlanguagemodeling": "SEQ_2_SEQ_LM",
    "conditionalgeneration": "SEQ_2_SEQ_LM",
    "summarization": "SEQ_2_SEQ_LM",
    "translation": "SEQ_2_SEQ_LM",
    "sequenceclassification": "SEQ_CLS",
    "seqclassification": "SEQ_CLS",
    "textclassification": "SEQ_CLS",
    "classification": "SEQ_CLS",
    "tokenclassification": "TOKEN_CLS",
    "ner": "TOKEN_CLS",
    "embedding": "FEATURE_EXTRACTION",
    "features": "FEATURE_EXTRACTION",
}
"""Task names of tutorials and of transformers, squeezed, to PEFT's."""

INITS: dict[str, Any] = {
    "true": True,
    "default": True,
    "kaiming": True,
    "false": False,
    "random": False,
    "normal": "gaussian",
}
BIASES = {"lora": "lora_only", "true": "all", "false": "none", "no": "none", "null": "none"}
_TABLES: dict[str, dict[str, Any]] = {
    "task_type": TASKS,
    "init_lora_weights": INITS,
    "bias": BIASES,
}
_NO_TASK = frozenset({"other", "none", "null", "default", "custom", ""})


def strip_punctuation(value: Value) -> str:
    """The letters and digits of a name, in lower case: what people differ in are the signs."""
    return "".join(c for c in str(value).lower() if c.isalnum())


def strip_marks(value: Value) -> str:
    """A choice squeezed, without the class that `str` puts before an enumeration's name."""
    return strip_punctuation(str(value).rpartition("TaskType.")[2])


def suggest_choice(name: str, choices: Sequence[Any], value: Value) -> Any:
    """The choice of the field of that name that `value` most likely means, `LEAVE_OUT`, or None
    where that is not plain.
    """
    word = strip_marks(value)
    if name == "task_type" and word in _NO_TASK:
        return LEAVE_OUT
    for choice in choices:
        if word == strip_punctuation(choice):
            return choice
    suggestion = _TABLES.get(name, {}).get(word)
    if suggestion is not None:
        return suggestion
    from difflib import get_close_matches

    names = {str(choice).lower(): choice for choice in choices}
    near = get_close_matches(str(value).lower(), list(names), 1, 0.75)
    return names[near[0]] if near else None


def suggest_type(field: Field, value: Value) -> Value:
    """`value` in a type that the field takes, or None: '16' is 16, 'true' is True, 8.0 is 8."""
    types = field.type.split("|")
    if isinstance(value, str):
        low = value.strip().lower()
        if "bool" in types and low in ("true", "false", "yes", "no", "on", "off"):
            return low in ("true", "yes", "on")
        number = _number(low) if {"int", "number"} & set(types) else None
        if number is not None:
            value = number
        elif "list[str]" in types and value and "str" not in types:
            return [part.strip() for part in value.split(",")]
    if isinstance(value, float) and "number" not in types and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if "int" in types or "number" in types:
            return value
        return [value] if {"list[int]", "bare[int]"} & set(types) else None
    return value if isinstance(value, float) and "number" in types else None


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
