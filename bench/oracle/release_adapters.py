"""Adapters that one PEFT release saves, and what one makes of the adapters of others.

    python bench/oracle/release_adapters.py bases FOLDER
    python bench/oracle/release_adapters.py save FOLDER
    python bench/oracle/release_adapters.py load FOLDER peft
    python bench/oracle/release_adapters.py load FOLDER transformers

Run by the Python of a release's environment (`environments.py`); `release_pairs.py` does so for
all of them. It needs torch, PEFT and transformers alone, so that every release can run it. `bases`
saves the tiny models that this transformers has and that are not there yet, `save` the adapters of
`CASES` with the logits of the trained model. `load` prints what loading each adapter of each
release with PEFT, and with transformers' load_adapter, comes to: the "same" logits as when it was
saved, those of the "base" model, "other" ones, or the error.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import peft
import torch
import transformers

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "vocab_size": 32}
HEADS = {"num_attention_heads": 2, "num_key_value_heads": 2}
EXPERTS = {"num_local_experts": 4, "num_experts_per_tok": 2}
BASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", {"attention_bias": True, "tie_word_embeddings": False}),
    "tied": ("Llama", {"tie_word_embeddings": True}),
    "mixtral": ("Mixtral", EXPERTS),
    "gpt-oss": ("GptOss", {**EXPERTS, "head_dim": 8}),
}
"""Name -> the family of transformers' classes, and what of the config is not common to all."""

PLAIN: dict[str, Any] = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]}
BANKS = ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("llama", {}),
    "regex": ("llama", {"target_modules": r".*\.(q|v)_proj"}),
    "all-linear": ("llama", {"target_modules": "all-linear"}),
    "some-layers": ("llama", {"layers_to_transform": [0]}),
    "excluded": ("llama", {"exclude_modules": ["layers.0.self_attn.q_proj"]}),
    "dora": ("llama", {"use_dora": True}),
    "dora-embedding": ("llama", {"use_dora": True, "target_modules": ["q_proj", "embed_tokens"]}),
    "rslora": ("llama", {"use_rslora": True}),
    "bias": ("llama", {"bias": "all"}),
    "lora-bias": ("llama", {"lora_bias": True}),
    "rank-pattern": ("llama", {"rank_pattern": {"v_proj": 2}}),
    "alpha-pattern": ("llama", {"alpha_pattern": {"v_proj": 16}}),
    "saved-head": ("llama", {"modules_to_save": ["lm_head"]}),
    "saved-ends": ("llama", {"modules_to_save": ["embed_tokens", "lm_head"]}),
    "saved-norm": ("llama", {"modules_to_save": ["input_layernorm"]}),
    "embedding": ("llama", {"target_modules": ["q_proj", "embed_tokens"]}),
    "head": ("llama", {"target_modules": ["q_proj", "lm_head"]}),
    "tokens": ("llama", {"trainable_token_indices": [1, 2]}),
    "resized": ("llama", {}),
    "replication": ("llama", {"layer_replication": [[0, 2], [1, 2]]}),
    "alora": ("llama", {"alora_invocation_tokens": [1, 2], "task_type": "CAUSAL_LM"}),
    "tied-plain": ("tied", {}),
    "tied-saved": ("tied", {"modules_to_save": ["embed_tokens"]}),
    "tied-head": ("tied", {"target_modules": ["q_proj", "lm_head"]}),
    "tied-embedding": ("tied", {"target_modules": ["q_proj", "embed_tokens"]}),
    "tied-tokens": ("tied", {"trainable_token_indices": [1, 2]}),
    "moe-attention": ("mixtral", {}),
    "moe-experts": ("mixtral", {"target_modules": ["q_proj", "w1", "w2", "w3"]}),
    "moe-some-experts": ("mixtral", {"target_modules": ["q_proj", "w1", "w2"]}),
    "moe-banks": ("mixtral", {"target_parameters": BANKS}),
    "bank": ("gpt-oss", {"target_parameters": BANKS[:1]}),
    "other-bank": ("gpt-oss", {"target_parameters": BANKS[1:]}),
    "banks": ("gpt-oss", {"target_parameters": BANKS}),
    "banks-alone": ("gpt-oss", {"target_modules": [], "target_parameters": BANKS}),
    "banks-rslora": ("gpt-oss", {"target_parameters": BANKS, "use_rslora": True}),
}
"""Name -> the base model, and what of the LoraConfig is not as in `PLAIN`."""

HERE = f"{peft.__version__}-{transformers.__version__}"
"""The releases that run this."""

