"""What the rules of scripts ask of a Python document's calls."""

from __future__ import annotations

import re

from loracheck.documents.python.known_calls import HANDS_BACK, KEEPS_OWNER, is_adapter_load
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.documents.model import Document, Span
    from loracheck.documents.python.uses import Operand, Script, Use

SAVES = frozenset({"save_pretrained", "push_to_hub"})
"""Methods by which transformers and PEFT write a model."""

MAX_CHAIN = 100
"""Calls through which a value is followed back: ten times as many as any script hands one on."""

_TRAINER = compile_when_used(r"\w*Trainer")
_LOADS = compile_when_used(r"transformers\.\w*(?:Model|For[A-Z])\w*\.from_pretrained")
"""A model class of transformers that loads a checkpoint."""

_LIBRARY_LOADS = compile_when_used(
    r"(?:transformers\.\w*(?:Model|For[A-Z])|diffusers\.\w*(?:Model|Transformer))\w*\.from_pretrained"
)
"""A model class of transformers or diffusers, with `add_adapter` of its own."""

_PIPELINE_LOADS = compile_when_used(r"diffusers\.\w*Pipeline\w*\.from_pretrained")
"""A pipeline of diffusers that loads a checkpoint."""

_TEXT_ENCODER = compile_when_used(r"(\w+)\.text_encoder(?:_\d)?", words=("text_encoder",))
"""A text encoder of a pipeline, which is a model of transformers."""

_LOCAL = "<local>."
"""Before the name of a variable in `Operand.path`."""

_UNWRAPS = compile_when_used(
    r"\b(?:merge_and_unload|unload|merge_adapter|get_base_model)\(",
    words=("merge_and_unload(", "unload(", "merge_adapter(", "get_base_model("),
)


def is_script(document: Document) -> bool:
    """Whether a document is a Python file or a notebook, whose calls can be read."""
    return document.format in ("python", "notebook") and hasattr(document, "script")


def read_calls(document: Document, *words: str) -> Script | None:
    """The calls of a document that has all of the words; None for any other."""
    if not is_script(document) or not all(word in document.source for word in words):
        return None
    script: Script = document.script  # type: ignore[attr-defined]
    return script


def get_call_span(document: Document, use: Use) -> Span:
    """Where the name of a call stands."""
    span: Span = document.lines.span(use.place.start, use.place.end)  # type: ignore[attr-defined]
    return span


def is_trainer(use: Use) -> bool:
    """Whether a call makes a trainer of transformers or TRL."""
    return _TRAINER.fullmatch(use.last) is not None


def get_model_argument(use: Use) -> Operand | None:
    """The model that a call is given: its first argument, or `model`."""
    return use.arguments.get("model", use.arguments.get(0))


def makes_adapter(use: Use) -> bool:
    """Whether a call puts an adapter on a model and gives the wrapper back: PEFT's `get_peft_model`
    and `from_pretrained` of its models (Unsloth's methods change the model that they are given).
    """
    package = use.name.partition(".")[0]
    return (use.last == "get_peft_model" and package in ("peft", "get_peft_model")) or (
        is_adapter_load(use.name)
    )


def is_model_load(use: Use) -> bool:
    """Whether a call loads a checkpoint into a model class of transformers."""
    return _LOADS.fullmatch(use.name) is not None


def is_library_load(use: Use) -> bool:
    """Whether a call loads a checkpoint into a model class of transformers or diffusers."""
    return _LIBRARY_LOADS.fullmatch(use.name) is not None


def find_source_call(script: Script, operand: Operand | None) -> Use | None:
    """The call whose result an operand is; None where it is of none that is known."""
    return (
        script.uses[operand.call_number]
        if operand is not None and operand.call_number >= 0
        else None
    )


def find_bits_option(script: Script, load: Use) -> str | None:
    """`load_in_4bit` or `load_in_8bit`, where a call loads its model so for certain: by an argument
    of its own, or of the BitsAndBytesConfig that it is given.
    """
    config = find_source_call(script, load.arguments.get("quantization_config"))
    sources = [load]
    if config is not None and "BitsAndBytes" in config.last:
        sources.append(config)
    for source in sources:
        for option in ("load_in_4bit", "load_in_8bit"):
            if option in source.arguments and source.arguments[option].value is True:
                return option
    return None


