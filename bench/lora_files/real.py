"""What real diffusers, PEFT and torch make of a LoRA file: the layers whose matrices are loaded."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Loaded(NamedTuple):
    """The layers that got their matrices, or the error that was raised."""

    layers: frozenset[str]
    error: str | None = None


def load_with_diffusers(path: str, config: dict[str, Any], loader: str) -> Loaded:
    """Load the file with `load_lora_weights` of a loader of diffusers' pipelines, into a model that
    is built of the config without memory for its weights.
    """
    torch, diffusers = import_module("torch"), import_module("diffusers")
    with torch.device("meta"):
        model = getattr(diffusers, config["_class_name"]).from_config(config)
    base = getattr(import_module("diffusers.loaders.lora_pipeline"), loader)
    parts = dict.fromkeys(("transformer", "unet"), model)
    body = {
        **parts,
        "text_encoder": None,
        "text_encoder_2": None,
        "components": parts,
        "hf_device_map": None,
    }
    body |= {"load_lora_into_text_encoder": classmethod(_pass_over)}
    pipeline = type("Pipeline", (base,), body)()
    peft: Any = import_module("peft")
    original, results = peft.set_peft_model_state_dict, []

    def record(*args: Any, **named: Any) -> Any:
        results.append(original(*args, **named))
        return results[-1]

    peft.set_peft_model_state_dict = record
    try:
        pipeline.load_lora_weights(path, low_cpu_mem_usage=True)
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return Loaded(frozenset(), f"{type(error).__name__}: {error}")
    finally:
        peft.set_peft_model_state_dict = original
    # Without memory there are no values to look at: what PEFT misses was not loaded.
    empty = {key.partition(".lora_")[0] for one in results for key in one.missing_keys}
    wrapped = {name for name, module in model.named_modules() if getattr(module, "lora_B", None)}
    return Loaded(frozenset(wrapped - {key for key in empty if key in wrapped}))


def _pass_over(*_: Any, **__: Any) -> None:
    """A text encoder is no part of the comparison."""