TEXT = torch.tensor([[5, 1, 2, 7, 9]])
ROWS = 40
"""Rows of the embedding in the case `resized`."""


def save_bases(folder: Path) -> None:
    """The base models that this transformers has, each once for all releases."""
    for name, (family, options) in BASES.items():
        place = folder / "bases" / name
        if hasattr(transformers, f"{family}ForCausalLM") and not place.exists():
            config = getattr(transformers, f"{family}Config")(**SIZES, **HEADS, **options)
            torch.manual_seed(0)
            model = getattr(transformers, f"{family}ForCausalLM")(config)
            source = torch.Generator().manual_seed(0)
            for parameter in model.parameters():
                parameter.data += torch.randn(parameter.shape, generator=source) * 0.2
            model.save_pretrained(place)


def load_base(folder: Path, case: str) -> Any:
    """The case's base model, as transformers loads it."""
    place = folder / "bases" / CASES[case][0]
    return transformers.AutoModelForCausalLM.from_pretrained(place, torch_dtype=torch.float32)


def compute_logits(model: Any) -> torch.Tensor:
    """The model's answer to the text, for the words that every case has."""
    with torch.no_grad():
        found: torch.Tensor = model.eval()(TEXT).logits[..., : SIZES["vocab_size"]]
    return found


def save_adapters(folder: Path) -> None:
    """Every case that this release can make, below its own number."""
    for case in CASES:
        place = folder / "adapters" / HERE / case
        place.mkdir(parents=True, exist_ok=True)
        try:
            torch.save(_save_adapter(folder, case, place), place / "logits.pt")
        except Exception as error:  # noqa: BLE001 - whatever it raises, the case cannot be made
            (place / "failure.txt").write_text(_describe(error), encoding="utf-8")


def _save_adapter(folder: Path, case: str, place: Path) -> torch.Tensor:
    base = load_base(folder, case)
    if case == "resized":
        base.resize_token_embeddings(ROWS)
    model = peft.get_peft_model(base, peft.LoraConfig(**{**PLAIN, **CASES[case][1]}))
    source = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn(parameter.shape, generator=source) * 0.3
    model.save_pretrained(place)
    return compute_logits(model)


def load_adapters(folder: Path, loader: str) -> dict[str, dict[str, str]]:
    """Releases that saved it -> case -> what loading the adapter here comes to. One loader a
    process: transformers 5 changes PEFT's classes when it loads (patch_moe_parameter_targeting).
    """
    found: dict[str, dict[str, str]] = {}
    for place in sorted((folder / "adapters").glob("*/*")):
        if (place / "logits.pt").exists():
            wanted = torch.load(place / "logits.pt")
            row = found.setdefault(place.parent.name, {})
            row[place.name] = _judge(LOADERS[loader], folder, place, wanted)
    return found


def _load_with_peft(base: Any, place: str) -> Any:
    return peft.PeftModel.from_pretrained(base, place)


def _load_with_transformers(base: Any, place: str) -> Any:
    base.load_adapter(place)
    return base


LOADERS: dict[str, Callable[[Any, str], Any]] = {
    "peft": _load_with_peft,
    "transformers": _load_with_transformers,
}


def _judge(load: Callable[[Any, str], Any], folder: Path, place: Path, wanted: torch.Tensor) -> str:
    try:
        base = load_base(folder, place.name)
    except Exception as error:  # noqa: BLE001 - this transformers has no such model
        return f"no base: {_describe(error)}"
    bare = compute_logits(base)
    try:
        with warnings.catch_warnings(record=True), contextlib.redirect_stdout(io.StringIO()):
            found = compute_logits(load(base, str(place)))
    except Exception as error:  # noqa: BLE001 - whatever a release raises is its answer
        return _describe(error)
    if torch.allclose(found, wanted, atol=1e-3):
        return "same"
    return "base" if torch.allclose(found, bare, atol=1e-3) else "other"


def _describe(error: Exception) -> str:
    """The error's class and the beginning of what it says, without folders."""
    return re.sub(r"/\S+/", ".../", f"{type(error).__name__}: {' '.join(str(error).split())}")[:160]


def main() -> None:
    """Do what the first word says with the folder."""
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    verb, folder = sys.argv[1], Path(sys.argv[2])
    if verb == "bases":
        save_bases(folder)
    elif verb == "save":
        save_adapters(folder)
    else:
        print(json.dumps(load_adapters(folder, sys.argv[3])))


if __name__ == "__main__":
    main()
