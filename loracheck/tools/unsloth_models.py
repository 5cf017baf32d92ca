"""What Unsloth's classes read of a model before they put an adapter on it, or train it: in come
calls of a script, out comes what they certainly find.

Unsloth 2026.10.9 unsloth/models/llama.py and vision.py (get_peft_model), loader.py
(from_pretrained), rl_replacements.py (_unsloth_vllm_sync_kind).
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .unsloth_calls import CLASSES, PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.python.uses import Use
    from loracheck.documents.values import Value

COMPARES = "FastLanguageModel"
"""The class that goes on with an adapter where all parameters are the same; the others refuse."""

ALLOWS_STALE = "UNSLOTH_VLLM_ALLOW_STALE_ROLLOUTS"
"""With this variable a model is trained whose vLLM does not get its weights."""

_ORDER = ("", "r", "target_modules", "lora_alpha", "lora_dropout", "bias")
"""The parameters by position; the first is the model."""

_DEFAULTS: Mapping[str, Value] = {
    "r": 16,
    "lora_alpha": 16,
    "lora_dropout": 0.0,
    "bias": "none",
    "use_rslora": False,
    "layers_to_transform": None,
}
"""What is compared with the adapter, beside its targets, with what an argument left out means."""

_ENDS = {"embed_tokens", "lm_head"}

_PUBLISHERS = compile_when_used(
    r"(?:unsloth|Qwen|meta-llama|google|mistralai|microsoft|deepseek-ai|openai|HuggingFaceTB)/"
)
"""Publishers of base models: what has another id may be an adapter, which is loaded with its base
model.
"""


def find_class(use: Use, method: str) -> str | None:
    """The class of Unsloth's whose `method` a call is; None for any other call."""
    owner, _, last = use.name.rpartition(".")
    package, _, kind = owner.rpartition(".")
    ours = package.partition(".")[0] == PACKAGE and kind in CLASSES
    return kind if ours and last == method else None


def read_parameters(use: Use) -> Iterator[tuple[str, Value]]:
    """The parameters of a call of get_peft_model that are literals, and those left out too where
    nothing is hidden.
    """
    given = {
        _ORDER[key] if type(key) is int and key < len(_ORDER) else key: operand
        for key, operand in use.arguments.items()
    }
    for name, default in _DEFAULTS.items():
        if name in given:
            if given[name].value is not None:
                yield name, given[name].value
        elif use.complete:
            yield name, default
    targets = given["target_modules"].value if "target_modules" in given else None
    if isinstance(targets, (list, tuple)):
        yield "target_modules", list(targets)


def find_difference(use: Use, adapter: Mapping[str, Value]) -> str | None:
    """The first parameter of a call of get_peft_model that is certainly another one than the
    adapter's, which is given as its config has it.
    """
    for name, value in read_parameters(use):
        if name not in adapter:
            continue
        there = adapter[name]
        differs = _names_others(value, there) if name == "target_modules" else value != there
        if differs:
            return name
    return None


def _names_others(value: Value, there: Value) -> bool:
    """Whether two lists of targets name other modules, the ends of the model aside."""
    if not isinstance(value, list) or not isinstance(there, (list, tuple)):
        return False
    one = {str(name).rpartition(".")[2] for name in value} - _ENDS
    return one != {str(name).rpartition(".")[2] for name in there} - _ENDS


def loads_published_base(load: Use) -> bool:
    """Whether a call of from_pretrained loads a base model, by the publisher that its id tells."""
    given = load.arguments.get("model_name", load.arguments.get(0))
    name = given.value if given is not None else None
    known = isinstance(name, str) and _PUBLISHERS.match(name) is not None
    return known and find_class(load, "from_pretrained") is not None


def loads_quantized_without_vllm(load: Use) -> bool:
    """Whether a call of from_pretrained certainly loads a model in few bits and without vLLM."""
    given = {key: operand.value for key, operand in load.arguments.items()}
    name = given.get("model_name", given.get(0))
    if not load.complete or load.fails or not isinstance(name, str) or name.endswith("-bf16"):
        return False
    if given.get("fast_inference", False) is not False or "quantization_config" in given:
        return False
    off = ("full_finetuning", "load_in_16bit", "load_in_fp8")
    if any(given.get(key, False) is not False for key in off):
        return False
    return given.get("load_in_4bit", True) is True or given.get("load_in_8bit", False) is True
