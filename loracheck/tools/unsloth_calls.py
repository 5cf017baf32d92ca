"""Calls in Python that Unsloth's classes do not have, or that end with its own error. In come the
calls of a file and its text, out come those that fail, with what to write instead.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Script, Use

PACKAGE = "unsloth"
"""The library's name."""

SINCE = "2025.4.2"
"""The first release that refuses the same of language and vision models (commit ed16a50b)."""

CLASSES = frozenset({"FastLanguageModel", "FastModel", "FastVisionModel", "FastTextModel"})
"""The classes whose models get the saving functions of unsloth/save.py."""

_METHODS = frozenset(
    {
        *("from_pretrained", "get_peft_model", "for_inference", "for_training"),
        *("get_mtp_head", "reap_prune", "_prepare_for_qat", "patch_peft_model"),
        *("pre_patch", "post_patch", "post_unpatch", "post_patch_model"),
    }
)
"""What any of the classes has had in any release from 2023 to 2026.10.9 (loader.py, llama.py and
vision.py of unsloth/models).
"""

_USUAL = ("from_pretrained", "get_peft_model", "for_inference", "for_training")

_ELSEWHERE = {
    "save_pretrained": "model.save_pretrained(folder)",
    "save_pretrained_merged": "model.save_pretrained_merged(folder, tokenizer)",
    "save_pretrained_gguf": "model.save_pretrained_gguf(folder, tokenizer)",
    "push_to_hub": "model.push_to_hub(name)",
    "push_to_hub_merged": "model.push_to_hub_merged(name, tokenizer)",
    "push_to_hub_gguf": "model.push_to_hub_gguf(name, tokenizer)",
    "load_adapter": "model.load_adapter(folder, adapter_name)",
    "load_lora": "model.load_lora(folder)",
    "generate": "model.generate(...)",
    "merge_and_unload": "model.merge_and_unload()",
    "train": "FastLanguageModel.for_training(model)",
    "eval": "FastLanguageModel.for_inference(model)",
    "get_chat_template": "get_chat_template(...) of unsloth.chat_templates",
}
"""What is looked for in the classes and stands elsewhere, mostly in the model that they load."""

_CLASS_SOURCE = "Unsloth: unsloth/models/loader.py (FastLanguageModel, FastModel)"
_SAVE = "Unsloth: unsloth/save.py (unsloth_save_model, unsloth_generic_save)"
_GGUF = "Unsloth: unsloth/save.py (save_to_gguf)"

MERGES = frozenset({"save_pretrained_merged", "push_to_hub_merged"})
"""Methods that write the model with its adapter merged into it."""

_CONVERTS = frozenset({"save_pretrained_gguf", "push_to_hub_gguf"})
_THIRD = 2
"""The place of save_method and quantization_method, behind the folder and the tokenizer."""

_QUANTS = frozenset(
    {
        *("not_quantized", "fast_quantized", "quantized", "f32", "bf16", "f16", "q8_0"),
        *("q4_k_m", "q5_k_m", "q2_k", "q2_k_l", "q3_k_l", "q3_k_m", "q3_k_s", "q3_k_xs"),
        *("q4_0", "q4_1", "q4_k_s", "q4_k", "q5_k", "q5_0", "q5_1", "q5_k_s", "q6_k"),
    }
)
"""ALLOWED_QUANTS of unsloth/save.py, which has had no others since SINCE; names are read in lower
case.
"""

_IMATRIX = frozenset(
    {
        *("iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq2_m", "iq3_xxs", "iq3_s", "iq3_m"),
        *("iq4_nl", "iq4_xs"),
    }
)
"""IMATRIX_QUANTS: they need imatrix_file."""

ADDED_METHODS = MERGES | _CONVERTS | {"save_pretrained_torchao"}
"""Methods that Unsloth adds to the models that its own loaders load (patch_saving_functions)."""

ENGINE_METHOD = "load_lora"
"""The method that a model with an adapter has where vLLM runs beside it: fast_inference=True."""

NO_ENGINE = (
    f"Unsloth has loaded the model without vLLM, and it has no `{ENGINE_METHOD}`: AttributeError"
)
START_ENGINE = (
    "write fast_inference=True into from_pretrained, or load the adapter's folder by "
    "FastLanguageModel.from_pretrained and generate with it"
)

NO_ADAPTER = (
    f"Unsloth gives `{ENGINE_METHOD}` to models with an adapter alone, and none was put on this "
    "one: AttributeError"
)
PUT_ADAPTER = (
    "call get_peft_model of the class that loaded it first, with the adapter's rank and targets"
)

BARE_MODEL = "Unsloth's loader, without an adapter,"
"""Whose a model is on which no adapter was put, in a message."""

ENGINE_SOURCE = "Unsloth: unsloth/models/_utils.py (patch_peft_fast_inference)"

WITHOUT_LOADER = "load the model with FastLanguageModel.from_pretrained of Unsloth"
"""What to do where a model of transformers is to be saved by them."""

