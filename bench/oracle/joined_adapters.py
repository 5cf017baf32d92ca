"""What PEFT makes of several adapters on one model: loading them beside each other, combining them,
and swapping one for another.

    python -m bench.oracle.joined_adapters > tests/rules/joined_adapters.json

Each case is two LoraConfigs on a tiny model. "same" means that the combination with weights 1 and 1
of a trained adapter and an empty one answers as the trained one does; "other" that it does not;
else the error that PEFT raises. Of a swap "same" means that the model answers as one that the new
adapter was loaded on; of loading that each adapter answers as it did alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from copy import deepcopy
from typing import Any

import peft
import torch
from peft.utils.hotswap import hotswap_adapter

from .loaders import HEADS, PLAIN, SIZES, TEXT

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({}, {}),
    "rank": ({}, {"r": 8}),
    "alpha": ({}, {"lora_alpha": 32}),
    "dropout": ({}, {"lora_dropout": 0.1}),
    "text": ({"target_modules": r".*\.q_proj"}, {"target_modules": r".*\.v_proj"}),
    "text-and-list": ({"target_modules": r".*\.(q|v)_proj"}, {}),
    "targets": ({"target_modules": ["q_proj"]}, {"target_modules": ["v_proj"]}),
    "fewer": ({}, {"target_modules": ["q_proj"]}),
    "more": ({"target_modules": ["q_proj"]}, {}),
    "layers": ({"layers_to_transform": [0]}, {"layers_to_transform": [1]}),
    "rank-pattern": ({"rank_pattern": {"q_proj": 2}}, {"rank_pattern": {"v_proj": 2}}),
    "one-rank-pattern": ({"rank_pattern": {"q_proj": 2}}, {"rank_pattern": {"q_proj": 2}}),
    "highest-rank": ({"rank_pattern": {"q_proj": 8}}, {"r": 8}),
    "alpha-pattern": ({"alpha_pattern": {"q_proj": 16}}, {}),
    "rslora": ({"use_rslora": True}, {"use_rslora": True}),
    "dora": ({"use_dora": True}, {"use_dora": True}),
    "lora-bias": ({"lora_bias": True}, {"lora_bias": True}),
    "tokens": ({"trainable_token_indices": [1]}, {"trainable_token_indices": [1]}),
    "saved": ({"modules_to_save": ["lm_head"]}, {"modules_to_save": ["lm_head"]}),
    "one-saved": ({"modules_to_save": ["lm_head"]}, {}),
    "new-saved": ({}, {"modules_to_save": ["lm_head"]}),
    "one-tokens": ({"trainable_token_indices": [1]}, {}),
    "new-tokens": ({}, {"trainable_token_indices": [1]}),
    "one-alpha-pattern": ({"alpha_pattern": {"q_proj": 16}}, {"alpha_pattern": {"q_proj": 16}}),
    "embedding": (
        {"target_modules": ["q_proj", "embed_tokens"]},
        {"target_modules": ["q_proj", "embed_tokens"]},
    ),
    "parameters": (
        {"target_parameters": ["experts.gate_up_proj"]},
        {"target_parameters": ["experts.gate_up_proj"]},
    ),
}
"""Name -> what of the two configs is not as in `PLAIN`."""

TOKENS: dict[str, Any] = {"trainable_token_indices": {"embed_tokens": [1]}}
BANK, HEAD = {"target_parameters": ["experts.gate_up_proj"]}, {"modules_to_save": ["lm_head"]}
REPLICATION: dict[str, Any] = {"layer_replication": [[0, 2], [1, 2]]}
LOADED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "bias": ({"bias": "all"}, {"bias": "lora_only"}),
    "one-bias": ({"bias": "all"}, {}),
    "new-bias": ({}, {"bias": "all"}),
    "replication": (REPLICATION, REPLICATION),
    "one-replication": (REPLICATION, {}),
    "new-replication": ({}, REPLICATION),
    "other-tokens": ({"trainable_token_indices": [1]}, {"trainable_token_indices": [2]}),
    "other-saved": (HEAD, {"modules_to_save": ["embed_tokens"]}),
    "other-parameters": (BANK, {"target_parameters": ["experts.down_proj"]}),
    "new-parameters": ({}, BANK),
    "one-dora": ({"use_dora": True}, {}),
    "tokens-and-saved": (TOKENS, {"modules_to_save": ["embed_tokens"]}),
    "saved-and-tokens": ({"modules_to_save": ["embed_tokens"]}, TOKENS),
    "saved-and-target": (HEAD, {"target_modules": ["q_proj", "lm_head"]}),
    "target-and-saved": ({"target_modules": ["q_proj", "lm_head"]}, HEAD),
}
"""Further cases, of two adapters that are loaded beside each other."""

KINDS = ("svd", "linear", "cat", "ties", "ties_svd", "magnitude_prune", "average")
EXACT = ("svd", "cat")
"""Ways that are exact: of the others only whether they are refused is kept."""


def build_base(case: str) -> Any:
    """The case's base model, the same at every call."""
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen3MoeConfig, Qwen3MoeForCausalLM

    torch.manual_seed(0)
    if case.endswith("parameters"):
        sizes = {"moe_intermediate_size": 8, "num_experts": 4, "num_experts_per_tok": 2}
        return Qwen3MoeForCausalLM(Qwen3MoeConfig(**SIZES, **HEADS, **sizes, head_dim=8)).eval()
    biased = case.endswith("bias")
    return LlamaForCausalLM(LlamaConfig(**SIZES, **HEADS, attention_bias=biased)).eval()


