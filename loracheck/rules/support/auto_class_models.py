"""Which auto classes of transformers load a model that is known by its id alone."""

from __future__ import annotations

from loracheck.trees.auto_classes import find_model_types, list_auto_classes, makes_class
from loracheck.trees.model_ids import find_id

_LIKELY = ("CausalLM", "Seq2SeqLM", "ImageTextToText", "SpeechSeq2Seq", "MaskedLM")
"""Auto classes that are named first, where several load the model."""


def list_other_classes(auto: str, model: str) -> list[str]:
    """The auto classes (without `AutoModelFor`) that load a model, the likely ones first; none
    where `auto` does, and where that is not known.
    """
    row = find_id(model)
    row = find_id(row.copy_of) if row is not None and row.copy_of is not None else row
    architecture = row.architecture if row is not None else None
    if not architecture or makes_class(auto, architecture):
        return []
    types = find_model_types(architecture)
    autos = list_auto_classes(types) if types else []
    if auto in autos:
        return []
    return sorted(autos, key=lambda name: (*(name != one for one in _LIKELY), name))
