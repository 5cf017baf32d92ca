"""Quantised checkpoints: the classes that PEFT finds in place of nn.Linear, and what it refuses on
them.

A built tree is the plain model; transformers swaps the linear layers while it loads. Names and
shapes stay, classes do not. Sources: transformers 5.23.0 `integrations/` and `quantizers/`, PEFT
0.21.2 `tuners/lora/` (bnb.py, gptq.py, awq.py, aqlm.py, eetq.py, hqq.py, torchao.py). What PEFT
refuses was run: with bitsandbytes 0.50.2 on a CPU, the others on stand-ins for their classes
(`python -m bench.oracle.quantised`).
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from .model import ModuleTree


class Method(NamedTuple):
    """A quantisation method as PEFT sees it.

    `layer` is the class that stands in for nn.Linear, `wrapper` what PEFT puts on it (None: no
    dispatcher of PEFT knows the class, so wrapping fails), `refuses` LoraConfig fields that PEFT's
    constructor for it refuses when switched on, `inits` the values of `init_lora_weights` that
    fail on its weights. `linear` tells whether the class is an nn.Linear; `all-linear` sees no
    other. `ignores` are variants that the wrapper passes over without a word. `merging` tells what
    `merge_and_unload` does on the layers: it raises, or quantises the merged weights anew, which
    rounds them; "unpacked" raises as well, and works where the checkpoint is turned into 16 bits
    while it is loaded; None where that is not known.
    """

    layer: str
    wrapper: str | None
    refuses: tuple[str, ...] = ()
    inits: tuple[str, ...] = ()
    linear: bool = True
    ignores: tuple[str, ...] = ()
    merging: Literal["raises", "rounds", "unpacked"] | None = None


_VELORA = "velora_config"
_DORA = ("use_dora", _VELORA)
_VARIANTS = (
    *_DORA,
    *("kasa_config", "monteclora_config", "use_bdlora", "arrow_config", "alora_invocation_tokens"),
)
_SPECTRAL = ("pissa", "orthogonal", "mica", "corda")
_ALL = (*_SPECTRAL, "olora")
"""Initialisations that read or change the weight: in bytes it fits none of these, and where there
is no `weight` at all they find none.
"""

_UNKNOWN = ("kasa_config", "monteclora_config", "use_bdlora")

METHODS: dict[str, Method] = {
    "bitsandbytes-4bit": Method(
        "bitsandbytes.nn.Linear4bit",
        "lora.Linear4bit",
        (_VELORA,),
        _SPECTRAL,
        ignores=_UNKNOWN,
        merging="rounds",
    ),
    "bitsandbytes-8bit": Method(
        "bitsandbytes.nn.Linear8bitLt",
        "lora.Linear8bitLt",
        (_VELORA,),
        _SPECTRAL,
        ignores=_UNKNOWN,
        merging="rounds",
    ),
    "gptq": Method(
        "gptqmodel's quantised linear",
        "lora.GPTQLoraLinear",
        _DORA,
        _ALL,
        False,
        _UNKNOWN,
        "raises",
    ),
    "awq": Method(
        "gptqmodel's AWQ linear", "lora.AwqLoraLinear", _VARIANTS, _ALL, False, (), "raises"
    ),
    "aqlm": Method(
        "aqlm.QuantizedLinear", "lora.AqlmLoraLinear", _VARIANTS, _ALL, False, (), "raises"
    ),
    "eetq": Method("EetqLinear", "lora.EetqLoraLinear", _VARIANTS, _ALL, False, (), "raises"),
    "hqq": Method(
        "hqq's HQQLinear",
        "lora.HqqLoraLinear",
        ("lora_bias", _VELORA),
        _ALL,
        False,
        _UNKNOWN,
        "rounds",
    ),
    "torchao": Method("nn.Linear with torchao weights", "lora.TorchaoLoraLinear", ("lora_bias",)),
    "fp8": Method(
        "FP8Linear, an nn.Linear (fused experts keep their parameters, in FP8)",
        "lora.Linear",
        merging="unpacked",
    ),
    "fbgemm_fp8": Method("FbgemmFp8Linear, an nn.Linear", "lora.Linear"),
    "compressed-tensors": Method("nn.Linear with compressed weights", "lora.Linear"),
    "mxfp4": Method("Mxfp4GptOssExperts for the experts; attention stays nn.Linear", "lora.Linear"),
    "nvfp4": Method("NVFP4Linear", None, linear=False),
    "higgs": Method("HiggsLinear", None, linear=False),
    "bitnet": Method("BitLinear or AutoBitLinear", None),
}


_ENDS: dict[str, tuple[str, ...]] = {
    "awq": ("-awq",),
    "gptq": ("-gptq", "-gptq-int4", "-gptq-int8"),
    "bitsandbytes-4bit": ("-bnb-4bit",),
    "bitsandbytes-8bit": ("-bnb-8bit",),
}
"""Method -> how the ids of checkpoints end that are stored by it."""

_FIRST_QWEN = compile_when_used(r"qwen/qwen-.*-chat-int[48]")
"""Ids of GPTQ checkpoints of the first Qwen, in lower case (`Qwen/Qwen-VL-Chat-Int4`)."""

_QWEN_IN_FP8 = compile_when_used(r"qwen/qwen3[\w.-]*-fp8")
"""Ids of FP8 checkpoints of Qwen3, in lower case (`Qwen/Qwen3-8B-FP8`): all of that owner have
`"quant_method": "fp8"` in blocks of 128.
"""


def list_refused_fields(method: Method, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a config (by PEFT's names) that cannot work on the method's layers.

    Holds where LoRA or `modules_to_save` reaches one of them at all.
    """
    fields = [field for field in method.refuses if values.get(field) not in (None, False, [])]
    init = values.get("init_lora_weights")
    if isinstance(init, str) and init.lower().split("_niter_")[0] in method.inits:
        fields.append("init_lora_weights")
    targets = values.get("target_modules")
    if not method.linear and isinstance(targets, str) and targets.lower() == "all-linear":
        fields.append("target_modules")
    return tuple(fields)