def move(model: Any, adapter: str) -> None:
    """Move the trained values of one adapter at random."""
    source = torch.Generator().manual_seed(1)
    for name, parameter in model.named_parameters():
        if f".{adapter}." in f"{name}.":
            parameter.data += torch.randn(parameter.shape, generator=source) * 0.3


def compute_logits(model: Any) -> torch.Tensor:
    """The model's answer to the text."""
    with torch.no_grad():
        found: torch.Tensor = model.eval()(TEXT).logits
    return found


def combine(case: str, kind: str) -> str:
    """What the combination of the case's adapters comes to."""
    one, two = (peft.LoraConfig(**{**PLAIN, **options}) for options in CASES[case])
    density = {} if kind in ("svd", "linear", "cat") else {"density": 0.5}
    try:
        model = peft.get_peft_model(build_base(case), one, adapter_name="one")
        model.add_adapter("two", two)
        move(model, "one")
        wanted = compute_logits(model)
        model.add_weighted_adapter(["one", "two"], [1.0, 1.0], "both", kind, **density)
        model.set_adapter("both")
        found = compute_logits(model)
    except Exception as error:  # noqa: BLE001 - whatever PEFT raises is its answer
        return type(error).__name__
    if kind not in EXACT:
        return "taken"
    return "same" if torch.allclose(found, wanted, atol=1e-3) else "other"


def swap(case: str) -> str:
    """What putting the second adapter in the place of the first comes to."""
    one, two = (peft.LoraConfig(**{**PLAIN, **options}) for options in CASES[case])
    with tempfile.TemporaryDirectory() as folder:
        try:
            trained = peft.get_peft_model(build_base(case), two)
            move(trained, "default")
            trained.save_pretrained(folder)
            wanted = compute_logits(trained)
            model = peft.get_peft_model(build_base(case), one)
            move(model, "default")
            hotswap_adapter(model, folder, adapter_name="default", torch_device="cpu")
            found = compute_logits(model)
        except Exception as error:  # noqa: BLE001 - whatever PEFT raises is its answer
            return type(error).__name__
    return "same" if torch.allclose(found, wanted, atol=1e-3) else "other"


def load(case: str) -> str:
    """What loading both adapters on one model comes to: "same" where each answers as alone."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = {}
        for name, options in zip(("one", "two"), (CASES | LOADED)[case], strict=True):
            config = peft.LoraConfig(**deepcopy({**PLAIN, **options}))
            trained = peft.get_peft_model(build_base(case), config)
            source = torch.Generator().manual_seed(1)
            for parameter in trained.parameters():
                if parameter.requires_grad:
                    parameter.data += torch.randn(parameter.shape, generator=source) * 0.3
            trained.save_pretrained(f"{folder}/{name}")
            wanted[name] = compute_logits(trained)
        return _load_both(case, folder, wanted)


def _load_both(case: str, folder: str, wanted: dict[str, torch.Tensor]) -> str:
    try:
        base = build_base(case)
        model = peft.PeftModel.from_pretrained(base, f"{folder}/one", adapter_name="one")
        model.load_adapter(f"{folder}/two", adapter_name="two")
        found = {}
        for name in wanted:
            model.set_adapter(name)
            found[name] = compute_logits(model)
    except Exception as error:  # noqa: BLE001 - whatever PEFT raises is its answer
        return type(error).__name__
    same = all(torch.allclose(found[name], wanted[name], atol=1e-3) for name in wanted)
    return "same" if same else "other"


def judge_all() -> dict[str, Any]:
    """All cases, with the release that judges them."""
    warnings.simplefilter("ignore")
    # Of the others the second adapter is the one that matters, and it is empty here.
    combinable = [case for case in CASES if not case.startswith("new-")]
    combined = {case: {kind: combine(case, kind) for kind in KINDS} for case in combinable}
    return {
        "peft": peft.__version__,
        "configs": {
            case: [{**PLAIN, **one} for one in options]
            for case, options in (CASES | LOADED).items()
        },
        "combined": combined,
        "swapped": {case: swap(case) for case in CASES},
        "loaded": {case: load(case) for case in CASES | LOADED},
    }


def main() -> None:
    """Print the table."""
    json.dump(judge_all(), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
