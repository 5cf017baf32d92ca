"""Which classes PEFT meets when a checkpoint is loaded quantised, and what it refuses on them.

A built tree is the plain model; transformers swaps the linear layers while it loads. Names and
shapes stay, classes do not. Sources: transformers 5.23.0 `integrations/` and `quantizers/`, PEFT
0.21.2 `tuners/lora/` (bnb.py, gptq.py, awq.py, aqlm.py, eetq.py, hqq.py, torchao.py); read, not
run: most of these need a GPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .model import ModuleTree


class Method(NamedTuple):
    """A quantisation method as PEFT sees it.

    `layer` is the class that stands in for nn.Linear, `wrapper` what PEFT puts on it (None: no
    dispatcher of PEFT knows the class, so wrapping fails), `refuses` LoraConfig fields that PEFT's
    constructor for it refuses when switched on.
    """

    layer: str
    wrapper: str | None
    refuses: tuple[str, ...] = ()


_VELORA = "velora_config"

METHODS: dict[str, Method] = {
    "bitsandbytes-4bit": Method("bitsandbytes.nn.Linear4bit", "lora.Linear4bit", (_VELORA,)),
    "bitsandbytes-8bit": Method("bitsandbytes.nn.Linear8bitLt", "lora.Linear8bitLt", (_VELORA,)),
    "gptq": Method("gptqmodel's quantised linear", "lora.GPTQLoraLinear", ("use_dora", _VELORA)),
    "awq": Method("gptqmodel's AWQ linear", "lora.AwqLoraLinear", ("use_dora", _VELORA)),
    "aqlm": Method("aqlm.QuantizedLinear", "lora.AqlmLoraLinear", ("use_dora", _VELORA)),
    "eetq": Method("EetqLinear", "lora.EetqLoraLinear", ("use_dora", _VELORA)),
    "hqq": Method("hqq's HQQLinear", "lora.HqqLoraLinear", ("lora_bias", _VELORA)),
    "torchao": Method("nn.Linear with torchao weights", "lora.TorchaoLoraLinear", ("lora_bias",)),
    "fp8": Method("FP8Linear, an nn.Linear", "lora.Linear"),
    "fbgemm_fp8": Method("FbgemmFp8Linear, an nn.Linear", "lora.Linear"),
    "compressed-tensors": Method("nn.Linear with compressed weights", "lora.Linear"),
    "mxfp4": Method("Mxfp4GptOssExperts for the experts; attention stays nn.Linear", "lora.Linear"),
    "nvfp4": Method("NVFP4Linear", None),
    "higgs": Method("HiggsLinear", None),
    "bitnet": Method("BitLinear or AutoBitLinear", None),
}


def method(tree: ModuleTree) -> str | None:
    """The checkpoint's quantisation method as its config.json names it, or None."""
    found = dict(tree.extra).get("quantization")
    return found if isinstance(found, str) else None


def known(name: str) -> Method | None:
    """What is known of a method, by any spelling of config.json."""
    low = name.lower()
    return METHODS.get(low) or METHODS.get(low.replace("_", "-"))


def describe(name: str) -> str:
    """One line for people: what PEFT meets and what it puts on it."""
    found = known(name)
    if found is None:
        return f"quantised with {name}; the classes it loads with are not known here"
    wraps = f"wrapped as {found.wrapper}" if found.wrapper else "which PEFT cannot wrap"
    return f"quantised with {name}: PEFT meets {found.layer}, {wraps}"
