"""Methods for adapters that the pipelines of diffusers and the encoders of sentence-transformers do
not have. In comes a call of a script, out comes what is wrong with it.
"""

from __future__ import annotations

from types import MappingProxyType

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .pipeline_loras import find_pipeline_call
from .script_calls import find_source_call
from .script_releases import is_older

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use

_LOADS = "load_lora_weights(folder)"
_FUSES = "fuse_lora() and unload_lora_weights()"

PIPELINE_METHODS = MappingProxyType(
    {
        **dict.fromkeys(("load_adapter", "load_lora_adapter", "load_attn_procs"), _LOADS),
        **dict.fromkeys(("load_lora", "add_adapter"), _LOADS),
        "set_adapter": "set_adapters(name)",
        **dict.fromkeys(("merge_and_unload", "merge_adapter"), _FUSES),
        **dict.fromkeys(("unload", "unload_lora"), "unload_lora_weights()"),
        "add_weighted_adapter": "set_adapters([names], [weights])",
        "delete_adapter": "delete_adapters(name)",
        "enable_adapters": "enable_lora()",
        "disable_adapters": "disable_lora()",
    }
)
"""A method of PEFT's or of a single model's that no pipeline of diffusers 0.42.1 has (asked of all
its classes) -> the pipeline's own.
"""

_ENCODER_METHODS = frozenset(
    ("add_adapter", "load_adapter", "set_adapter", "enable_adapters", "disable_adapters")
)
"""Methods that a SentenceTransformer has since sentence-transformers 3.3 (`peft_mixin.py`)."""

_ENCODER, _PACKAGE, _SINCE = (
    "sentence_transformers.SentenceTransformer",
    "sentence-transformers",
    "3.3.0",
)


class MissingMethod(NamedTuple):
    """A call of a method that its object does not have."""

    made: Use
    """The call that makes the object."""

    says: str
    """What is wrong."""

    mend: str
    """What to write."""


def find_missing_method(document: Document, script: Script, use: Use) -> MissingMethod | None:
    """What is wrong with a call on a pipeline or an encoder; None for any other, or where the
    object is not known.
    """
    if use.last in PIPELINE_METHODS:
        made = find_pipeline_call(script, use.owner)
        if made is not None and "custom_pipeline" not in made.arguments and made.complete:
            says = f"a pipeline of diffusers has no `{use.last}`: AttributeError"
            return MissingMethod(made, says, f"write {PIPELINE_METHODS[use.last]}")
    if use.last in _ENCODER_METHODS:
        made = find_source_call(script, use.owner)
        if made is not None and made.name == _ENCODER and is_older(document, _PACKAGE, _SINCE):
            says = f"a SentenceTransformer before {_PACKAGE} 3.3 has no `{use.last}`"
            return MissingMethod(made, f"{says}: AttributeError", f"use {_PACKAGE} 3.3 or newer")
    return None