def find_load(script: Script, operand: Operand | None) -> Use | None:
    """The call of transformers that loaded a model, through the calls that hand it on or put an
    adapter on it; None where that cannot be followed.
    """
    for _ in range(MAX_CHAIN):
        if operand is None or operand.call_number < 0:
            return None
        use = script.uses[operand.call_number]
        if use.last == "from_pretrained":
            return use if is_model_load(use) else None
        hands_on = use.last in HANDS_BACK or (use.last == "get_peft_model" and makes_adapter(use))
        operand = (
            use.owner if use.last in KEEPS_OWNER else get_model_argument(use) if hands_on else None
        )
    return None


def find_bare_load(script: Script, operand: Operand | None) -> Use | None:
    """The call of transformers that loaded a model on which PEFT has put no wrapper since; None
    where it has, or where that cannot be followed.
    """
    for use in _follow_model(script, operand):
        if is_model_load(use):
            return use
        if makes_adapter(use):
            return None
    return None


def find_wrapped_load(script: Script, operand: Operand | None) -> Use | None:
    """The call of transformers that loaded a model around which PEFT's own functions have put a
    wrapper since; None where there is none, or where that cannot be followed.
    """
    is_wrapped = False
    for use in _follow_model(script, operand):
        if is_model_load(use):
            return use if is_wrapped else None
        is_wrapped = is_wrapped or makes_adapter(use)
    return None


def _follow_model(script: Script, operand: Operand | None) -> Iterator[Use]:
    """The calls that a model has gone through, the last one first, as far as they hand it on."""
    for _ in range(MAX_CHAIN):
        if operand is None or operand.call_number < 0:
            return
        use = script.uses[operand.call_number]
        yield use
        if use.last in KEEPS_OWNER:
            operand = use.owner
        elif use.last in HANDS_BACK or makes_adapter(use):
            operand = get_model_argument(use)
        else:
            return


def find_trained_model(script: Script, operand: Operand) -> Operand | None:
    """What a trainer was given, where an operand is its model (`trainer.model`); None for anything
    else, or where the trainer's name is bound more than once.
    """
    name, _, attribute = operand.path.removeprefix(_LOCAL).partition(".")
    makers = script.assigned.get(name, ())
    if attribute != "model" or len(makers) != 1 or not is_trainer(makers[0]):
        return None
    return get_model_argument(makers[0])


def find_encoder_load(document: Document, script: Script, owner: Operand) -> Use | None:
    """The call that loaded the pipeline of diffusers whose text encoder an operand is
    (`pipe.text_encoder`); None where it is another thing, or where the pipeline's name is bound
    more than once or the encoder is replaced.
    """
    path = owner.path.removeprefix(_LOCAL)
    found = _TEXT_ENCODER.fullmatch(path)
    if found is None or re.search(rf"\b{re.escape(path)}\s*=[^=]", document.text):
        return None
    loads = [use for use in script.uses if use.variables and found[1] in use.variables]
    if len(loads) != 1 or _PIPELINE_LOADS.fullmatch(loads[0].name) is None:
        return None
    return loads[0]


def map_by_load(
    script: Script, method: str, find: Callable[[Script, Operand | None], Use | None]
) -> dict[int, Use]:
    """The first call of `method` on each model, by where the call stands that loads the model,
    which `find` (`find_load`, `find_bare_load`) leads back to.
    """
    calls: dict[int, Use] = {}
    for use in script.by_name.get(method, ()):
        load = find(script, use.owner)
        if load is not None:
            calls.setdefault(load.place.start, use)
    return calls


def unwraps_somewhere(document: Document) -> bool:
    """Whether the base model is taken out of the wrapper anywhere in the text."""
    return _UNWRAPS.search(document.source) is not None


def is_same_model(one: Operand | None, other: Operand | None) -> bool:
    """Whether two operands are one variable with one value, for certain."""
    return (
        one is not None
        and other is not None
        and bool(one.name)
        and one.name == other.name
        and one.call_number == other.call_number
        and one.call_number >= 0
    )
