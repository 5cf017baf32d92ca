"""Forty and more further adapters of real PEFT, on models of many kinds, with the model's config
beside them.

    python -m tests.engines.further_adapters FOLDER

writes one folder for each row of further_adapters.json: the adapter, and the config.json of its
model in `base/`, which the adapter names as its base. A row has the model's class, its sizes beside
`SIZES` (`whole`: its sizes alone), LoraConfig's fields, what `save_pretrained` is called with, the
rows that the embedding is resized to, files beside the adapter, and the model that is served where
it is not the one that was trained.
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

from .make_adapters import say_in_config

CASES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("further_adapters.json").read_text("utf-8")
)
SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 64,
    "pad_token_id": 0,
}
TOKENS = [3, 5, 1, 2, 9, 4]


def make_adapter(name: str, folder: Path) -> None:
    """Save the adapter of one row to the folder, and its model's config to `base/` there."""
    case = CASES[name]
    model = build_model(case)
    model.config.save_pretrained(folder / "base")
    wrap_model(model, case).save_pretrained(folder, **case.get("save", {}))
    if "served" in case:
        build_model(case["served"]).config.save_pretrained(folder / "base")
    say_in_config(folder, base_model_name_or_path=str(folder / "base"))
    for file, content in case.get("beside", {}).items():
        (folder / file).write_text(json.dumps(content), "utf-8")


def build_model(case: dict[str, Any]) -> Any:
    """The model of a row with random weights, its class in its config."""
    import torch
    import transformers

    torch.manual_seed(0)
    cls = getattr(transformers, case["model"])
    sizes = case.get("sizes", {})
    config = cls.config_class(**({} if case.get("whole") else SIZES) | sizes)
    model = cls(config).eval()
    model.config.architectures = [case["model"]]
    return model


def wrap_model(model: Any, case: dict[str, Any]) -> Any:
    """The model with the row's LoRA, every trained tensor random."""
    import peft
    import torch

    if "resized" in case:
        model.resize_token_embeddings(case["resized"])
    wrapped = peft.get_peft_model(
        model, peft.LoraConfig(**{"r": 8, "lora_alpha": 8} | case["lora"])
    )
    with torch.no_grad():
        for parameter in wrapped.parameters():
            if parameter.requires_grad:
                parameter.normal_(std=0.1)
    return wrapped.eval()


def judge_loaders(name: str, folder: Path) -> dict[str, str]:
    """What PEFT, transformers and merging make of the row's adapter, in the words of the verdicts:
    the answers are those of the trained model, others, or there are none. "changed" is also what
    loads once the model is resized as in training.
    """
    case = CASES[name]
    base = build_model(case)
    trained = wrap_model(copy.deepcopy(base), case)
    answers = _run_model(trained, case)
    trained.save_pretrained(folder, **case.get("save", {}))
    done = {}
    for loader, load in LOADERS.items():
        done[loader] = _judge_loader(load, copy.deepcopy(base), folder, case, answers)
        if done[loader] == "refused" and "resized" in case:
            resized = copy.deepcopy(base)
            resized.resize_token_embeddings(case["resized"])
            again = _judge_loader(load, resized, folder, case, answers)
            done[loader] = "changed" if again == "taken" else again
    return done


def _load_with_peft(model: Any, folder: Path) -> Any:
    import peft

    return peft.PeftModel.from_pretrained(model, folder)


def _load_with_transformers(model: Any, folder: Path) -> Any:
    model.load_adapter(str(folder))
    return model


def _load_merged(model: Any, folder: Path) -> Any:
    return _load_with_peft(model, folder).merge_and_unload()


LOADERS = {
    "peft": _load_with_peft,
    "transformers": _load_with_transformers,
    "merge": _load_merged,
}


def _judge_loader(load: Any, model: Any, folder: Path, case: dict[str, Any], answers: Any) -> str:
    import torch

    try:
        loaded = load(model, folder)
    except (RuntimeError, NotImplementedError):
        return "refused"
    same = torch.allclose(_run_model(loaded, case), answers, atol=1e-4)
    return "taken" if same else "changed"


def _run_model(model: Any, case: dict[str, Any]) -> Any:
    import torch

    tokens = torch.tensor([TOKENS])
    inputs = {"input_ids": tokens}
    if case["model"].startswith("T5"):
        inputs["decoder_input_ids"] = tokens
    with torch.no_grad():
        output = model.eval()(**inputs)
    return output.logits if hasattr(output, "logits") else output.last_hidden_state


def main() -> None:
    """Write all of them."""
    for name in CASES:
        make_adapter(name, Path(sys.argv[1]) / name)


if __name__ == "__main__":
    main()
