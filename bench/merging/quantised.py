"""The tiny model quantised by one method, and what merging an adapter into it comes to.

bitsandbytes and HQQ are the real packages where they are installed; the classes of GPTQ, AWQ, AQLM
and EETQ, which need a GPU, are stand-ins (`bench.oracle.standins`), on which PEFT takes its own way
to `merge`; FP8Linear is transformers' own class.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Any, NamedTuple

import peft
import torch
from torch import nn
from transformers.integrations.finegrained_fp8 import FP8Linear

from bench.oracle import standins

from .training import build_base, compute_logits

if TYPE_CHECKING:
    from pathlib import Path

REAL = {"bitsandbytes-4bit": "bitsandbytes", "bitsandbytes-8bit": "bitsandbytes", "hqq": "hqq"}
"""Methods whose packages run on a CPU -> package."""
STANDINS = ("gptq", "awq", "aqlm", "eetq")
METHODS = (*REAL, *STANDINS, "fp8")


class Merge(NamedTuple):
    """What came of a merge: the error's class, or the share of what the adapter changes in the
    answers that the merged model does not change as it did (0: nothing is lost), and how many
    biases of the merged layers are gone.
    """

    error: str | None = None
    message: str = ""
    lost: float | None = None
    biases: int = 0


def find_release(method: str) -> str | None:
    """The installed release of a method's package; None where it is not there, or not needed."""
    try:
        return importlib.metadata.version(REAL.get(method, ""))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def _quantise_4bit(layer: nn.Linear) -> Any:
    bnb = importlib.import_module("bitsandbytes")
    wide = {"compute_dtype": torch.float32, "quant_type": "nf4"}
    made = bnb.nn.Linear4bit(layer.in_features, layer.out_features, layer.bias is not None, **wide)
    made.load_state_dict(layer.state_dict())
    return made.to("cpu")


def _quantise_8bit(layer: nn.Linear) -> Any:
    bnb = importlib.import_module("bitsandbytes")
    sizes = (layer.in_features, layer.out_features, layer.bias is not None)
    made = bnb.nn.Linear8bitLt(*sizes, has_fp16_weights=False, threshold=6.0)
    made.load_state_dict(layer.state_dict())
    return made.to("cpu")


def _quantise_hqq(layer: nn.Linear) -> Any:
    hqq = importlib.import_module("hqq.core.quantize")
    settings = hqq.BaseQuantizeConfig(nbits=4, group_size=64)
    return hqq.HQQLinear(layer, settings, compute_dtype=torch.float32, device="cpu")


def _quantise_fp8(layer: nn.Linear) -> Any:
    sizes = (layer.in_features, layer.out_features)
    made = FP8Linear(*sizes, block_size=(128, 128), has_bias=layer.bias is not None)
    made.weight.data = layer.weight.data.to(made.weight.dtype)
    return made


def _quantise_standin(method: str, layer: nn.Linear) -> Any:
    sizes = (layer.in_features, layer.out_features, layer.bias is not None)
    return standins.LAYERS[method](*sizes)


def build_quantised(method: str) -> Any:
    """The base model, its linear layers but the head quantised."""
    model = build_base()
    makers = {
        "bitsandbytes-4bit": _quantise_4bit,
        "bitsandbytes-8bit": _quantise_8bit,
        "hqq": _quantise_hqq,
        "fp8": _quantise_fp8,
    }
    for name, layer in list(model.named_modules()):
        if type(layer) is nn.Linear and name != "lm_head":
            make = makers.get(method)
            made = make(layer) if make else _quantise_standin(method, layer)
            parent, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(parent), leaf, made)
    if method.startswith("bitsandbytes"):
        setattr(model, f"is_loaded_in_{method[-4:]}", True)
    if method == "gptq":
        model.quantization_method = "gptq"  # transformers sets it (quantizers/base.py)
    return model


def merge(method: str, adapter: Path) -> Merge:
    """Merge the adapter of a folder into the quantised model."""
    # Asked once on a CPU, bitsandbytes has packed its weights anew, and PEFT merges into others.
    base = build_quantised(method)
    biases = _count_biases(base)
    try:
        merged = peft.PeftModel.from_pretrained(base, adapter).eval().merge_and_unload()
    except (ValueError, NotImplementedError, AttributeError, RuntimeError) as error:
        return Merge(type(error).__name__, str(error).partition("\n")[0])
    gone = biases - _count_biases(merged)
    _restore_biases(merged)
    base = build_quantised(method)
    before = compute_logits(base)
    wanted = compute_logits(peft.PeftModel.from_pretrained(base, adapter).eval())
    lost = (compute_logits(merged) - wanted).norm() / (wanted - before).norm()
    return Merge(lost=float(lost), biases=gone)


def _count_biases(model: Any) -> int:
    """Linear layers, of any class, that have a bias."""
    layers = [one for one in model.modules() if hasattr(one, "in_features")]
    return sum(getattr(one, "bias", None) is not None for one in layers)


def _restore_biases(model: Any) -> None:
    """Give layers whose biases were dropped the base model's, so that only rounding is measured."""
    for name, plain in build_base().named_modules():
        if type(plain) is nn.Linear and plain.bias is not None:
            layer = model.get_submodule(name)
            if layer.bias is None:
                layer.bias = plain.bias.data