_OTHER_SAVERS = compile_when_used(
    r"Fast(?:Decision|SentenceTransformer|Diffusion)|def (?:save_pretrained|push_to_hub)_|"
    r"(?i:\bmlx|\bmps\b|darwin|gpt[-_]?oss)"
)
"""Words of a file whose models may be saved by other functions: Unsloth's other classes, functions
of the file's own, Apple's MLX, which merges into 4 bits and hands any type to llama.cpp
(unsloth_zoo/mlx/utils.py), and gpt-oss, whose GGUF type is always MXFP4.
"""

_GPU = compile_when_used(r"(?i)cuda|xformers|bitsandbytes|nvidia")
"""Words of a file that runs on a GPU, where MLX is not."""


class RefusedCall(NamedTuple):
    """A call that ends with an error."""

    use: Use
    says: str
    help: str
    source: str
    certain: bool
    """Whether it does so wherever the file runs."""


def runs_on_gpu(text: str) -> bool:
    """Whether a file says that it runs on a GPU, where MLX is not."""
    return _GPU.search(text) is not None


def find_missing_methods(script: Script, text: str) -> Iterator[RefusedCall]:
    """The calls of a script, whose text is given too, that name a method of Unsloth's classes which
    no release has.
    """
    for use in script.uses:
        owner, _, name = use.name.rpartition(".")
        package, _, kind = owner.rpartition(".")
        if use.fails or kind not in CLASSES or package.partition(".")[0] != PACKAGE:
            continue
        lacks = name not in _METHODS and not hasattr(type, name)
        # A script may give the class a method of its own, or ask for it first.
        own = rf"\b{kind}\.{re.escape(name)}\s*=[^=]|\w+attr\(\s*{kind}\b|\bAttributeError\b"
        if lacks and not re.search(own, text):
            yield _build_missing_method(use, kind, name)


def find_refused_saves(script: Script, text: str) -> Iterator[RefusedCall]:
    """The calls of a script, whose text is given too, that save a model of Unsloth's in a way which
    it refuses; none where the model may be saved by something else.
    """
    if not any(map(_loads_model, script.uses)) or _OTHER_SAVERS.search(text):
        return
    certain = runs_on_gpu(text)
    for use in script.uses:
        if use.fails or not use.owner.name:
            continue
        if use.last in MERGES:
            yield from _check_merge(use, certain)
        elif use.last in _CONVERTS and "save_method" not in use.arguments:
            yield from _check_conversion(use, certain)


def _loads_model(use: Use) -> bool:
    """Whether a call loads a model by one of Unsloth's classes, or puts an adapter on one."""
    owner, _, method = use.name.rpartition(".")
    package, _, kind = owner.rpartition(".")
    if kind not in CLASSES or package.partition(".")[0] != PACKAGE:
        return False
    return method in ("from_pretrained", "get_peft_model")


def _build_missing_method(use: Use, kind: str, name: str) -> RefusedCall:
    close = get_close_matches(name, _USUAL, 1)
    if name in _ELSEWHERE:
        mend = f"write {_ELSEWHERE[name]}"
    elif close:
        mend = f"write {kind}.{close[0]}"
    else:
        mend = f"its methods are {', '.join(_USUAL)}"
    says = f"`{kind}` has no `{name}`: AttributeError"
    return RefusedCall(use, says, mend, _CLASS_SOURCE, certain=True)


def _check_merge(use: Use, certain: bool) -> Iterator[RefusedCall]:
    if _get_literal(use, "save_method") == "merged_4bit":
        yield RefusedCall(
            use,
            'Unsloth on a GPU refuses `save_method="merged_4bit"`: RuntimeError, "Merging into '
            '4bit will cause your model to lose accuracy"',
            'write save_method="merged_16bit", or "merged_4bit_forced" where 4 bits are meant',
            _SAVE,
            certain,
        )


def _check_conversion(use: Use, certain: bool) -> Iterator[RefusedCall]:
    value = _get_literal(use, "quantization_method")
    for quant in value if isinstance(value, (list, tuple)) else (value,):
        if not isinstance(quant, str) or quant.lower() in _QUANTS:
            continue
        if quant.lower() not in _IMATRIX:
            close = get_close_matches(quant.lower(), _QUANTS, 1)
            yield RefusedCall(
                use,
                f'Unsloth on a GPU has no `quantization_method="{quant}"`: RuntimeError, "Quant '
                f'method = [{quant.lower()}] not supported"',
                f'write "{close[0] if close else "q4_k_m"}"',
                _GGUF,
                certain,
            )
        elif use.complete and "imatrix_file" not in use.arguments:
            yield RefusedCall(
                use,
                f'Unsloth refuses `quantization_method="{quant}"` without imatrix_file: '
                "RuntimeError, it needs an importance matrix",
                "write imatrix_file=True beside it, or another method (q4_k_m)",
                _GGUF,
                certain,
            )


def _get_literal(use: Use, keyword: str) -> object:
    """The literal that an argument has; None where it is none, or not given."""
    operand = use.arguments.get(keyword, use.arguments.get(_THIRD))
    return operand.value if operand is not None else None