KEPT = frozenset(["lm_head", "classifier", "score", "qa_outputs"])
"""Heads, which transformers leaves unquantised (`get_modules_to_not_convert`)."""


def is_quantized(name: str, tree: ModuleTree) -> bool:
    """Whether a linear layer of that name is quantised when the checkpoint is loaded."""
    return name != tree.output_embeddings and name.rpartition(".")[2] not in KEPT


EXPERTS_KEPT = "experts_kept"
"""Key of a tree's facts: the checkpoint's experts are not known to be quantised one by one. It is
put in where a config.json is read (`skeleton/kept_experts.py`).
"""


def find_quantization_method(tree: ModuleTree) -> str | None:
    """The checkpoint's quantisation method as its config.json names it, or None."""
    method = dict(tree.extra).get("quantization")
    return method if isinstance(method, str) else None


def find_method_in_id(model: str) -> str | None:
    """The method that the end of an id tells (`Qwen/Qwen3-8B-AWQ`), for a checkpoint whose
    config.json is not at hand; None where the id tells none, or leaves it open: `-4bit` may be any
    method's, and what ends in `-AWQ-4bit`, or in `-FP8` under other owners, is stored in several
    ways.
    """
    if _FIRST_QWEN.fullmatch(model.lower()):
        return "gptq"
    if _QWEN_IN_FP8.fullmatch(model.lower()):
        return "fp8"
    end = model.lower().rpartition("/")[2]
    return next((name for name, ends in _ENDS.items() if end.endswith(ends)), None)


def find_method(name: str) -> Method | None:
    """What is known of a method, by any spelling of config.json."""
    low = name.lower()
    return METHODS.get(low) or METHODS.get(low.replace("_", "-"))


def describe_method(name: str) -> str:
    """One line for people: what PEFT meets and what it puts on it."""
    method = find_method(name)
    if method is None:
        return f"quantised with {name}; the classes it loads with are not known here"
    wraps = f"wrapped as {method.wrapper}" if method.wrapper else "which PEFT cannot wrap"
    return f"quantised with {name}: PEFT meets {method.layer}, {wraps}"
