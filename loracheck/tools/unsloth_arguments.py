"""Arguments of Unsloth's loader and of its `get_peft_model` that end with an error. In come the
calls of a file and its text, out come those that fail, with what to write instead.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .unsloth_calls import RefusedCall, runs_on_gpu
from .unsloth_models import find_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Script, Use

_READ_AS_TEXT = ("float16", "bfloat16")
"""Names of types that FastLanguageModel turns into torch's; its releases before 2026 do not."""

_HANDS_ON = ("load_in_8bit", "full_finetuning", "qat_scheme")
"""Arguments with which FastLanguageModel gives the load to FastModel, which takes no text."""

_DTYPE = 2
_TARGETS = 2
"""The places of dtype, behind the name and the length, and of target_modules, behind the rank."""

_LOADER = "Unsloth: unsloth/models/loader.py (from_pretrained)"
_LEFT = "Unsloth: unsloth/models/_utils.py (_raise_if_no_lora_targets_left)"

_ENDS = ("embed_tokens", "lm_head")


def find_refused_arguments(script: Script, text: str) -> Iterator[RefusedCall]:
    """The calls of a script, whose text is given too, that Unsloth's classes refuse for one of
    their arguments.
    """
    certain = runs_on_gpu(text)
    for use in script.uses:
        if use.fails:
            continue
        kind = find_class(use, "from_pretrained")
        if kind is not None:
            yield from _check_dtype(use, kind, certain)
        elif find_class(use, "get_peft_model") is not None and "fast_inference" not in text:
            yield from _check_targets(use)  # beside vLLM the head stays a target


def _check_dtype(use: Use, kind: str, certain: bool) -> Iterator[RefusedCall]:
    """A type of numbers that is given as text and is none that the class reads."""
    given = use.arguments.get("dtype", use.arguments.get(_DTYPE))
    dtype = given.value if given is not None else None
    if not isinstance(dtype, str):
        return
    hands_on = any(key in use.arguments and use.arguments[key].value for key in _HANDS_ON)
    if kind == "FastLanguageModel" and dtype in _READ_AS_TEXT and not hands_on:
        return
    known = dtype in (*_READ_AS_TEXT, "float32")
    yield RefusedCall(
        use,
        f'`{kind}.from_pretrained` on a GPU refuses `dtype="{dtype}"`: AssertionError',
        f"write dtype={f'torch.{dtype}' if known else 'None'}"
        f"{'' if known else ', with which Unsloth chooses'}",
        _LOADER,
        certain,
    )


def _check_targets(use: Use) -> Iterator[RefusedCall]:
    """Targets that are all trained in full, so that nothing is left for LoRA."""
    given = use.arguments.get("target_modules", use.arguments.get(_TARGETS))
    names = given.value if given is not None else None
    if not isinstance(names, (list, tuple)) or not names or not use.complete:
        return
    if "target_parameters" in use.arguments:
        return
    if all(isinstance(name, str) and name.rpartition(".")[2] in _ENDS for name in names):
        yield RefusedCall(
            use,
            f"Unsloth trains {' and '.join(map(str, names))} in full, and no target is left for "
            'LoRA: RuntimeError, "`target_modules` is now empty"',
            "add a projection to target_modules, such as q_proj, and name the ends of the model "
            "in modules_to_save",
            _LEFT,
            certain=True,
        )
