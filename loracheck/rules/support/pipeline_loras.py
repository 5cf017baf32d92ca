"""The pipelines of diffusers that a script makes, and the LoRAs that it loads into them.

In comes a Script, out come `Pipeline`s: the call that makes one, and its methods in the order of
the text. Nothing is said of a pipeline that a function is given.
"""

from __future__ import annotations

import re

from loracheck.documents.python.known_calls import KEEPS_OWNER
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .script_adapters import get_literal
from .script_calls import MAX_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use

LOAD = "load_lora_weights"
TAKES_OFF = frozenset({"unload_lora_weights", "unload_lora", "delete_adapters"})
"""Methods that take LoRA's layers off again (diffusers 0.42.1 loaders/lora_base.py)."""

DENOISERS = ("transformer", "unet", "prior")
"""Parts of a pipeline that its LoRAs are for; text encoders need not get any."""

_MADE = compile_when_used(
    r"diffusers(?:\.\w+)*\.\w*Pipeline\w*\.(?:from_pretrained|from_single_file|from_pipe)"
)
"""A pipeline of diffusers that loads a checkpoint, or takes the parts of another one."""

_LOCAL = "<local>."
_PART = compile_when_used(r"(\w+)\.(\w+)", words=(".",))
_MORE = (
    "load_lora_adapter(",
    "add_adapter(",
    "load_adapter(",
    "load_attn_procs(",
    "load_lora_into",
)
"""Calls of a part that may put adapters on a pipeline's models beside its own."""


class Pipeline(NamedTuple):
    """A pipeline of a script."""

    made: Use
    """The call that makes it."""

    name: str
    """The one variable that it goes to; "" where there is none, or the variable has others too."""

    methods: tuple[Use, ...]
    """Its methods, in the order of the text, in the scope where it is made."""

    whole: bool
    """Whether its adapters are those that `methods` load: no call gets it, none of another scope
    loads any, and nothing puts adapters on its parts.
    """

    def list_loads(self, before: int) -> list[Use]:
        """The calls before the one of that number by which it loads a LoRA."""
        return [use for use in self.methods if use.last == LOAD and use.number < before]


def list_pipelines(document: Document, script: Script) -> Iterator[Pipeline]:
    """The pipelines of a script that load a LoRA."""
    loads = script.by_name.get(LOAD, ())
    owners = [(use, find_pipeline_call(script, use.owner)) for use in loads]
    more = any(word in document.source for word in _MORE) or any(
        made is None or made.scope != use.scope for use, made in owners
    )
    for number in sorted({made.number for _, made in owners if made is not None}):
        made = script.uses[number]
        methods = tuple(
            use
            for use in script.uses
            if use.scope == made.scope
            and not use.fails
            and _is_same(find_pipeline_call(script, use.owner), made)
        )
        yield Pipeline(made, _find_name(script, made), methods, not more and _is_own(script, made))


def find_pipeline_call(script: Script, operand: Operand | None) -> Use | None:
    """The call that makes the pipeline that an operand is; None where it is none, or not known."""
    for _ in range(MAX_CHAIN):
        if operand is None or operand.call_number < 0:
            return None
        use = script.uses[operand.call_number]
        if _MADE.fullmatch(use.name):
            return use
        operand = use.owner if use.last in KEEPS_OWNER else None
    return None


def find_denoiser(document: Document, pipeline: Pipeline, operand: Operand) -> str | None:
    """The denoiser of a pipeline that an operand is (`pipe.unet`, or a variable with it, or one
    that is put there); None where it is another thing.
    """
    found = _PART.fullmatch(operand.path.removeprefix(_LOCAL))
    if found is not None and found[1] == pipeline.name and found[2] in DENOISERS:
        replaced = re.search(rf"\b{pipeline.name}\.{found[2]}\s*=[^=]", document.text)
        return found[2] if replaced is None else None
    if not operand.name or not pipeline.name:
        return None
    for part in DENOISERS:
        given = pipeline.made.arguments.get(part)
        put = re.search(rf"\b{pipeline.name}\.{part}\s*=\s*{operand.name}\b", document.text)
        if put is not None or (given is not None and given.name == operand.name):
            return part
    return None


def get_adapter_names(use: Use, *keys: str | int) -> list[str] | None:
    """The adapters that a call names, in a text or a list of texts; None where they are not known,
    or none are named.
    """
    value = get_literal(use, *keys)
    names = [value] if isinstance(value, str) else value
    known = isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)
    return list(names) if known else None


def stand_in_one_block(document: Document, *uses: Use) -> bool:
    """Whether statements follow each other without a branch: all begin in one column, and no line
    between the first and the last begins left of it, or ends what one of them began.
    """
    if document.format != "python":
        return False
    lines = document.text.splitlines()
    numbers = [document.text.count("\n", 0, use.place.start) for use in uses]
    if max(numbers) >= len(lines):
        return False
    columns = {_measure(lines[number]) for number in numbers}
    column = min(columns)
    between = lines[min(numbers) : max(numbers) + 1]
    return len(columns) == 1 and all(
        _measure(line) >= column and not line.strip().startswith(("else", "elif", "except"))
        for line in between
        if line.strip() and not line.lstrip().startswith(("#", ")", "]", "}"))
    )


def _measure(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_same(one: Use | None, other: Use) -> bool:
    return one is not None and one.number == other.number


def _find_name(script: Script, made: Use) -> str:
    """The variable that a pipeline goes to, at once or through `.to("cuda")`."""
    names = {
        name
        for use in script.uses
        for name in use.variables or ()
        if use is made or (use.last in KEEPS_OWNER and _is_same(_trace(script, use), made))
    }
    name = next(iter(names)) if len(names) == 1 else ""
    others = script.assigned.get(name, ())
    return name if all(_is_same(_trace(script, use), made) for use in others) else ""


def _trace(script: Script, use: Use) -> Use | None:
    return use if _MADE.fullmatch(use.name) else find_pipeline_call(script, use.owner)


def _is_own(script: Script, made: Use) -> bool:
    """Whether no call is given the pipeline."""
    return not any(
        _is_same(find_pipeline_call(script, operand), made)
        for use in script.uses
        for operand in use.arguments.values()
    )
