"""Whether the experts of a quantised checkpoint are quantised, as its config.json tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAVES = (("gate_proj", "up_proj", "down_proj"), ("w1", "w2", "w3"))
_ONE_BY_ONE = ("gptqmodel", "gptq", "auto-round", "autoround")


def keeps_experts(quantization: Mapping[str, Any], transformers: Any) -> bool:
    """Whether a checkpoint's `quantization_config` leaves it open, or excludes, that each expert is
    quantised as a linear layer. `transformers` is the release that wrote the config.json.

    Sources: `modules_to_not_convert` is a list of parts of names (AutoAWQ 0.2.9
    `awq/quantize/quantizer.py`), `modules_in_block_to_quantize` one of names (optimum 2.3.0
    `gptq/quantizer.py`), a key of `dynamic` that starts with `-:` leaves modules out (GPTQModel
    7.7.0 `quantization/config.py`). Since transformers 5 a quantiser that does not take the
    experts apart passes over them without a word.
    """
    names = quantization.get("modules_to_not_convert")
    kept = [one for one in names if isinstance(one, str)] if isinstance(names, list) else []
    if any(
        all(any(one in f"mlp.experts.0.{leaf}" for one in kept) for leaf in leaves)
        for leaves in _LEAVES
    ):
        return True
    chosen, dynamic = (
        str(quantization.get("modules_in_block_to_quantize") or ""),
        quantization.get("dynamic"),
    )
    if (chosen and "experts." not in chosen) or (dynamic and "-:" in str(dynamic)):
        return True
    wrote = str(quantization.get("meta") or "").lower()
    return str(transformers).startswith("5") and not any(one in wrote for one in _ONE_BY_ONE)
