"""`python -m bench.oracle.quantised_experts`: what transformers makes of experts in AWQ and GPTQ.

A Qwen3MoeForCausalLM of two layers is written as such a checkpoint, every expert's layers
quantised, and loaded with transformers' own loader (GPTQ: with optimum's, which has to be
installed). GPTQModel, whose kernels need a GPU, is a stand-in that has the tensors of its linear
class. Printed is what the load report calls missing and unexpected.
"""

from __future__ import annotations

import json
import sys
import tempfile
from enum import StrEnum
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
import transformers
from safetensors.torch import save_file

SIZES = {"hidden_size": 32, "moe_intermediate_size": 8, "num_experts": 4, "num_hidden_layers": 2}
OTHERS = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 64}
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj")
GROUP = 32


class PackedLinear(torch.nn.Module):
    """GPTQModel's linear class with its tensors, and no arithmetic."""

    def __init__(self, *given: int, in_features: int = 0, out_features: int = 0, **_: Any) -> None:
        super().__init__()
        in_features, out_features = given[4:6] if given else (in_features, out_features)
        groups = max(1, in_features // GROUP)
        for name, shape in (
            ("qweight", (in_features, out_features // 8)),
            ("qzeros", (groups, out_features // 8)),
            ("scales", (groups, out_features)),
        ):
            self.register_buffer(name, torch.zeros(shape, dtype=torch.int32))


def stand_in(name: str, **words: Any) -> None:
    """Put a module of that name, with these words, where imports find it."""
    module = ModuleType(name)
    module.__dict__.update(words, __path__=[], __spec__=ModuleSpec(name, None, is_package=True))
    sys.modules[name] = module


def install() -> None:
    """Stand-ins for GPTQModel, and loaders that take it for installed. To run before optimum is
    imported.
    """

    def select(**_: Any) -> type:
        return PackedLinear

    def leave(model: Any, *_: Any, **__: Any) -> Any:
        return model

    method = StrEnum("METHOD", ["AWQ", "GPTQ"])
    words = {"FORMAT": str, "GPTQ": None, "METHOD": method}
    stand_in("gptqmodel", BACKEND=None, QuantizeConfig=SimpleNamespace)
    stand_in("gptqmodel.quantization", **words)
    stand_in("gptqmodel.quantization.awq")
    stand_in("gptqmodel.quantization.awq.modules")
    stand_in("gptqmodel.quantization.awq.modules.act", ScaledActivation=torch.nn.Module)
    stand_in("gptqmodel.utils")
    stand_in("gptqmodel.utils.importer", hf_select_quant_linear_v2=select)
    names = ("hf_gptqmodel_post_init", "hf_convert_gptq_v1_to_v2_format")
    late = {"hf_convert_gptq_v2_to_v1_format": None}
    stand_in("gptqmodel.utils.model", **dict.fromkeys(names, leave), **late)
    stand_in("gptqmodel.version", __version__="7.7.0")
    own = metadata.version
    metadata.version = lambda name: "7.7.0" if name == "gptqmodel" else own(name)
    from transformers.quantizers import quantizer_awq, quantizer_gptq

    quantizer_awq.is_gptqmodel_available = quantizer_gptq.is_gptqmodel_available = lambda: True


def install_optimum() -> bool:
    """Let optimum's loader take the stand-in; False where optimum is not installed."""
    try:
        import optimum.utils
        from optimum.utils import import_utils
    except ImportError:
        return False
    for module in (optimum.utils, import_utils):
        module.is_gptqmodel_available = lambda *_, **__: True
    from optimum.gptq import GPTQQuantizer
    from transformers.quantizers import quantizer_gptq

    quantizer_gptq.is_optimum_available = lambda: True
    GPTQQuantizer.select_quant_linear = lambda self, *_, **__: setattr(
        self, "quant_linear", PackedLinear
    )
    GPTQQuantizer.post_init_model = lambda _, model: model
    return True


def write(folder: Path, method: str) -> None:
    """Write the checkpoint: plain tensors for all but linear layers and experts."""
    config = transformers.Qwen3MoeConfig(**SIZES, **OTHERS, intermediate_size=48)
    state = transformers.Qwen3MoeForCausalLM(config).state_dict()
    tensors = {
        name: value.clone()
        for name, value in state.items()
        if name.split(".")[-2] not in (*LAYERS, "experts")
    }
    for layer in range(2):
        above = f"model.layers.{layer}"
        packed = {
            f"{above}.self_attn.{n}": (32, 16 if n in "k_proj v_proj" else 32) for n in LAYERS
        }
        for expert in range(4):
            for name, sizes in (("gate", (32, 8)), ("up", (32, 8)), ("down", (8, 32))):
                packed[f"{above}.mlp.experts.{expert}.{name}_proj"] = sizes
        for name, sizes in packed.items():
            tensors |= {
                f"{name}.{k}": v
                for k, v in PackedLinear(in_features=sizes[0], out_features=sizes[1])
                .state_dict()
                .items()
            }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    told = {"quant_method": method, "bits": 4, "group_size": GROUP, "sym": True, "desc_act": False}
    values = config.to_dict() | {"quantization_config": told}
    values["architectures"] = ["Qwen3MoeForCausalLM"]
    (folder / "config.json").write_text(json.dumps(values))


def main() -> None:
    """Load one checkpoint of each method."""
    install()
    for method in ("awq", "gptq") if install_optimum() else ("awq",):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), method)
            model, told = transformers.AutoModelForCausalLM.from_pretrained(
                folder, output_loading_info=True
            )
        layer = model.model.layers[0]
        print(f"{method}, transformers {transformers.__version__}: attention is", end=" ")
        print(
            f"{type(layer.self_attn.q_proj).__name__}, experts {type(layer.mlp.experts).__name__}"
        )
        for kind in ("missing_keys", "unexpected_keys"):
            names = sorted(told[kind])
            print(f"  {kind}: {len(names)}, {', '.join(names[:2])}")


if __name__ == "__main__":
    main()
